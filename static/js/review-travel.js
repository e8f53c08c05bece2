// From one review to another without a blank screen. The pages before and after are fetched and their pictures decoded
// while somebody looks, so that the next one is there at once. Links and forms marked data-go travel this way.

const FRESH = 60000; // ms until a page fetched ahead is asked for again
const ahead = new Map();
const listeners = [];
let busy = false;

export const isBusy = () => busy;
export const onShown = (listener) => listeners.push(listener);
const main = () => document.querySelector("main[data-review]");
const bare = (url) => new URL(url, location.href).href.split("#")[0];

export function say(words) {
  const announcer = document.getElementById("announcer");
  announcer.textContent = "";
  requestAnimationFrame(() => { announcer.textContent = words; });
}

async function ask(url, options = {}) {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" }, ...options });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main[data-review]");
  if (fresh) fresh.dataset.received = String(performance.now());
  return { page, url: answer.url, status: answer.status, isReview: Boolean(fresh), at: performance.now() };
}

function fetchAhead(url) {
  const known = ahead.get(url);
  if (known && performance.now() - known.at < FRESH) return;
  const coming = ask(url).then(async (found) => { await decode(found.page); return found; });
  coming.catch(() => ahead.delete(url));
  ahead.set(url, { coming, at: performance.now() });
}

// Kept by the document once loaded, so that the swapped page finds it there. The reference is kept until it is shown.
const pictures = new Map();
function decode(page) {
  const source = page.querySelector("[data-pane] img")?.getAttribute("src");
  if (!source) return null;
  const picture = new Image();
  picture.src = source;
  pictures.set(source, picture);
  if (pictures.size > 6) pictures.delete(pictures.keys().next().value);
  return picture.decode().catch(() => {});
}

export async function travel(url, { isBack = false } = {}) {
  if (busy) return;
  busy = true;
  const known = ahead.get(bare(url));
  try {
    const isFresh = known && performance.now() - known.at < FRESH;
    const found = await (isFresh ? known.coming : ask(url));
    if (!found.isReview) return location.assign(url);
    if (!isBack) history.pushState({}, "", url);
    show(found.page);
  } catch {
    location.assign(url);
  } finally {
    busy = false;
  }
}

function show(page) {
  const fresh = document.importNode(page.querySelector("main[data-review]"), true);
  document.title = page.title;
  main().replaceWith(fresh);
  window.scrollTo({ top: 0, behavior: "instant" });
  shown(fresh);
  focus(fresh);
}

function shown(fresh) {
  ahead.delete(bare(location.href));
  window.htmx?.process(fresh);
  for (const listener of listeners) listener(fresh);
  const links = [...fresh.querySelectorAll("[data-next], [data-previous]")].map((link) => bare(link.href));
  for (const url of ahead.keys()) if (!links.includes(url)) ahead.delete(url);
  const later = window.requestIdleCallback ?? ((act) => setTimeout(act, 200));
  later(() => links.forEach(fetchAhead), { timeout: 500 });
}

// The first wrong field, else the picture: a new page begins there, and is named.
function focus(fresh) {
  const wrong = fresh.querySelector("[aria-invalid=true]:not([type=hidden])") ?? fresh.querySelector("#form-errors, #price-moved");
  wrong?.closest("details:not([open])")?.setAttribute("open", "");
  (wrong ?? fresh.querySelector("[data-pane]")).focus({ preventScroll: !wrong });
  if (!wrong) say(fresh.dataset.said);
}

// A form by fetch. data-go="pins" takes only the pins anew and leaves what is typed elsewhere alone.
export async function send(form, submitter) {
  if (busy || !form) return;
  busy = true;
  try {
    const address = submitter?.getAttribute("formaction") ?? form.action;
    const found = await ask(address, { method: "POST", body: new FormData(form, submitter), headers: { Accept: "text/html" } });
    ahead.clear();
    if (!found.isReview) return location.assign(found.url);
    const isPart = form.dataset.go && found.status === 200;
    if (isPart) return document.dispatchEvent(new CustomEvent("review:part", { detail: { page: found.page, name: form.dataset.go } }));
    const here = found.status < 400 ? found.url : location.href;
    if (bare(here) !== bare(location.href)) history.pushState({}, "", here);
    if (found.status < 400) document.dispatchEvent(new CustomEvent("review:done", { detail: form }));
    show(found.page);
  } catch {
    say(document.body.dataset.saidOffline);
  } finally {
    busy = false;
  }
}

export function start() {
  const first = main();
  if (!first) return;
  first.dataset.received = String(performance.now());
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("main[data-review] form[data-go]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("main[data-review] a[data-go]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    travel(link.href);
  });
  window.addEventListener("popstate", () => main() && travel(location.href, { isBack: true }));
  shown(first);
}
