// The campaign's form: what its refresh buttons show comes in place, so that nothing jumps. Without this they post the page.

const form = document.getElementById("campaign-form");
let isAsked = 0;

async function refresh(part, name, value) {
  const asked = ++isAsked;
  const typed = new FormData(form);
  typed.append(name, value);
  const answer = await fetch(form.action, { method: "POST", body: typed, headers: { Accept: "text/html" } });
  if (!answer.ok || asked !== isAsked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part);
  const old = document.getElementById(part);
  if (!fresh || !old) return;
  if ("open" in old) fresh.open = old.open;
  keepNewest(old, fresh);
  old.replaceWith(fresh);
  focusAfter(fresh, name, value);
}

// What was typed while the answer was on its way is newer than the answer. Rows are known by their code.
function keepNewest(old, fresh) {
  const codeOf = (row) => row.querySelector("input[type=hidden]").value;
  for (const row of old.querySelectorAll(".item")) {
    const same = [...fresh.querySelectorAll(".item")].find((other) => codeOf(other) === codeOf(row));
    const [text, box] = [row.querySelector("input[type=text]"), row.querySelector("input[type=checkbox]")];
    if (!same) continue;
    if (text) same.querySelector("input[type=text]").value = text.value;
    same.querySelector("input[type=checkbox]").checked = box.checked;
  }
}

// The focus goes on with what was pressed: a moved row keeps its button, a new row is typed into.
function focusAfter(part, name, value) {
  const rows = [...part.querySelectorAll(".item")];
  const number = Number(value);
  if (name === "add_item") rows.at(-1)?.querySelector("input[type=text]")?.focus();
  if (name === "item_up" || name === "item_down") {
    const row = rows[name === "item_up" ? number - 1 : number + 1];
    const same = row?.querySelector(`[name=${name}]:not(:disabled)`) ?? row?.querySelector(".item-tools button:not(:disabled)");
    same?.focus();
  }
  if (name === "remove_item") (rows[number] ?? rows[number - 1] ?? part).querySelector("[name=remove_item], [name=add_item]")?.focus();
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-refresh]");
  if (!button) return;
  event.preventDefault();
  refresh(button.dataset.refresh, button.name, button.value).catch(() => form.requestSubmit(button));
});
form.addEventListener("change", (event) => {
  if (event.target.name === "video_model_id") refresh("formats", "refresh", "1").catch(() => {});
});
