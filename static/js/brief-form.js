// The brief's form: suggested prompt, price and controls follow what is chosen; what is typed is never lost.

const form = document.getElementById("brief-form");
const STORE = `brief:${form.dataset.draftKey}`;
const KEPT = ["product", "points", "audience", "prompt"];
const FEEDS_PROMPT = ["product", "points", "audience", "channel", "style", "language"];
const promptBox = () => form.elements.prompt;
const isEdited = () => form.elements.prompt_is_suggested.value !== "1";
let isSent = false;
let isStale = false; // the suggested text is older than the answers it is made from
let isFoldOpen = false;
let timer;

function suggestAgain(pause) {
  isStale = true;
  clearTimeout(timer);
  timer = setTimeout(() => document.getElementById("prompt").dispatchEvent(new Event("prompt-stale")), pause);
}

function setEdited(yes) {
  form.elements.prompt_is_suggested.value = yes ? "" : "1";
  document.getElementById("prompt-again").hidden = !yes;
  document.getElementById("prompt-suggested").hidden = yes;
}

const chosenModel = () => form.querySelector("[name=model_id]:checked");

function count() {
  const box = promptBox();
  const limit = Number(chosenModel()?.dataset.limit);
  const line = document.getElementById("prompt-count");
  const length = [...box.value].length;
  line.querySelector("[data-number]").textContent = length.toLocaleString(document.documentElement.lang);
  line.querySelector("[data-limit]").textContent = limit ? ` / ${limit.toLocaleString(document.documentElement.lang)}` : "";
  line.classList.toggle("is-over", Boolean(limit) && length > limit);
}

form.addEventListener("input", (event) => {
  const { name } = event.target;
  if (name === "prompt") { setEdited(true); count(); }
  if (FEEDS_PROMPT.includes(name) && !isEdited()) suggestAgain(400);
  if (KEPT.includes(name)) keep();
});
form.addEventListener("change", (event) => {
  const { name } = event.target;
  if (name === "model_id") chooseModel(event.target);
  if (name === "model_id" || name === "draft_count" || name.startsWith("param_")) {
    document.getElementById("price").dispatchEvent(new Event("price-stale"));
  }
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("#prompt-again")) return;
  setEdited(false);
  suggestAgain(0);
});
// An answer that arrives after the person began to type themselves is not wanted any more.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  if (target.id === "prompt" && isEdited()) event.detail.shouldSwap = false;
  if (target.id === "controls") isFoldOpen = document.getElementById("controls-fold").open;
});
document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  if (target.id === "prompt") { isStale = false; count(); }
  if (target.id === "controls") document.getElementById("controls-fold").open = isFoldOpen;
});

function chooseModel(choice) {
  const card = choice.closest("label");
  form.querySelector("[data-chosen-model]").textContent = card.querySelector("strong").textContent;
  form.querySelector("[data-chosen-price]").textContent = card.querySelector("[data-price]").textContent;
  document.getElementById("controls").dispatchEvent(new Event("model-chosen"));
  count();
}

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
  if (kept.prompt) { form.elements.prompt.value = kept.prompt; setEdited(true); } else suggestAgain(0);
}

const hasText = () => KEPT.some((name) => name !== "prompt" && form.elements[name].value !== form.elements[name].defaultValue);
form.addEventListener("submit", (event) => {
  isSent = true;
  if (isStale && !isEdited()) promptBox().value = ""; // the server writes it from the newest answers
  if (!event.submitter?.hasAttribute("formnovalidate")) localStorage.removeItem(STORE);
});
window.addEventListener("beforeunload", (event) => { if (hasText() && !isSent) event.preventDefault(); });
window.addEventListener("pageshow", () => { isSent = false; });

if (!promptBox().value) setEdited(false);
else setEdited(isEdited());
recall();
count();
