// What is typed and ticked stays in this window until it is sent, so that looking at the next draft loses nothing.

const STORE = "review:";
const KEPT = ["note", "ticked", "with_video", "prompt"];
const key = (main) => `${STORE}${main.dataset.review}:${main.dataset.sha}`;

export function keepTyped(main) {
  const form = main.querySelector("#verdict");
  if (!form) return;
  if (!("typed" in form.dataset)) recall(main, form);
  const keep = () => {
    const typed = [...new FormData(form)].filter(([name]) => KEPT.includes(name));
    if (form.querySelector("#id_prompt")?.value === form.querySelector("#id_prompt")?.defaultValue) drop(typed, "prompt");
    try { sessionStorage.setItem(key(main), JSON.stringify(typed)); } catch { /* a private window keeps nothing */ }
  };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
}

function drop(typed, name) {
  const at = typed.findIndex(([its]) => its === name);
  if (at >= 0) typed.splice(at, 1);
}

function recall(main, form) {
  let typed;
  try { typed = JSON.parse(sessionStorage.getItem(key(main))); } catch { return; }
  if (!typed) return;
  const all = (name) => typed.filter(([its]) => its === name).map(([, value]) => value);
  for (const box of form.querySelectorAll("[name=ticked]")) box.checked = all("ticked").includes(box.value);
  const video = form.querySelector("#id_with_video");
  if (video) video.checked = all("with_video").length > 0;
  for (const name of ["note", "prompt"]) {
    const [value] = all(name);
    if (value && form.elements[name]) form.elements[name].value = value;
  }
}

document.addEventListener("review:done", ({ detail: form }) => {
  const main = form.closest("main[data-review]");
  if (form.id === "verdict" && main) sessionStorage.removeItem(key(main));
});
