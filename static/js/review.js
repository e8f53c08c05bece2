// The page of one review: keys, swipes and the way to the next one. Everything here also works by links and forms.
// Rule of A: it approves at once only when nothing is missing and nothing is spent; else it leads to what is missing,
// or to the button that names the price, and Enter confirms.

import { attach } from "./viewer.js";
import { isBusy, onShown, say, send, start, travel } from "./review-travel.js";
import { attachPins } from "./review-pins.js";
import { keepTyped } from "./review-typed.js";

const SWITCH = "review-keys";
let main;
let viewer;
let wanted = "changes_wanted"; // what Ctrl + Enter in the note decides
let undoTimer;

const find = (selector) => main.querySelector(selector);
const words = (name) => find("[data-words]").dataset[name];
const pane = () => find("[data-pane]");
const store = { get: (name) => { try { return localStorage.getItem(name); } catch { return null; } }, set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* a private window keeps nothing */ } } };
const areKeysOn = () => store.get(SWITCH) !== "off";

onShown((shown) => {
  main = shown;
  main.classList.add("is-live");
  viewer = attach(find("[data-viewer]"));
  attachPins(main);
  keepTyped(main);
  find("[data-keys-open]").hidden = false;
  find("[data-keys-on]").checked = areKeysOn();
  wanted = "changes_wanted";
  countDown();
  countCharacters();
});

// --- Undo: the offer goes by itself when its time is over ---

function countDown() {
  clearInterval(undoTimer);
  const offer = find("[data-undo]");
  if (!offer) return;
  const ends = Number(main.dataset.received) + Number(offer.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (left > 0) offer.querySelector("[data-left]").textContent = String(left);
    else endUndo(offer);
  };
  tick();
  undoTimer = setInterval(tick, 500);
}

function endUndo(offer) {
  clearInterval(undoTimer);
  const hadFocus = offer.contains(document.activeElement);
  offer.remove();
  if (hadFocus) pane()?.focus({ preventScroll: true });
}

function undo() {
  const offer = find("[data-undo]");
  if (offer) offer.requestSubmit();
  else say(words("noUndo"));
}

// --- Deciding ---

const button = (kind) => find(`[data-decide="${kind}"]`);

function approve() {
  if (!button("rejected")) return;
  if (!button("approved")) return say(words("own"));
  const missing = find("[data-required]:not(:checked)");
  if (missing) {
    missing.focus();
    return say(words("ticks"));
  }
  if (find("#id_with_video:checked")) {
    button("approved").focus();
    return say(words("confirm"));
  }
  send(find("#verdict"), button("approved"));
}

function write(kind) {
  if (!button(kind)) return;
  wanted = kind;
  find("#id_note").focus();
}

function tick(number) {
  const box = main.querySelectorAll("[data-check]")[number - 1];
  if (!box) return false;
  box.click();
  say(`${find(`label[for="${box.id}"]`).firstChild.textContent.trim()}: ${words(box.checked ? "on" : "off")}`);
  return true;
}

function step(way) {
  const link = find(`[data-${way}]`);
  if (link) travel(link.href);
  else say(words("noNext"));
}

function wipe() {
  const reference = find("[data-wipe-reference]");
  if (reference) travel(reference.href);
  else viewer?.turnMode();
}

// --- Keys ---

const ACTS = {
  j: () => step("next"), k: () => step("previous"), a: approve, u: undo,
  c: () => write("changes_wanted"), r: () => write("rejected"),
  z: () => viewer?.turnLock(), w: wipe,
  p: () => find("[data-pin-mode]")?.click(), "?": () => find("#review-keys").showModal(),
};
const FIELDS = "input:not([type=checkbox], [type=radio], [type=range]), select, textarea, audio, video, sound-wave, [contenteditable]";

document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (!main || find("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.id === "id_note") return decideFromNote(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (target.matches(FIELDS)) {
    if (event.key === "Escape" && target.matches("textarea, input, select")) pane()?.focus({ preventScroll: true });
    return;
  }
  if (!areKeysOn() || event.repeat || isBusy() || event.defaultPrevented) return;
  const act = /^[1-9]$/.test(event.key) ? () => tick(Number(event.key)) : ACTS[event.key.toLowerCase()];
  if (!act || act() === false) return;
  event.preventDefault();
});

function decideFromNote(event) {
  event.preventDefault();
  send(find("#verdict"), button(wanted));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) find("#review-keys").showModal();
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-keys-on]")) store.set(SWITCH, target.checked ? "on" : "off");
});

// --- The text of the video, counted against what its model reads ---

function countCharacters() {
  const prompt = find("#id_prompt");
  if (!prompt) return;
  const count = find("#prompt-count");
  const limit = find("#video-controls").dataset.limit;
  const length = [...prompt.value].length;
  count.querySelector("[data-number]").textContent = String(length);
  count.querySelector("[data-limit]").textContent = limit ? ` / ${Number(limit).toLocaleString(document.documentElement.lang)}` : "";
  count.classList.toggle("is-over", Boolean(limit) && length > Number(limit));
}

document.addEventListener("input", ({ target }) => target.id === "id_prompt" && countCharacters());
document.body.addEventListener("htmx:afterSwap", countCharacters);

start();
