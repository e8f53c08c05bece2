// What every page needs: running clocks, relative times, one press per form, menus, copying, first error.

const language = document.documentElement.lang || "en";
const length = language === "hi" ? "long" : "short"; // as the server writes them
const ago = new Intl.RelativeTimeFormat(language, { numeric: "always", style: length });
const unit = (name) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: length });
const units = { hour: unit("hour"), minute: unit("minute"), second: unit("second") };
const STEPS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

function wordsAgo(seconds) {
  const [name, size] = STEPS.find(([, step]) => seconds >= step) ?? STEPS.at(-1);
  return ago.format(-Math.max(0, Math.floor(seconds / size)), name);
}

function wordsElapsed(total) {
  const parts = [["hour", Math.floor(total / 3600)], ["minute", Math.floor(total / 60) % 60], ["second", total % 60]];
  while (parts.length > 1 && !parts[0][1]) parts.shift();
  return parts.slice(0, 2).map(([name, number]) => units[name].format(number)).join(" ");
}

function tick(selector, words) {
  const now = Date.now();
  for (const node of document.querySelectorAll(selector)) {
    const seconds = Math.max(0, Math.floor((now - Date.parse(node.dateTime)) / 1000));
    write(node, words(seconds));
  }
}

setInterval(() => document.hidden || tick("time[data-since]", wordsElapsed), 1000);
setInterval(() => document.hidden || tick("time[data-ago]", wordsAgo), 10000);

// A form marked data-once is sent once. The server finds the first press by itself; this is for the eye.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  if (event.submitter?.hasAttribute("formnovalidate")) return;
  form.dataset.sent = "yes";
  // Later, so that the pressed button's own name and value are still sent.
  setTimeout(() => form.querySelectorAll("button:not([type=button])").forEach((button) => { button.disabled = true; }));
});
// Coming back by the back button shows a page that can be used again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll("button:disabled").forEach((button) => { button.disabled = false; });
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) copyText(copy);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

async function copyText(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("[data-label]");
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
  } catch {
    source.focus();
    source.select?.();
    return;
  }
  label.textContent = document.body.dataset.saidCopied;
  document.getElementById("announcer").textContent = document.body.dataset.saidCopied;
  setTimeout(() => { label.textContent = before; }, 2000);
}

for (const select of document.querySelectorAll("[data-sends]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

const wrong = document.querySelector("[aria-invalid=true]:not([type=hidden])") ?? document.getElementById("form-errors");
wrong?.closest("details:not([open])")?.setAttribute("open", "");
wrong?.focus();
