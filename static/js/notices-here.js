// Turns notifications on and off in this one browser. The permission is asked for by a press alone.

const here = document.getElementById("notices-here");
const ON = "notices-here";

function state() {
  if (!("Notification" in window) || !window.isSecureContext) return "unable";
  if (Notification.permission === "denied") return "blocked";
  return Notification.permission === "granted" && isOn() ? "on" : "off";
}

function isOn() {
  try { return localStorage.getItem(ON) === "on"; } catch { return false; }
}

function keep(value) {
  try { localStorage.setItem(ON, value); } catch { /* a browser that keeps nothing shows nothing */ }
}

function paint() {
  const now = state();
  for (const line of here.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== now;
  here.querySelector("[data-act=on]").hidden = now !== "off";
  here.querySelector("[data-act=off]").hidden = now !== "on";
}

here?.addEventListener("click", async (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (!act) return;
  if (act === "on" && (await Notification.requestPermission()) === "granted") keep("on");
  if (act === "off") keep("off");
  paint();
  here.querySelector("[data-act]:not([hidden])")?.focus();
});

if (here) paint();
