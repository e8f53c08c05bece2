// Looks closely at one picture or at up to four: zoom, move, side by side; two can be wiped over each other.
// `attach(root)` makes a rendered [data-viewer] live; its links and forms work without it. What lies over a
// picture ([data-layer] in its pane) goes along with it, and keeps the size of its marks by --mark.

const MOST = 8; // picture pixels drawn as so many of the page, at most
const STEP = 1.25;
const MOVE = 0.15; // of what is seen, for one press of an arrow
const SWIPE = 60; // px
const OF_THE_PAGE = new Set(["j", "k", "z", "w", "1", "2", "?", "Escape"]); // where the page has keys of its own
const between = (value, low, high) => Math.min(Math.max(value, low), high);

// Where one looks: zoom 1 shows the whole picture; u and v are the middle, as parts of the picture.
const whole = () => ({ zoom: 1, u: 0.5, v: 0.5 });

class Pane {
  constructor(figure, view) {
    this.figure = figure;
    this.image = figure.querySelector("img");
    this.layer = figure.querySelector("[data-layer]");
    this.width = Number(this.image.dataset.width);
    this.height = Number(this.image.dataset.height);
    this.sharp = Number(this.image.dataset.sharp);
    this.view = view;
    Object.assign(this.image, { width: this.width, height: this.height });
  }

  // Alone, a small picture is not blown up; several are brought to one size, or nothing could be compared.
  measure(isAlone) {
    const { clientWidth, clientHeight } = this.figure;
    Object.assign(this, { seenWidth: clientWidth, seenHeight: clientHeight });
    const fit = Math.min(clientWidth / this.width, clientHeight / this.height) || 1;
    this.fit = isAlone ? Math.min(fit, 1) : fit;
  }

  get scale() { return this.fit * this.view.zoom; }

  left() { return place(this.seenWidth, this.width * this.scale, this.view.u); }

  top() { return place(this.seenHeight, this.height * this.scale, this.view.v); }

  draw() {
    this.image.style.transform = `translate(${this.left()}px, ${this.top()}px) scale(${this.scale})`;
    if (this.layer) this.lay(this.layer.style);
    if (this.sharp < this.width && this.width * this.scale * devicePixelRatio > this.sharp) this.sharpen();
  }

  lay(style) {
    Object.assign(style, { left: `${this.left()}px`, top: `${this.top()}px`, width: `${this.width * this.scale}px`, height: `${this.height * this.scale}px` });
    style.setProperty("--mark", String(1 / this.scale));
  }

  // The picture itself, once more is seen than the smaller one holds.
  async sharpen() {
    this.sharp = this.width;
    const full = new Image();
    full.src = this.image.dataset.full;
    await full.decode().then(() => { this.image.src = full.src; }, () => {});
  }
}

const place = (seen, size, middle) => (size <= seen ? (seen - size) / 2 : between(seen / 2 - middle * size, seen - size, 0));

class Viewer {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector("[data-stage]");
    const view = whole();
    this.panes = [...root.querySelectorAll("[data-pane]")].map((figure) => new Pane(figure, view));
    this.fingers = new Map();
    this.isLocked = true;
    this.isKeyed = root.dataset.keys !== "elsewhere"; // else the page has keys of its own
    root.dataset.live = "";
    this.listen();
    this.setMode(root.dataset.mode);
    this.zoomTo(root.dataset.zoom);
  }

  get main() { return this.panes[0]; }

  listen() {
    document.addEventListener("keydown", () => { this.root.dataset.keyed = ""; }, { once: true });
    this.root.addEventListener("keydown", (event) => this.press(event));
    this.root.addEventListener("click", (event) => this.choose(event));
    for (const pane of this.panes) {
      const on = (name, act, options) => pane.figure.addEventListener(name, (event) => act.call(this, event, pane), options);
      on("wheel", this.roll, { passive: false });
      on("pointerdown", this.touch);
      on("pointermove", this.drag);
      on("pointerup", this.lift);
      on("pointercancel", this.lift);
      on("dblclick", this.turn);
    }
    new ResizeObserver(() => this.measure()).observe(this.stage);
    this.listenToLine();
  }

  listenToLine() {
    const [line, wipe] = ["[data-line]", "[data-wipe]"].map((name) => this.root.querySelector(name));
    if (!line) return;
    wipe.addEventListener("input", () => this.wipeTo(wipe.value));
    line.addEventListener("pointerdown", (event) => line.setPointerCapture(event.pointerId));
    line.addEventListener("pointermove", (event) => {
      if (!line.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.stage.getBoundingClientRect();
      wipe.value = String(between((100 * (event.clientX - left)) / width, 0, 100));
      this.wipeTo(wipe.value);
    });
  }

  // --- What is seen ---

  measure() {
    for (const pane of this.panes) pane.measure(this.panes.length === 1);
    this.draw();
  }

  draw() {
    for (const { view } of this.panes) this.hold(view);
    for (const pane of this.panes) pane.draw();
    this.root.classList.toggle("is-near", this.panes.some((pane) => pane.view.zoom > 1));
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.say(), 150);
  }

  // Never past an edge: the middle stays where something of the picture is on all sides.
  hold(view) {
    const pane = this.panes.find((each) => each.view === view);
    view.zoom = between(view.zoom, 1, Math.max(1, MOST / pane.fit));
    const half = (seen, size) => Math.min(0.5, seen / 2 / (size * pane.scale));
    const [x, y] = [half(pane.seenWidth, pane.width), half(pane.seenHeight, pane.height)];
    view.u = between(view.u, x, 1 - x);
    view.v = between(view.v, y, 1 - y);
  }

  say() {
    const shown = this.root.querySelector("[data-zoom-shown]");
    const percent = `${Math.round(this.main.scale * 100)} %`;
    shown.hidden = false;
    if (shown.textContent !== percent) shown.textContent = percent;
    for (const choice of this.root.querySelectorAll("[data-zoom-to]")) {
      const is = Math.abs(this.zoomOf(choice.dataset.zoomTo) - this.main.view.zoom) < 0.005;
      is ? choice.setAttribute("aria-current", "true") : choice.removeAttribute("aria-current");
    }
  }

  zoomOf(name) { return name === "fit" ? 1 : Math.max(1, Number(name) / 100 / this.main.fit); }

  zoomTo(name) {
    this.measure();
    for (const { view } of this.panes) view.zoom = this.zoomOf(name);
    this.draw();
  }

  // The point under the pointer stays under it.
  zoomAt(pane, factor, clientX, clientY) {
    const box = pane.figure.getBoundingClientRect();
    const [x, y] = [clientX - box.left, clientY - box.top];
    const [u, v] = [(x - pane.left()) / (pane.width * pane.scale), (y - pane.top()) / (pane.height * pane.scale)];
    pane.view.zoom = between(pane.view.zoom * factor, 1, Math.max(1, MOST / pane.fit));
    pane.view.u = u + (pane.seenWidth / 2 - x) / (pane.width * pane.scale);
    pane.view.v = v + (pane.seenHeight / 2 - y) / (pane.height * pane.scale);
    this.draw();
  }

  zoomBy(factor) {
    for (const view of new Set(this.panes.map((pane) => pane.view))) view.zoom *= factor;
    this.draw();
  }

  moveBy(pane, x, y) {
    pane.view.u -= x / (pane.width * pane.scale);
    pane.view.v -= y / (pane.height * pane.scale);
    this.draw();
  }

  setMode(wanted) {
    const mode = this.panes.length === 2 ? wanted : "side";
    const isWipe = mode === "wipe";
    this.root.dataset.mode = mode;
    for (const part of this.root.querySelectorAll("[data-line], [data-wipe]")) part.hidden = !isWipe;
    const lock = this.root.querySelector("[data-lock]");
    if (lock) lock.hidden = isWipe;
    if (isWipe) this.lock(true);
    for (const choice of this.root.querySelectorAll("[data-mode-to]")) {
      choice.dataset.modeTo === mode ? choice.setAttribute("aria-current", "true") : choice.removeAttribute("aria-current");
    }
    this.measure();
  }

  lock(yes) {
    this.isLocked = yes;
    for (const pane of this.panes.slice(1)) pane.view = yes ? this.main.view : { ...this.main.view };
    this.root.querySelector("[data-lock]")?.setAttribute("aria-pressed", String(yes));
    this.draw();
  }

  wipeTo(value) { this.stage.style.setProperty("--wipe", `${value}%`); }

  // --- What people do ---

  choose(event) {
    const choice = event.target.closest("[data-zoom-to], [data-mode-to], [data-lock]");
    if (!choice || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (choice.dataset.zoomTo) this.zoomTo(choice.dataset.zoomTo);
    else if (choice.dataset.modeTo) this.setMode(choice.dataset.modeTo);
    else this.lock(!this.isLocked);
  }

  // Only while the keyboard is in the viewer, and never where somebody types or chooses.
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea, audio, video")) return;
    const pane = this.panes.find((each) => each.figure === event.target) ?? this.main;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!this.isKeyed && OF_THE_PAGE.has(key)) return;
    const act = this.acts(pane)[key];
    if (act && act() !== false) event.preventDefault();
  }

  acts(pane) {
    const arrow = (x, y, way) => () => {
      if (pane.view.zoom > 1) return this.moveBy(pane, x * pane.seenWidth * MOVE, y * pane.seenHeight * MOVE);
      return way && this.isKeyed ? this.go(way) : false;
    };
    return {
      ArrowLeft: arrow(1, 0, "previous"), ArrowRight: arrow(-1, 0, "next"), ArrowUp: arrow(0, 1), ArrowDown: arrow(0, -1),
      j: () => this.go("next"), k: () => this.go("previous"), Escape: () => this.leave(),
      "+": () => this.zoomBy(STEP), "=": () => this.zoomBy(STEP), "-": () => this.zoomBy(1 / STEP),
      0: () => this.zoomTo("fit"), 1: () => this.zoomTo("100"), 2: () => this.zoomTo("200"),
      w: () => this.turnMode(),
      "?": () => this.showKeys(),
      z: () => this.turnLock(),
    };
  }

  turnMode() { return this.panes.length === 2 && this.setMode(this.root.dataset.mode === "wipe" ? "side" : "wipe"); }

  turnLock() { return this.panes.length > 1 && this.root.dataset.mode === "side" && this.lock(!this.isLocked); }

  go(way) {
    const link = this.root.querySelector(`[data-${way}]`);
    link?.click();
    return Boolean(link);
  }

  showKeys() {
    const keys = this.root.querySelector("details:has(kbd)");
    keys.open = !keys.open;
    return true;
  }

  leave() {
    const keys = this.root.querySelector("details[open]");
    if (keys) keys.open = false;
    else return this.go("close");
    keys.querySelector("summary").focus();
    return true;
  }

  roll(event, pane) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.zoomAt(pane, Math.exp(-between(event.deltaY * lines, -120, 120) / 300), event.clientX, event.clientY);
  }

  turn(event, pane) {
    const factor = pane.view.zoom > 1 ? 1 / pane.view.zoom : Math.max(2, 1 / pane.fit);
    this.zoomAt(pane, factor, event.clientX, event.clientY);
  }

  touch(event, pane) {
    if (event.button !== 0 || event.target.closest("[data-layer] a")) return;
    pane.figure.setPointerCapture(event.pointerId);
    if (!this.fingers.size) this.began = { x: event.clientX, y: event.clientY, wasWhole: pane.view.zoom === 1, isPinch: false };
    this.fingers.set(event.pointerId, event);
    if (this.fingers.size > 1) this.began.isPinch = true;
  }

  drag(event, pane) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const [other] = [...this.fingers.values()].filter((each) => each.pointerId !== event.pointerId);
    this.fingers.set(event.pointerId, event);
    this.moveBy(pane, (event.clientX - before.clientX) / this.fingers.size, (event.clientY - before.clientY) / this.fingers.size);
    if (!other) return;
    const wide = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
    this.zoomAt(pane, wide(event) / wide(before), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
  }

  lift(event) {
    if (!this.fingers.delete(event.pointerId) || this.fingers.size) return;
    const { x, y, wasWhole, isPinch } = this.began;
    const [far, high] = [event.clientX - x, Math.abs(event.clientY - y)];
    const isSwipe = event.type === "pointerup" && event.pointerType === "touch" && wasWhole && !isPinch;
    if (isSwipe && Math.abs(far) > SWIPE && high < Math.abs(far) / 2) this.go(far < 0 ? "next" : "previous");
  }
}

const viewers = new WeakMap();

export function attach(root) {
  if (!root.querySelector("[data-pane] img[data-width]")) return null;
  if (!viewers.has(root)) viewers.set(root, new Viewer(root));
  return viewers.get(root);
}

for (const root of document.querySelectorAll("[data-viewer]")) attach(root);
