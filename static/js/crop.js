// A frame over a picture: dragged, zoomed and nudged, it writes the three fields that are sent.
// Without this script the fields alone do the same.

const NUDGE = 1; // percent of the picture, for one press of an arrow; with Shift ten of them
const STEP = 1.05;
const between = (value, low, high) => Math.min(Math.max(value, low), high);

class Frame {
  constructor(form) {
    this.form = form;
    this.ground = form.querySelector("[data-frame]");
    this.svg = form.querySelector("svg");
    const { width, height, ratio } = this.svg.dataset;
    [this.width, this.height] = [Number(width), Number(height)];
    const [across, down] = ratio.split(":").map(Number);
    this.largest = this.fit(across / down);
    this.fingers = new Map();
    this.read();
    this.listen();
    this.draw();
    Object.assign(this.ground, { tabIndex: 0 });
    this.ground.dataset.live = "";
    form.querySelector("[data-live-help]").hidden = false;
  }

  // The largest part of this ratio, in pixels of the picture.
  fit(ratio) {
    const wide = Math.min(this.width, this.height * ratio);
    return { width: wide, height: wide / ratio };
  }

  field(name) { return this.form.elements[name]; }

  read() {
    const number = (name, usual) => { const value = Number(this.field(name).value); return Number.isFinite(value) && this.field(name).value !== "" ? value : usual; };
    this.most = Number(this.field("zoom").max) || 800;
    this.zoom = between(number("zoom", 100), 100, this.most);
    this.x = (number("across", 50) / 100) * this.width;
    this.y = (number("down", 50) / 100) * this.height;
  }

  get size() { const part = 100 / this.zoom; return { width: this.largest.width * part, height: this.largest.height * part }; }

  // Never past an edge of the picture.
  hold() {
    this.zoom = between(this.zoom, 100, this.most);
    const { width, height } = this.size;
    this.x = between(this.x, width / 2, this.width - width / 2);
    this.y = between(this.y, height / 2, this.height - height / 2);
  }

  draw() {
    this.hold();
    const { width, height } = this.size;
    const [left, top] = [this.x - width / 2, this.y - height / 2];
    const edge = this.svg.querySelector("[data-edge]");
    for (const [name, value] of Object.entries({ x: left, y: top, width, height })) edge.setAttribute(name, value);
    const whole = `M0 0H${this.width}V${this.height}H0Z`;
    this.svg.querySelector("[data-shade]").setAttribute("d", `${whole}M${left} ${top}h${width}v${height}h${-width}Z`);
  }

  write() {
    const shown = { across: (100 * this.x) / this.width, down: (100 * this.y) / this.height, zoom: this.zoom };
    for (const [name, value] of Object.entries(shown)) this.field(name).value = String(Math.round(value * 100) / 100);
  }

  move(across, down) {
    this.x += across;
    this.y += down;
    this.settle();
  }

  zoomBy(factor) {
    this.zoom *= factor;
    this.settle();
  }

  settle() {
    this.draw();
    this.write();
  }

  // Pixels of the picture for one of the page.
  get scale() { return this.width / this.svg.getBoundingClientRect().width; }

  listen() {
    const on = (name, act, options) => this.ground.addEventListener(name, (event) => act.call(this, event), options);
    on("pointerdown", this.touch);
    on("pointermove", this.drag);
    on("pointerup", this.lift);
    on("pointercancel", this.lift);
    on("wheel", this.roll, { passive: false });
    on("keydown", this.press);
    for (const name of ["across", "down", "zoom"]) this.field(name).addEventListener("input", () => { this.read(); this.draw(); });
  }

  touch(event) {
    if (event.button > 0) return;
    this.ground.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, event);
    this.ground.classList.add("is-held");
    if (this.fingers.size === 1 && !this.isInside(event)) this.jump(event);
  }

  isInside(event) {
    const box = this.svg.querySelector("[data-edge]").getBoundingClientRect();
    return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  }

  // A press beside the frame brings it there.
  jump(event) {
    const box = this.svg.getBoundingClientRect();
    this.x = (event.clientX - box.left) * this.scale;
    this.y = (event.clientY - box.top) * this.scale;
    this.settle();
  }

  drag(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const other = [...this.fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
    this.fingers.set(event.pointerId, event);
    if (other) return this.zoomBy(apart(before, other) / Math.max(1, apart(event, other)));
    this.move((event.clientX - before.clientX) * this.scale, (event.clientY - before.clientY) * this.scale);
  }

  lift(event) {
    this.fingers.delete(event.pointerId);
    if (!this.fingers.size) this.ground.classList.remove("is-held");
  }

  roll(event) {
    event.preventDefault();
    this.zoomBy(event.deltaY < 0 ? STEP : 1 / STEP);
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = (NUDGE / 100) * (event.shiftKey ? 10 : 1);
    const [across, down] = [step * this.width, step * this.height];
    const acts = {
      ArrowLeft: () => this.move(-across, 0), ArrowRight: () => this.move(across, 0),
      ArrowUp: () => this.move(0, -down), ArrowDown: () => this.move(0, down),
      "+": () => this.zoomBy(STEP), "=": () => this.zoomBy(STEP), "-": () => this.zoomBy(1 / STEP),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

const apart = (one, other) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);

for (const form of document.querySelectorAll("form[data-crop]")) new Frame(form);
