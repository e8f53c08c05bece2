// Keeps the open jobs of a page true: one question every two seconds while somebody looks, none otherwise.
// The answer holds whole elements; each replaces the one with its id. #live itself says where to ask next.

const PAUSE = 2000;
const LONGEST_PAUSE = 30000;
const announcer = document.getElementById("announcer");
let timer;
let failures = 0;
let asking = false;

const live = () => document.getElementById("live");

function plan(pause = PAUSE) {
  clearTimeout(timer);
  if (live()?.dataset.url && !document.hidden) timer = setTimeout(ask, pause);
}

async function ask() {
  const address = live()?.dataset.url;
  if (!address || asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(address, {
      headers: { "HX-Request": "true", Accept: "text/html" },
      credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(15000),
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) return location.reload(); // signed out
    if (answer.status !== 204 && !answer.ok) throw new Error(String(answer.status));
    if (answer.status !== 204) replace(await answer.text());
    if (failures) sayConnected(true);
    failures = 0;
  } catch {
    failures += 1;
    if (failures > 1) sayConnected(false);
  } finally {
    asking = false;
  }
  plan(Math.min(PAUSE * 2 ** failures, LONGEST_PAUSE));
}

function replace(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const news = [];
  for (const fresh of [...holder.content.querySelectorAll("[id]")]) {
    const old = document.getElementById(fresh.id);
    if (!old || !holder.content.contains(fresh) || fresh.parentElement?.closest("[id]")) continue;
    if (fresh.dataset.version && old.dataset.version === fresh.dataset.version) continue;
    if ([...old.querySelectorAll("audio, video")].some((medium) => !medium.paused)) continue;
    if (old.dataset.state !== fresh.dataset.state && fresh.dataset.said) news.push(fresh.dataset.said);
    swap(old, fresh);
  }
  if (news.length) announcer.textContent = news.join(" ");
  document.dispatchEvent(new CustomEvent("live-answer", { detail: news.length > 0 })); // for notices.js: an answer came, and whether it was said
}

// Where the eye and the keyboard were, they stay: open folds, focus and the place on the page.
function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? trace(document.activeElement) : null;
  const open = [...old.querySelectorAll("details")].map((fold) => fold.open);
  const height = window.scrollY;
  old.replaceWith(fresh);
  fresh.querySelectorAll("details").forEach((fold, index) => { fold.open = open[index] ?? fold.open; });
  if (focused) focusAgain(fresh, focused);
  if (window.scrollY !== height) window.scrollTo({ top: height, behavior: "instant" });
}

const trace = (node) => ({ id: node.id, href: node.getAttribute("href"), tag: node.tagName, css: node.className });

function focusAgain(root, { id, href, tag, css }) {
  const alike = [...root.querySelectorAll(tag)].filter((node) => node.getAttribute("href") === href);
  const same = (id && document.getElementById(id)) || alike.find((node) => node.className === css) || alike[0];
  const target = same ?? root;
  if (target === root) root.tabIndex = -1;
  target.focus({ preventScroll: true });
}

function sayConnected(yes) {
  document.getElementById("offline")?.remove();
  if (yes) return;
  const line = document.createElement("p");
  line.id = "offline";
  line.className = "offline";
  line.setAttribute("role", "status");
  line.textContent = document.body.dataset.saidOffline;
  document.body.append(line);
}

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
window.addEventListener("online", ask);
window.addEventListener("pageshow", (event) => event.persisted && ask());
plan();
