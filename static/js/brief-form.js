// The brief's form: suggested prompt, price and controls follow what is chosen; what is typed is never lost.

const form = document.getElementById("brief-form");
const STORE = `brief:${form.dataset.draftKey}`;
const KEPT = ["product", "points", "audience", "prompt"];
const FEEDS_PROMPT = ["product", "points", "audience", "channel", "style", "language"];
const promptBox = () => form.elements.prompt;
const isEdited = () => form.elements.prompt_is_mine.value === "1";
let isSent = false;
let timer;

function later(event, pause) {
  clearTimeout(timer);
  timer = setTimeout(() => document.getElementById("prompt").dispatchEvent(new Event(event)), pause);
}

function setEdited(yes) {
  form.elements.prompt_is_mine.value = yes ? "1" : "";
  document.getElementById("prompt-again").hidden = !yes;
  document.getElementById("prompt-suggested").hidden = yes;
}

function count() {
  const box = promptBox();
  const limit = Number(box.dataset.limit);
  const line = document.getElementById("prompt-count");
  const length = [...box.value].length;
  line.querySelector("[data-number]").textContent = length.toLocaleString(document.documentElement.lang);
  line.classList.toggle("is-over", Boolean(limit) && length > limit);
}

form.addEventListener("input", (event) => {
  const { name } = event.target;
  if (name === "prompt") { setEdited(true); count(); }
  if (FEEDS_PROMPT.includes(name) && !isEdited()) later("prompt-stale", 400);
  if (KEPT.includes(name)) keep();
});
form.addEventListener("change", (event) => {
  const { name } = event.target;
  if (name === "model_id") document.getElementById("controls").dispatchEvent(new Event("model-chosen"));
  if (name === "model_id" && !isEdited()) later("prompt-stale", 0);
  if (name === "model_id" || name === "draft_count" || name.startsWith("param_")) {
    document.getElementById("price").dispatchEvent(new Event("price-stale"));
  }
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("#prompt-again")) return;
  setEdited(false);
  later("prompt-stale", 0);
});
// An answer that arrives after the person began to type themselves is not wanted any more.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "prompt" && isEdited()) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:afterSettle", (event) => event.detail.target.id === "prompt" && count());

function keep() {
  const kept = Object.fromEntries(KEPT.map((name) => [name, form.elements[name].value]));
  if (!isEdited()) delete kept.prompt;
  try { localStorage.setItem(STORE, JSON.stringify(kept)); } catch { /* a private window keeps nothing */ }
}

function recall() {
  let kept;
  try { kept = JSON.parse(localStorage.getItem(STORE)); } catch { return; }
  if (!kept || form.dataset.bound) return;
  for (const name of KEPT) {
    if (kept[name] && !form.elements[name].value) form.elements[name].value = kept[name];
  }
  if (kept.prompt) { form.elements.prompt.value = kept.prompt; setEdited(true); } else later("prompt-stale", 0);
}

const hasText = () => KEPT.some((name) => name !== "prompt" && form.elements[name].value !== form.elements[name].defaultValue);
form.addEventListener("submit", (event) => {
  isSent = true;
  if (!event.submitter?.hasAttribute("formnovalidate")) localStorage.removeItem(STORE);
});
window.addEventListener("beforeunload", (event) => { if (hasText() && !isSent) event.preventDefault(); });
window.addEventListener("pageshow", () => { isSent = false; });

recall();
count();
