// A conversation's page: parts that change in place, acts without leaving the page, news from other tabs.
// The server's answers hold whole elements; each replaces the one with its id, and a new turn goes to the end.

import { announce, stickToEnd } from "./assistant-place.js";

const turns = document.getElementById("turns");
const words = turns.dataset;
const NEWS_EVERY = 5000;
let asking = false;
let failures = 0;
let timer;

// --- Swapping ------------------------------------------------------------------------------------

export function swapIn(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  stickToEnd(() => { for (const fresh of [...holder.content.children]) place(fresh); });
  document.dispatchEvent(new Event("turns-changed"));
}

function place(fresh) {
  if (!fresh.id) return;
  if (fresh.matches(".turn")) return placeTurn(fresh);
  const old = document.getElementById(fresh.id);
  if (!old || old.outerHTML === fresh.outerHTML) return;
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(fresh);
  // A button that gave way to another one hands its focus to the field.
  if (hadFocus) (fresh.id === "composer-news" ? fresh : document.getElementById("id_question"))?.focus({ preventScroll: true });
}

function placeTurn(fresh) {
  const old = document.getElementById(fresh.id);
  if (old?.dataset.version === fresh.dataset.version) return;
  const top = old?.parentElement === turns ? old : null;
  // What it was asked again for stands folded inside it.
  for (const folded of fresh.querySelectorAll(".turn")) {
    const shown = document.getElementById(folded.id);
    if (shown?.parentElement === turns) shown.remove();
  }
  const focused = top?.contains(document.activeElement);
  const open = top ? [...top.querySelectorAll("details")].map((fold) => fold.open) : [];
  if (top) top.replaceWith(fresh);
  else turns.append(fresh);
  fresh.querySelectorAll("details").forEach((fold, index) => { fold.open = open[index] ?? fold.open; });
  if (focused) { fresh.tabIndex = -1; fresh.focus({ preventScroll: true }); }
  furnish(fresh);
  if (top && "open" in top.dataset && !("open" in fresh.dataset)) announce(fresh.querySelector("[data-rendered]") ? words.saidDone : words.saidStopped);
}

// What only a script can offer: a button on each piece of code.
export function furnish(root) {
  for (const code of root.querySelectorAll(".markdown pre")) {
    if (code.parentElement.matches(".code")) continue;
    const box = document.createElement("div");
    box.className = "code";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small code-copy";
    button.textContent = words.saidCopy;
    code.tabIndex = 0;
    code.replaceWith(box);
    box.append(code, button);
  }
}

turns.addEventListener("click", async (event) => {
  const raw = event.target.closest("[data-raw]");
  if (raw) showRaw(raw);
  const copy = event.target.closest(".code-copy");
  if (!copy) return;
  try { await navigator.clipboard.writeText(copy.previousElementSibling.textContent); } catch { return; }
  copy.textContent = words.saidCopied;
  announce(words.saidCopied);
  setTimeout(() => { copy.textContent = words.saidCopy; }, 2000);
});

function showRaw(button) {
  const isRaw = button.getAttribute("aria-pressed") !== "true";
  const box = document.getElementById(button.getAttribute("aria-controls"));
  button.setAttribute("aria-pressed", String(isRaw));
  box.hidden = !isRaw;
  box.parentElement.querySelector("[data-rendered]").hidden = isRaw;
}

// --- Asking the server ---------------------------------------------------------------------------

// The answer's text for what was asked; null where nothing is new. Throws where there was none.
export async function fetchPart(url, options = {}) {
  const answer = await fetch(url, {
    headers: { "HX-Request": "true", Accept: "text/html" },
    credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(20000), ...options,
  });
  if (answer.type === "opaqueredirect" || [401, 404].includes(answer.status)) { location.reload(); return null; } // signed out, or no longer shared
  if (answer.status === 204) return null;
  if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
  return answer.text();
}

export function fetchTurn(turn) {
  const url = new URL(turn.dataset.url, location.href);
  url.searchParams.set("v", turn.dataset.version);
  return fetchPart(url);
}

// Acts of a turn: the same forms, without leaving the page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-act]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  try {
    const html = await fetchPart(form.action, { method: "POST", body: new FormData(form) });
    if (html) swapIn(html);
    if (html?.includes('id="composer-news"')) document.getElementById("composer-news").focus();
  } catch { form.submit(); } finally { delete form.dataset.busy; }
});

// --- What other tabs asked, and what Rivya said of costs later --------------------------------------

async function askForNews() {
  clearTimeout(timer);
  if (asking || document.hidden) return;
  asking = true;
  try {
    const url = new URL(words.url, location.href);
    url.searchParams.set("state", document.getElementById("conversation-costs").dataset.state);
    for (const turn of [...turns.children].slice(-words.newsOf)) {
      url.searchParams.append("id", turn.id);
      url.searchParams.append("v", "live" in turn.dataset ? "live" : turn.dataset.version);
    }
    const html = await fetchPart(url);
    if (html) swapIn(html);
    failures = 0;
  } catch { failures += 1; } finally { asking = false; }
  plan();
}

function plan() {
  clearTimeout(timer);
  const isAwaited = turns.querySelector(":scope > [data-unsettled]");
  const pause = (isAwaited ? 2000 : NEWS_EVERY) * 2 ** Math.min(failures, 4);
  if (!document.hidden) timer = setTimeout(askForNews, pause);
}

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : askForNews()));
window.addEventListener("focus", askForNews);
window.addEventListener("online", askForNews);
window.addEventListener("pageshow", (event) => event.persisted && askForNews());
plan();

furnish(turns);
const isAnswering = turns.querySelector(":scope > [data-open]") !== null; // below its question, however long that is
if (!location.hash && (turns.children.length > 1 || isAnswering)) window.scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
