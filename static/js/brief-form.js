// The brief's form: everything follows the kind and the model that are chosen; what is typed is never lost.

const form = document.getElementById("brief-form");
const STORE = `brief:${form.dataset.draftKey}`;
const KEPT = ["product", "points", "audience", "prompt"]; // typed words
const CHOSEN = ["media_kind", "model_id", "controls_of", "campaign", "campaign_of", "workflow", "workflow_of"]; // and what they were typed for
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
  timer = setTimeout(() => ask("prompt", "prompt-stale"), pause);
}

const ask = (id, what) => document.getElementById(id).dispatchEvent(new Event(what));

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
  if (KEPT.includes(name) || name?.startsWith("param_")) keep();
});
form.addEventListener("change", (event) => {
  const name = event.target.name ?? "";
  const isControl = name.startsWith("param_") || event.target.matches("[data-lines]");
  const follows = name === "channel" && "followsChannel" in document.getElementById("adapts").dataset;
  if (["media_kind", "campaign", "workflow"].includes(name) || follows) ask("adapts", "kind-chosen");
  if (name === "model_id") chooseModel(event.target);
  if (name === "model_id" || name === "draft_count" || isControl) ask("price", "price-stale");
  if (name === "model_id" || isControl) keep();
});
document.addEventListener("click", (event) => {
  const other = event.target.closest("[data-switch]");
  const choice = other && form.querySelector(`[name=model_id][value="${CSS.escape(other.value)}"]:enabled`);
  if (choice) {
    event.preventDefault();
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  }
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
  if (target.id === "adapts") followModel();
});

function chooseModel(choice) {
  const card = choice.closest("label");
  form.querySelector("[data-chosen-model]").textContent = card.querySelector("strong").textContent;
  form.querySelector("[data-chosen-price]").textContent = card.querySelector("[data-price]").textContent;
  ask("controls", "model-chosen");
  followModel();
}

// The text, its limit and the price are for the chosen model.
function followModel() {
  document.getElementById("prompt-unneeded").hidden = !chosenModel()?.hasAttribute("data-no-prompt");
  if (!isEdited()) suggestAgain(0);
  ask("price", "price-stale");
  count();
  keep();
}

function keep() {
  const kept = Object.fromEntries(KEPT.map((name) => [name, form.elements[name].value]));
  if (!isEdited()) delete kept.prompt;
  for (const name of CHOSEN) kept[name] = new FormData(form).get(name) ?? "";
  kept.params = [...new FormData(form)].filter(([name]) => name.startsWith("param_"));
  try { localStorage.setItem(STORE, JSON.stringify(kept)); } catch { /* a private window keeps nothing */ }
}

function recall() {
  if ("taken" in form.dataset) { // what an answer says is not mixed with an older draft
    if (!isEdited()) window.addEventListener("load", () => suggestAgain(0)); // htmx listens by then
    return;
  }
  let kept;
  try { kept = JSON.parse(localStorage.getItem(STORE)); } catch { return; }
  if (!kept || form.dataset.bound) return;
  for (const name of KEPT) {
    if (kept[name] && !form.elements[name].value) form.elements[name].value = kept[name];
  }
  if (kept.prompt) { form.elements.prompt.value = kept.prompt; setEdited(true); } else suggestAgain(0);
  if (kept.model_id && !("asked" in form.dataset)) recallModel(kept);
}

// The server says what has become of the model since, and keeps of the settings what still fits.
function recallModel({ media_kind: kind, model_id: model, controls_of: owner, campaign, campaign_of, workflow, workflow_of, params }) {
  const radio = form.querySelector(`[name=media_kind][value="${CSS.escape(kind)}"]`);
  if (radio) radio.checked = true;
  const values = { model_id: model, controls_of: owner };
  if (campaign) Object.assign(values, { campaign, campaign_of });
  if (workflow) Object.assign(values, { workflow, workflow_of });
  for (const [name, value] of params ?? []) (values[name] ??= []).push(value);
  window.htmx.ajax("POST", document.getElementById("adapts").getAttribute("hx-post"), { source: "#adapts", target: "#adapts", swap: "outerHTML", values });
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
