// Pins: a place on the picture by mouse, finger or arrows; a list and dots that point to each other.

import { say } from "./review-travel.js";

const MOVE = 1; // percent of the picture for one press of an arrow
const FAR = 10; // with Shift
let main;
let place = [50, 50];
let isPinning = false;

const find = (selector) => main.querySelector(selector);
const layer = () => find("[data-layer]");
const film = () => find("[data-pane] :is(video, audio)");
const between = (value) => Math.min(100, Math.max(0, value));
const words = (name) => find("[data-words]").dataset[name];

export function attachPins(shown) {
  main = shown;
  isPinning = false;
  const mode = find("[data-pin-mode]");
  if (mode) mode.hidden = false;
  layer()?.addEventListener("click", press);
}

function setPinning(yes) {
  isPinning = yes;
  find("[data-viewer]").classList.toggle("is-pinning", yes);
  find("[data-pin-mode]").setAttribute("aria-pressed", String(yes));
  if (!yes) return;
  place = [50, 50];
  if (!layer()) return open(); // a sound has no place but its time
  film()?.pause();
  draw();
  find("[data-pane]").focus({ preventScroll: true });
  say(words("pin"));
}

function draw() {
  const [cross, { width, height }] = [find("[data-cross]"), layer().viewBox.baseVal];
  cross.removeAttribute("hidden");
  cross.setAttribute("transform", `translate(${(place[0] * width) / 100} ${(place[1] * height) / 100})`);
}

// A point of the window in percent of the picture, whatever its zoom.
function press(event) {
  if (!isPinning || event.target.closest("a")) return;
  const { width, height } = layer().viewBox.baseVal;
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(layer().getScreenCTM().inverse());
  place = [between((100 * at.x) / width), between((100 * at.y) / height)];
  draw();
  open();
}

function open() {
  const form = find("#pin-form");
  find("#pin-new").open = true;
  const fill = (id, value) => { const field = form.querySelector(id); if (field) field.value = value; };
  fill("#pin_x", place[0].toFixed(2));
  fill("#pin_y", place[1].toFixed(2));
  fill("#pin_seconds", (film()?.currentTime ?? 0).toFixed(2));
  setPinning(false);
  form.querySelector("#pin_pin_note").focus();
}

function move(event) {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = ways[event.key];
  if (way) {
    const far = event.shiftKey ? FAR : MOVE;
    place = [between(place[0] + way[0] * far), between(place[1] + way[1] * far)];
    draw();
  } else if (event.key === "Enter") open();
  else if (event.key === "Escape") leave();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function leave() {
  setPinning(false);
  find("[data-cross]")?.setAttribute("hidden", "");
}

document.addEventListener("keydown", (event) => {
  if (main && isPinning && !event.target.matches("textarea, input, select")) move(event);
}, true);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-pin-mode]")) isPinning ? leave() : setPinning(true);
  const dot = event.target.closest("[data-dot]");
  if (dot) {
    event.preventDefault();
    const item = document.getElementById(dot.dataset.dot);
    item.focus();
    item.scrollIntoView({ block: "nearest" });
  }
  const item = event.target.closest("[data-pin][data-seconds]");
  if (item && film() && !event.target.closest("details")) film().currentTime = Number(item.dataset.seconds);
});

// Whichever of the two is pointed at, the other lights up.
function light(event) {
  if (!main) return;
  const near = event.target.closest?.("[data-dot], [data-pin]");
  const key = near?.dataset.dot ?? near?.dataset.pin;
  for (const one of main.querySelectorAll(".pin-dot, [data-pin]")) {
    const its = one.dataset.pin ?? one.querySelector("[data-dot]").dataset.dot;
    one.classList.toggle("is-lit", its === key);
  }
}
document.addEventListener("pointerover", light);
document.addEventListener("focusin", light);

// The pins were saved: their list and their dots come anew, everything else stays as it is.
document.addEventListener("review:part", ({ detail: { page, name } }) => {
  if (name !== "pins") return;
  const fresh = document.importNode(page.getElementById("pins"), true);
  find("#pins").replaceWith(fresh);
  const dots = page.getElementById("pin-layer");
  if (dots) layer().replaceChildren(...[...document.importNode(dots, true).childNodes]);
  fresh.querySelector("[data-pin-mode]").hidden = false;
  find("[data-pane]").focus({ preventScroll: true });
  say(words("pinned"));
});
