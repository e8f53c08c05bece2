// Reference files of a brief's or a question's form: dropped, pasted or picked, each uploaded by itself with its progress.
// The server judges every file; what is checked here only spares a wait.

const part = document.getElementById("references");
const form = part.closest("form");
const list = part.querySelector("[data-list]");
const shelf = part.querySelector("[data-shelf]");
const words = part.dataset;
const AT_ONCE = 2;
const uploads = new Map(); // of tiles that are not here yet
let rules = JSON.parse(document.getElementById("reference-rules").textContent);
let judging;

const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
const modelId = () => form.querySelector("[name=model_id]:checked, [name=model_id][type=hidden]")?.value ?? "";
const tiles = () => [...list.querySelectorAll("[data-file]")];
const tileOf = (id) => tiles().find((tile) => tile.dataset.file === id);
const say = (text) => { part.querySelector("[data-status]").textContent = text; };

part.classList.add("is-live");
for (const node of part.querySelectorAll("[data-live-only]")) node.hidden = false;

// --- What a file is, by its first bytes ---------------------------------------------------------

const text = (bytes, from, to) => String.fromCharCode(...bytes.slice(from, to));
const SIGNATURES = [
  [(b) => b[0] === 0x89 && text(b, 1, 4) === "PNG", "image/png"],
  [(b) => b[0] === 0xff && b[1] === 0xd8, "image/jpeg"],
  [(b) => text(b, 0, 4) === "RIFF" && text(b, 8, 12) === "WEBP", "image/webp"],
  [(b) => text(b, 0, 4) === "RIFF" && text(b, 8, 12) === "WAVE", "audio/wav"],
  [(b) => text(b, 4, 8) === "ftyp" && text(b, 8, 12) === "qt  ", "video/quicktime"],
  [(b) => text(b, 4, 8) === "ftyp" && ["M4A ", "M4B "].includes(text(b, 8, 12)), "audio/mp4"],
  [(b) => text(b, 4, 8) === "ftyp" && ["heic", "heix", "mif1", "msf1", "avif"].includes(text(b, 8, 12)), "image/heic"],
  [(b) => text(b, 0, 3) === "GIF", "image/gif"],
  [(b) => text(b, 0, 4) === "OggS", "audio/ogg"],
  [(b) => text(b, 0, 4) === "%PDF", "application/pdf"],
];

// The rule a file breaks, or nothing. Formats this table does not know are left to the server.
async function objection(file) {
  const bytes = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  const type = SIGNATURES.find(([matches]) => matches(bytes))?.[1];
  if (!type) return "";
  const rule = Object.values(rules.kinds).find((each) => each.types.includes(type));
  if (!rule) return words.saidKind;
  return file.size > rule.bytes ? `${words.saidLarge} ${sizeWords(rule.bytes)}.` : "";
}

const SIZES = [["gigabyte", 1e9], ["megabyte", 1e6], ["kilobyte", 1e3], ["byte", 0]];
function sizeWords(bytes) {
  const [unit, step] = SIZES.find(([, size]) => bytes >= size);
  const format = { style: "unit", unit, maximumFractionDigits: bytes / (step || 1) < 10 ? 1 : 0 };
  return new Intl.NumberFormat("en", format).format(bytes / (step || 1)).replace("byte", "B");
}

// --- Uploading ----------------------------------------------------------------------------------

function freshToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function take(files) {
  const room = rules.most === null ? Infinity : rules.most - tiles().length - uploads.size;
  const taken = [...files].slice(0, Math.max(0, room));
  for (const file of taken) begin(file);
  warn(taken.length < files.length ? `${words.saidMany} ${part.querySelector("[data-rule]").textContent}` : "");
}

async function begin(file) {
  const tile = part.querySelector("[data-pending]").content.firstElementChild.cloneNode(true);
  const upload = { file, tile, token: freshToken(), state: "waiting", request: null };
  uploads.set(tile, upload);
  tile.querySelector("[data-name]").textContent = file.name;
  write(upload, words.saidChecking);
  list.append(tile);
  showPreview(upload);
  await check(upload);
}

async function check(upload) {
  upload.state = "checking";
  const problem = await objection(upload.file).catch(() => "");
  if (upload.state !== "checking") return; // cancelled meanwhile
  if (problem) return stop(upload, problem, false);
  upload.state = "waiting";
  write(upload, words.saidWaiting);
  startNext();
}

function startNext() {
  const all = [...uploads.values()];
  const running = all.filter((upload) => upload.state === "sending").length;
  for (const upload of all.filter((each) => each.state === "waiting").slice(0, AT_ONCE - running)) send(upload);
}

function send(upload) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("csrfmiddlewaretoken", token());
  body.append("token", upload.token);
  body.append("model_id", modelId());
  body.append("file", upload.file);
  Object.assign(upload, { state: "sending", request });
  request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(upload, event.loaded / event.total));
  request.addEventListener("load", () => finish(upload, request));
  request.addEventListener("error", () => stop(upload, words.saidCut, true));
  request.addEventListener("timeout", () => stop(upload, words.saidCut, true));
  request.open("POST", words.uploadUrl);
  request.send(body);
}

function progress(upload, share) {
  upload.tile.querySelector("progress").value = Math.round(share * 100);
  write(upload, share < 1 ? `${Math.round(share * 100)} %` : words.saidChecking);
}

function write(upload, state) {
  upload.tile.querySelector("[data-facts]").textContent = `${sizeWords(upload.file.size)} · ${state}`;
}

function name(upload, word) {
  upload.tile.querySelector("[data-cancel-word]").textContent = word;
}

function finish(upload, request) {
  const isOurs = request.status === 200 && request.responseURL.endsWith(words.uploadUrl);
  if (!isOurs) return stop(upload, request.status === 422 ? request.responseText.trim() : words.saidFailed, request.status !== 422);
  const tile = parsed(request.responseText);
  uploads.delete(upload.tile);
  const twin = tileOf(tile.dataset.file); // the same picture chosen twice is one reference
  twin ? upload.tile.remove() : upload.tile.replaceWith(tile);
  say(`${upload.file.name}: ${words.saidDone}`);
  changed();
  startNext();
}

function stop(upload, problem, canRetry) {
  upload.state = "stopped";
  const line = upload.tile.querySelector("[data-problem]");
  line.textContent = problem;
  line.hidden = false;
  upload.tile.classList.add("is-unfit");
  upload.tile.querySelector("progress").hidden = true;
  upload.tile.querySelector("[data-retry]").hidden = !canRetry;
  name(upload, words.saidTakeOff);
  upload.tile.querySelector("[data-facts]").textContent = sizeWords(upload.file.size);
  say(`${upload.file.name}: ${problem}`);
  startNext();
}

// The same token: where the first request did arrive, its row is found again.
function retry(upload) {
  upload.tile.classList.remove("is-unfit");
  upload.tile.querySelector("[data-problem]").hidden = true;
  upload.tile.querySelector("[data-retry]").hidden = true;
  name(upload, words.saidCancel);
  const bar = upload.tile.querySelector("progress");
  bar.hidden = false;
  bar.value = 0;
  upload.tile.querySelector("[data-cancel]").focus();
  check(upload);
}

function cancel(upload) {
  const wasStopped = upload.state === "stopped";
  upload.state = "cancelled";
  upload.request?.abort();
  uploads.delete(upload.tile);
  focusBeside(upload.tile);
  upload.tile.remove();
  say(`${upload.file.name}: ${wasStopped ? words.saidRemoved : words.saidCancelled}`);
  changed(); // what was said of a file that is gone now goes too
  startNext();
}

// A picture of the file before any of it has left; drawn, since a link to it would need a wider policy.
async function showPreview({ file, tile }) {
  if (!file.type.startsWith("image/")) return;
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: 144, resizeQuality: "medium" });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    tile.querySelector("[data-preview]").replaceChildren(canvas);
  } catch { /* the icon stays */ }
}

function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.querySelector("[data-file]");
}

// --- Picked, dropped, pasted ---------------------------------------------------------------------

part.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches("[data-picker]")) {
    take(target.files);
    target.value = ""; // they go by themselves; with the form they would go twice
  }
  if (target.matches("[data-shelf-box]")) tickFromShelf(target);
});

const hasFiles = (transfer) => [...(transfer?.types ?? [])].includes("Files");
const isOpen = () => !part.querySelector("[data-reference-body]").hidden;
let depth = 0;
form.addEventListener("dragenter", (event) => { if (hasFiles(event.dataTransfer) && isOpen()) mark(depth += 1); });
form.addEventListener("dragleave", (event) => { if (hasFiles(event.dataTransfer) && depth) mark(depth -= 1); });
form.addEventListener("dragover", (event) => { if (hasFiles(event.dataTransfer)) event.preventDefault(); });
form.addEventListener("drop", (event) => {
  if (!hasFiles(event.dataTransfer)) return;
  event.preventDefault();
  mark(depth = 0);
  if (isOpen()) take(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files ?? [];
  if (!files.length || !isOpen()) return;
  event.preventDefault();
  take(files);
});

function mark(count) {
  part.classList.toggle("is-dropping", count > 0);
}

// --- Chosen files ---------------------------------------------------------------------------------

part.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const tile = button?.closest("li");
  if (!button) return;
  const upload = uploads.get(tile);
  if (button.matches("[data-retry]")) return retry(upload);
  if (button.matches("[data-cancel]")) return cancel(upload);
  if (button.matches("[data-move], [data-take-off], [data-browse]")) event.preventDefault();
  if (button.matches("[data-move]")) move(tile, Number(button.dataset.move), button);
  if (button.matches("[data-take-off]")) takeOff(tile);
  if (button.matches("[data-browse]")) browse(button);
});

function move(tile, step, button) {
  const other = step < 0 ? tile.previousElementSibling : tile.nextElementSibling;
  if (!other) return;
  step < 0 ? other.before(tile) : other.after(tile);
  button.focus();
  changed();
}

function takeOff(tile) {
  focusBeside(tile);
  tile.remove();
  const box = shelf.querySelector(`[data-shelf-box][value="${tile.dataset.file}"]`);
  if (box) box.checked = false;
  say(words.saidRemoved);
  changed();
}

function focusBeside(tile) {
  const other = tile.nextElementSibling ?? tile.previousElementSibling;
  (other?.querySelector("button:last-of-type") ?? part.querySelector("input[data-picker]")).focus();
}

async function browse(button) {
  const wasOpen = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!wasOpen));
  shelf.hidden = wasOpen;
  if (!wasOpen) await fillShelf("");
}

async function fillShelf(q) {
  const query = new URLSearchParams([["model_id", modelId()], ["q", q], ...tiles().map((tile) => ["references", tile.dataset.file])]);
  const answer = await fetch(`${words.shelfUrl}?${query}`, { credentials: "same-origin", redirect: "error" }).catch(() => null);
  if (!answer?.ok) return say(words.saidFailed);
  const typed = shelf.querySelector("[data-shelf-search]") === document.activeElement;
  shelf.innerHTML = await answer.text();
  for (const node of shelf.querySelectorAll("[data-live-only]")) node.hidden = false;
  for (const box of shelf.querySelectorAll("[data-shelf-box]")) box.removeAttribute("name"); // its tile speaks for it
  const search = shelf.querySelector("[data-shelf-search]");
  if (typed) { search.focus(); search.setSelectionRange(q.length, q.length); }
}

let searching;
shelf.addEventListener("input", (event) => {
  if (!event.target.matches("[data-shelf-search]")) return;
  clearTimeout(searching);
  searching = setTimeout(() => fillShelf(event.target.value), 250);
});
shelf.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-shelf-search]")) event.preventDefault();
});

function tickFromShelf(box) {
  const known = tileOf(box.value);
  if (!box.checked) { if (known) takeOff(known); return; }
  const tile = box.parentElement.querySelector("template").content.firstElementChild.cloneNode(true);
  if (!known) list.append(tile);
  changed();
}

// --- The model's rules ------------------------------------------------------------------------------

form.addEventListener("change", (event) => {
  if (event.target.name === "model_id") changed();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (["adapts", "controls"].includes(event.detail.target?.id)) changed();
});

function changed() {
  clearTimeout(judging);
  judging = setTimeout(judge, 60);
}

async function judge() {
  const query = new URLSearchParams([["model_id", modelId()], ...tiles().map((tile) => ["references", tile.dataset.file])]);
  const answer = await fetch(`${words.judgeUrl}?${query}`, { credentials: "same-origin", redirect: "error" }).catch(() => null);
  if (answer?.ok) show(await answer.json());
}

function show(verdict) {
  ({ rules } = verdict);
  part.querySelector("[data-optional]").hidden = verdict.is_required || !verdict.takes_any;
  part.querySelector("[data-takes-none]").hidden = verdict.takes_any;
  part.querySelector("[data-reference-body]").hidden = !verdict.takes_any && !list.children.length;
  setText(part.querySelector("[data-rule]"), verdict.rule);
  warn(verdict.together.join(" "));
  for (const tile of tiles()) {
    const problem = verdict.alone[tile.dataset.file] ?? "";
    tile.classList.toggle("is-unfit", Boolean(problem));
    setText(tile.querySelector("[data-problem]"), problem);
  }
}

function setText(node, said, holder = node) {
  node.textContent = said;
  holder.hidden = !said;
}

// What is wrong with all of them together.
function warn(said) {
  const note = part.querySelector("[data-together]");
  const line = note.querySelector("p");
  if (said && line.textContent.trim() !== said) say(said);
  setText(line, said, note);
}

// The form goes only when every file is here or was taken away: none is left behind in silence.
document.addEventListener("submit", (event) => {
  if (event.target !== form || !uploads.size || event.submitter?.hasAttribute("formnovalidate")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const isBroken = [...uploads.values()].every((upload) => upload.state === "stopped");
  warn(isBroken ? words.saidBroken : words.saidWait);
  [...uploads.keys()][0].querySelector("button:not([hidden])").focus();
}, { capture: true });
