// Lines of a spoken model: add, remove and move. Without this script the spare rows are typed into.

const SPARE = 2;

function prepare(list) {
  if (list.dataset.ready) return;
  list.dataset.ready = "yes";
  list.querySelectorAll("[data-tools], [data-add]").forEach((tools) => { tools.hidden = false; });
  const rows = [...list.querySelectorAll("[data-line]")];
  const empty = rows.filter((row) => !row.querySelector("textarea").value);
  while (rows.length - empty.length > SPARE && empty.length) empty.pop().remove();
}

const prepareAll = () => document.querySelectorAll("[data-lines]").forEach(prepare);
const changed = (list) => list.dispatchEvent(new Event("change", { bubbles: true }));
const announce = (words) => { document.getElementById("announcer").textContent = words; };

function add(list) {
  const rows = list.querySelectorAll("[data-line]");
  const fresh = rows[rows.length - 1].cloneNode(true);
  fresh.querySelectorAll("textarea, input").forEach((box) => { box.value = ""; box.removeAttribute("id"); box.removeAttribute("aria-invalid"); });
  rows[rows.length - 1].after(fresh);
  fresh.querySelector("textarea").focus();
}

function remove(row, list) {
  const rows = [...list.querySelectorAll("[data-line]")];
  if (rows.length === 1) {
    row.querySelector("textarea").value = "";
    row.querySelector("textarea").focus();
  } else {
    const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
    const id = row.querySelector("textarea").id;
    row.remove();
    if (id) list.querySelector("[data-line] textarea").id = id;
    next.querySelector("textarea").focus();
  }
  changed(list);
}

function move(row, list, step, button) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other?.matches("[data-line]")) return;
  if (step < 0) other.before(row); else other.after(row);
  button.focus();
  announce(`${list.dataset.saidMoved} ${[...list.querySelectorAll("[data-line]")].indexOf(row) + 1}`);
  changed(list);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-lines] button");
  if (!button) return;
  const list = button.closest("[data-lines]");
  const row = button.closest("[data-line]");
  if (button.hasAttribute("data-add")) add(list);
  else if (button.hasAttribute("data-remove")) remove(row, list);
  else if (button.dataset.move) move(row, list, Number(button.dataset.move), button);
});
document.addEventListener("htmx:afterSettle", prepareAll);
prepareAll();
