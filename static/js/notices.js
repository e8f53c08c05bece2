// Keeps the number on the bell true on every page of a member, shows new notices in a browser that was
// told to, and brings the list of notifications up to date. Pages with open jobs ask for the number
// already (live.js): their answer counts here as well.

const PAUSE = 20000;
const PAUSE_BEHIND = 60000; // of a page nobody looks at, and only where this browser may show something
const ON = "notices-here"; // "on" where somebody turned it on in this browser
const SHOWN = "notices-shown"; // ids, newest last, of what this browser showed: for every tab
const ASKED = "notices-asked"; // when a tab behind other windows asked last
const MOST_SHOWN = 200;
const announcer = document.getElementById("announcer");
let version = badge()?.dataset.version;
let timer;
let asking = false;
let saidAt = -Infinity; // when the page itself said what is new: the number must not talk over it

function badge() {
  return document.getElementById("unread-badge");
}

function mayShow() {
  return "Notification" in window && Notification.permission === "granted" && read(ON) === "on";
}

function read(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

function keep(name, value) {
  try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ }
}

function plan() {
  clearTimeout(timer);
  if (!badge()?.dataset.url || (document.hidden && !mayShow())) return;
  timer = setTimeout(ask, document.hidden ? PAUSE_BEHIND : PAUSE);
}

function anotherAsked() {
  if (!document.hidden) return false;
  if (Date.now() - Number(read(ASKED)) < PAUSE_BEHIND - 5000) return true;
  keep(ASKED, String(Date.now()));
  return false;
}

async function ask() {
  const place = badge();
  if (!place?.dataset.url || asking || (document.hidden && !mayShow())) return;
  if (anotherAsked()) return plan();
  asking = true;
  try {
    const answer = await fetch(`${place.dataset.url}?v=${encodeURIComponent(version ?? "")}`, {
      headers: { "HX-Request": "true" },
      credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(15000),
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) return clearTimeout(timer); // signed out
    if (answer.status === 200) await take(await answer.text());
  } catch { /* the next question is soon */ } finally {
    asking = false;
  }
  plan();
}

async function take(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.getElementById("unread-badge");
  const news = [...holder.content.querySelectorAll("#fresh-notices > li")].map((item) => ({ ...item.dataset, words: item.textContent }));
  if (!fresh) return;
  const before = count(version);
  version = fresh.dataset.version;
  badge()?.replaceWith(fresh);
  if (count(version) > before && announcer && performance.now() - saidAt > 5000) announcer.textContent = fresh.dataset.said;
  await refreshList();
  if (mayShow()) await once(() => show(news));
}

const count = (text) => Number.parseInt(text ?? "0", 10);

async function refreshList() {
  const list = document.getElementById("notice-list");
  if (!list || list.dataset.version === version) return;
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" }, credentials: "same-origin", cache: "no-store" });
  if (!answer.ok) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const fresh = holder.content.getElementById("notice-list");
  if (!fresh) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const open = new Set([...list.querySelectorAll("details[open] a")].map((link) => link.getAttribute("href")));
  list.replaceWith(fresh);
  for (const fold of fresh.querySelectorAll("details")) fold.open = [...fold.querySelectorAll("a")].some((link) => open.has(link.getAttribute("href")));
  if (focused) [...fresh.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus({ preventScroll: true });
}

// One tab at a time looks at what was shown and adds to it.
function once(act) {
  return navigator.locks ? navigator.locks.request("notices", act) : act();
}

function show(news) {
  let shown = [];
  try { shown = JSON.parse(read(SHOWN) ?? "[]"); } catch { /* somebody else's words */ }
  const fresh = news.filter(({ id }) => !shown.includes(id));
  if (!fresh.length) return;
  keep(SHOWN, JSON.stringify([...shown, ...fresh.map(({ id }) => id)].slice(-MOST_SHOWN)));
  for (const kind of new Set(fresh.map((one) => one.kind))) {
    const [first, ...more] = fresh.filter((one) => one.kind === kind);
    tell(first, more.length);
  }
}

function tell(first, more) {
  const title = more ? `${first.title} (${more + 1})` : first.title;
  const shown = new Notification(title, { body: first.words, tag: `notices-${first.kind}`, icon: document.querySelector("link[rel=icon]")?.href });
  shown.onclick = () => {
    shown.close();
    window.focus();
    location.assign(more ? new URL("../", new URL(badge()?.dataset.url ?? first.url, location.href)) : first.url);
  };
}

document.addEventListener("live-answer", (event) => {
  if (event.detail) saidAt = performance.now();
  if (badge()?.dataset.version === version) return plan(); // the number was just asked for
  ask();
});
document.addEventListener("visibilitychange", () => (document.hidden ? plan() : ask()));
window.addEventListener("pageshow", (event) => event.persisted && ask());
plan();
