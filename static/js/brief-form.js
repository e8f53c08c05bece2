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
  if (yes) { clearTimeout(timer); isStale = false; }
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

// Going back and sending the same words again is the same brief: the history entry remembers its token.
// Changed words are another brief, also where the browser brought the sent form back as it was.
function settleToken() {
  const token = form.elements.form_token;
  const words = JSON.stringify([...new FormData(form)].filter(([name]) => !["form_token", "csrfmiddlewaretoken"].includes(name)));
  const sent = history.state?.sent;
  if (sent?.words === words) token.value = sent.token;
  else if (sent?.token === token.value) token.value = freshToken();
  history.replaceState({ ...history.state, sent: { token: token.value, words } }, "");
}

function freshToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const hasText = () => KEPT.some((name) => name !== "prompt" && form.elements[name].value !== form.elements[name].defaultValue);
form.addEventListener("submit", (event) => {
  isSent = true;
  if (isStale && !isEdited()) promptBox().value = ""; // the server writes it from the newest answers
  if (event.submitter?.hasAttribute("formnovalidate")) return;
  settleToken();
  localStorage.removeItem(STORE);
});
window.addEventListener("beforeunload", (event) => { if (hasText() && !isSent) event.preventDefault(); });
window.addEventListener("pageshow", () => { isSent = false; });

if (!promptBox().value) setEdited(false);
else setEdited(isEdited());
recall();
count();
