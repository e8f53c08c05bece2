// Films and sound: one plays at a time, and the drawing of a sound is where one listens from.

const STEP = 5; // seconds

document.addEventListener("play", ({ target }) => {
  for (const other of document.querySelectorAll("audio, video")) if (other !== target) other.pause();
}, true);

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

class SoundWave extends HTMLElement {
  connectedCallback() {
    this.sound = this.parentElement.querySelector("audio");
    if (!this.sound) return; // only a picture of it
    this.role = "slider";
    this.tabIndex = 0;
    this.setAttribute("aria-label", this.dataset.label);
    this.setAttribute("aria-valuemin", "0");
    this.addEventListener("pointerdown", this);
    this.addEventListener("pointermove", this);
    this.addEventListener("keydown", this);
    for (const name of ["timeupdate", "seeked", "loadedmetadata"]) this.sound.addEventListener(name, this);
    this.show(0);
  }

  get length() {
    return Number.isFinite(this.sound.duration) ? this.sound.duration : Number(this.dataset.seconds);
  }

  handleEvent(event) {
    if (event.type === "keydown") this.press(event);
    else if (event.type === "pointerdown" && event.button === 0) this.grab(event);
    else if (event.type === "pointermove") this.hasPointerCapture(event.pointerId) && this.reach(event);
    else if (event.target === this.sound) this.show(this.sound.currentTime);
  }

  grab(event) {
    this.setPointerCapture(event.pointerId);
    this.reach(event);
  }

  reach(event) {
    const place = this.getBoundingClientRect();
    this.seek(((event.clientX - place.left) / place.width) * this.length);
  }

  press(event) {
    const at = this.sound.currentTime;
    const to = { ArrowRight: at + STEP, ArrowUp: at + STEP, ArrowLeft: at - STEP, ArrowDown: at - STEP, Home: 0, End: this.length }[event.key];
    if (event.key === " " || event.key === "Enter") this.sound.paused ? this.sound.play() : this.sound.pause();
    else if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    else this.seek(to);
    event.preventDefault();
    event.stopPropagation();
  }

  // Before its first bytes are here a player forgets where it was sent.
  seek(seconds) {
    const at = Math.min(Math.max(0, seconds), this.length || 0);
    this.show(at);
    if (this.sound.readyState) this.sound.currentTime = at;
    else {
      this.sound.addEventListener("loadedmetadata", () => { this.sound.currentTime = at; }, { once: true });
      this.sound.preload = "metadata";
      this.sound.load();
    }
  }

  show(seconds) {
    const length = this.length || 0;
    this.style.setProperty("--played", `${length ? (100 * seconds) / length : 0}%`);
    this.setAttribute("aria-valuemax", String(Math.round(length)));
    this.setAttribute("aria-valuenow", String(Math.round(seconds)));
    this.setAttribute("aria-valuetext", this.dataset.said.replace("{at}", clock(seconds)).replace("{all}", clock(length)));
  }
}

customElements.define("sound-wave", SoundWave);
