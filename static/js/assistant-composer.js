// The field a question is typed in: keys, its local draft, its count, and sending without leaving the page.

const form = document.getElementById("composer");
const box = form.elements.question;
const isNew = "new" in form.dataset;
const STORE = `talk:${form.dataset.draftKey}`;
const isTouch = matchMedia("(pointer: coarse)").matches;
let isBusy = false;

const part = (name) => form.querySelector(name);
const limit = () => Number(document.getElementById("composer-foot").dataset.limit ?? form.dataset.limit);

// --- Typing --------------------------------------------------------------------------------------

function grow() {
  box.style.removeProperty("height");
  if (!CSS.supports("field-sizing", "content")) box.rows = Math.min(12, Math.max(isNew ? 3 : 1, box.value.split("\n").length));
}

function count() {
  const typed = [...box.value].length + [...(form.elements.context?.value ?? "")].length;
  const line = part("[data-count]");
  const most = limit();
  line.hidden = typed < most / 2;
  line.textContent = `${typed.toLocaleString(document.documentElement.lang)} / ${most.toLocaleString(document.documentElement.lang)}`;
  line.classList.toggle("is-over", typed > most);
}

function keep() {
  try {
    if (box.value) localStorage.setItem(STORE, box.value);
    else localStorage.removeItem(STORE);
  } catch { /* a private window keeps nothing */ }
}

box.addEventListener("input", () => { grow(); count(); keep(); });
form.elements.context?.addEventListener("input", count);
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
  const isWanted = event.ctrlKey || event.metaKey || !(event.shiftKey || event.altKey || isTouch);
  if (!isWanted) return;
  event.preventDefault();
  const send = part("[data-send]");
  if (send && !send.disabled && box.value.trim()) form.requestSubmit(send);
});

// Escape stops what is being answered, unless it closes something first.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("details[data-menu][open]")) return;
  const stop = part("[data-stop]");
  if (stop && !stop.disabled) form.requestSubmit(stop);
});

// --- Sending ---------------------------------------------------------------------------------------

function freshToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function post(url, body) {
  const { fetchPart } = await import("./assistant-turns.js");
  return fetchPart(url, { method: "POST", body });
}

async function send(event) {
  const button = event.submitter;
  const isStop = button?.hasAttribute("data-stop");
  if (!isStop && button?.hasAttribute("formnovalidate")) return; // a button of a page without scripts
  event.preventDefault();
  if (isBusy || (!isStop && !box.value.trim())) return;
  isBusy = true;
  if (button) button.disabled = true;
  const body = new FormData(form);
  if (isStop) for (const name of ["question", "context", "references"]) body.delete(name);
  try {
    const html = await post(isStop ? button.getAttribute("formaction") : form.action, body);
    if (html) await take(html, isStop);
  } catch {
    sayCut();
  } finally {
    isBusy = false;
    if (button?.isConnected) button.disabled = false;
  }
}

async function take(html, isStop) {
  const { swapIn } = await import("./assistant-turns.js");
  const { toEnd } = await import("./assistant-place.js");
  const isRefused = html.includes('id="composer-news"');
  if (!isStop && !isRefused) empty();
  swapIn(html);
  if (isRefused) document.getElementById("composer-news").focus({ preventScroll: true });
  else if (!isStop) toEnd();
}

// Asked: the field is ready for the next question.
function empty() {
  box.value = "";
  form.elements.form_token.value = freshToken();
  form.elements.again_of.value = "";
  for (const name of ["[data-editing]", "[data-context]"]) part(name)?.remove();
  part("[data-list]").replaceChildren();
  part("[data-shelf]").replaceChildren();
  part("[data-shelf]").hidden = true;
  part("[data-browse]")?.setAttribute("aria-expanded", "false");
  document.getElementById("composer-news").replaceChildren();
  if (location.search.includes("edit=")) history.replaceState(history.state, "", location.pathname);
  keep();
  grow();
  count();
  box.focus();
}

// The token stays, so that the same question sent again is asked once.
function sayCut() {
  const line = document.createElement("p");
  line.className = "errorlist";
  line.textContent = form.dataset.saidCut;
  document.getElementById("composer-news").replaceChildren(line);
}

// A conversation that ended while it was read takes no question any more; words that are typed already stay to be copied.
function closeWhereItEnded() {
  if (part("#composer-foot").firstElementChild || box.value.trim()) return;
  form.remove();
}

// --- A new conversation ------------------------------------------------------------------------------

// What follows the chosen workflow and model: prices, what the model can be told, whether it takes pictures.
async function follow() {
  const body = new FormData(form);
  body.append("refresh", "1");
  const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin", redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const wasOpen = document.querySelector(".model-fold").open;
  for (const fresh of [...holder.content.children]) {
    const old = document.getElementById(fresh.id);
    const focused = old?.contains(document.activeElement) ? document.activeElement : null;
    old?.replaceWith(fresh);
    if (fresh.matches("#talk-choice")) fresh.querySelector(".model-fold").open = wasOpen;
    if (focused) fresh.querySelector(`[name="${focused.name}"][value="${CSS.escape(focused.value)}"], select[name="${focused.name}"]`)?.focus();
  }
  count();
}

// Going back and sending other words is another conversation; the same words are the same one.
function settleToken() {
  const token = form.elements.form_token;
  const words = JSON.stringify([...new FormData(form)].filter(([name]) => !["form_token", "csrfmiddlewaretoken"].includes(name)));
  const sent = history.state?.sent;
  if (sent?.words === words) token.value = sent.token;
  else if (sent?.token === token.value) token.value = freshToken();
  history.replaceState({ ...history.state, sent: { token: token.value, words } }, "");
}

if (isNew) {
  form.addEventListener("change", (event) => { if (["model_id", "workflow"].includes(event.target.name)) follow(); });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formnovalidate")) return;
    settleToken();
    localStorage.removeItem(STORE);
  });
} else {
  form.addEventListener("submit", send);
  document.addEventListener("turns-changed", closeWhereItEnded);
}

if (!("keeps" in form.dataset) && !box.value) {
  try { box.value = localStorage.getItem(STORE) ?? ""; } catch { /* nothing was kept */ }
}
grow();
count();
const wrong = document.getElementById("composer-news");
if (wrong.querySelector(".note")) wrong.focus();
else if (!isTouch || "keeps" in form.dataset) box.focus({ preventScroll: true });
