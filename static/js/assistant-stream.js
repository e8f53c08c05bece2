// Answers while they are written: one EventSource an open turn. What the stream cannot tell, the row does: where it
// does not open, has gone or falls silent, the turn is asked for every two seconds instead.

import { announce, stickToEnd } from "./assistant-place.js";
import { drawTail } from "./assistant-tail.js";
import { fetchTurn, furnish, swapIn } from "./assistant-turns.js";

const turns = document.getElementById("turns");
const OPENS_WITHIN = 5000;
const POLL_EVERY = 2000;
const SILENT_AFTER = 12000;
const STREAM_AGAIN = 20000; // after it did not work
const live = new Map(); // by the turn's element id
const polled = new Map(); // when a turn's stream was given up

function openTurnIn(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.querySelector(":scope > .turn[data-open]");
}

const length = (text) => [...text].length; // as the server counts, in whole characters

class LiveTurn {
  constructor(node) {
    this.node = node;
    this.blocks = node.querySelector("[data-blocks]");
    this.tailNode = node.querySelector("[data-tail]");
    this.known = Number(node.dataset.length); // characters the page shows already
    this.lastId = "";
    this.received = 0;
    this.tail = "";
    this.fresh = document.createDocumentFragment();
    this.goesOn = false; // the first of the fresh blocks goes on with the list that was drawn last
    this.isReplaying = true; // until the stream has told what the page shows
    this.isDue = false;
    this.heardAt = Date.now();
    node.dataset.live = "";
    drawTail(this.tailNode, this.tailNode.textContent);
    this.start();
  }

  get isHere() { return this.node.isConnected; }

  // --- The stream -------------------------------------------------------------------------------

  async start() {
    this.close();
    this.heardAt = Date.now();
    const isTried = Date.now() - (polled.get(this.node.id) ?? 0) < STREAM_AGAIN;
    if (!this.node.dataset.ticket || !window.EventSource || isTried) return this.poll();
    const attempt = (this.attempt = Symbol("attempt"));
    const isGiven = !this.isTicketUsed; // it came with the page, or with the turn
    this.isTicketUsed = true;
    try {
      if (!isGiven) await fetch(this.node.dataset.ticket, { credentials: "same-origin", redirect: "error", cache: "no-store" });
    } catch { return this.poll(); }
    if (attempt !== this.attempt || !this.isHere) return;
    const source = new EventSource(`${this.node.dataset.stream}?from=${encodeURIComponent(this.lastId)}`);
    this.source = source;
    this.opening = setTimeout(() => { if (source.readyState !== EventSource.OPEN) this.poll(); }, OPENS_WITHIN);
    source.addEventListener("open", () => { clearTimeout(this.opening); this.hasOpened = true; });
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED && source === this.source) this.lost(); });
    for (const kind of ["state", "text", "block", "end", "gone", "renew"]) {
      source.addEventListener(kind, (event) => this.hear(kind, event));
    }
    this.watch();
  }

  // A stream that was open may only need a new ticket; one that never opened is not tried at once again.
  lost() {
    const isLate = !this.hasOpened && !this.isRenewed; // the given ticket was too old
    this.isRenewed = true;
    if (!this.hasOpened && !isLate) return this.poll();
    this.hasOpened = false;
    return this.start();
  }

  close() {
    clearTimeout(this.opening);
    clearTimeout(this.polling);
    clearTimeout(this.watching);
    this.attempt = null;
    this.source?.close();
    this.source = null;
  }

  hear(kind, event) {
    this.heardAt = Date.now();
    if (event.lastEventId) this.lastId = event.lastEventId;
    if (kind === "text") this.take(JSON.parse(event.data));
    else if (kind === "block") this.settle(JSON.parse(event.data));
    else if (kind === "state") this.askForState();
    else if (kind === "renew") this.start();
    else if (kind === "gone") this.poll();
    else this.finish();
  }

  // Waiting and why is the server's to say; once words are here it is past.
  askForState() {
    if (this.received || this.known) return;
    clearTimeout(this.stating);
    this.stating = setTimeout(() => this.read(), 150);
  }

  // A stream that is silent though the turn is open is checked against the row.
  watch() {
    clearTimeout(this.watching);
    this.watching = setTimeout(async () => {
      if (!this.isHere) return this.close();
      if (Date.now() - this.heardAt > SILENT_AFTER && !document.hidden) await this.read();
      if (this.isHere && this.source) this.watch();
    }, 4000);
  }

  // --- The row ------------------------------------------------------------------------------------

  // Swaps in what the server has, but for an open turn of which the page shows as much already. An open turn then gets
  // a LiveTurn anew, a closed one needs none.
  async read() {
    try {
      const html = await fetchTurn(this.node);
      const fresh = html && openTurnIn(html);
      const shown = Math.max(this.received, this.known);
      if (html && !(fresh && shown && Number(fresh.dataset.length) <= shown)) swapIn(html);
    } catch { /* asked again soon */ }
  }

  poll() {
    this.close();
    polled.set(this.node.id, Date.now());
    const again = async () => {
      if (!this.isHere) return;
      if (!document.hidden) await this.read();
      if (this.isHere) this.polling = setTimeout(again, POLL_EVERY);
    };
    this.polling = setTimeout(again, 300);
  }

  async finish() {
    this.close();
    this.draw();
    await this.read();
    if (this.isHere) this.poll(); // not committed yet where we looked
  }

  // --- The text -------------------------------------------------------------------------------------

  take(text) {
    this.received += length(text);
    this.tail += text;
    this.drawSoon();
  }

  settle({ html, rest, goes_on: goesOn }) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const said = holder.content.textContent.trim();
    if (!this.isReplaying && said) announce(said);
    const isFirst = !this.isReplaying && !this.fresh.firstChild; // it meets what stands on the page when it is drawn
    if (goesOn && isFirst) this.goesOn = true;
    else if (goesOn) goOn(this.fresh, holder.content);
    this.fresh.append(holder.content);
    this.tail = rest;
    this.drawSoon();
  }

  drawSoon() {
    if (this.isDue) return;
    this.isDue = true;
    const draw = () => { this.isDue = false; this.draw(); };
    document.hidden ? setTimeout(draw, 200) : requestAnimationFrame(draw);
  }

  // Until the stream has come as far as the page is, the page stays as it is: nothing flickers.
  draw() {
    if (this.isReplaying && this.received < this.known) return;
    if (!this.received) return;
    stickToEnd(() => {
      this.node.querySelector("[data-waits]").hidden = true;
      sayStop();
      furnishAll(this.fresh);
      if (this.isReplaying) this.blocks.replaceChildren(this.fresh);
      else {
        if (this.goesOn) goOn(this.blocks, this.fresh);
        this.blocks.append(this.fresh);
      }
      this.goesOn = false;
      this.isReplaying = false;
      drawTail(this.tailNode, this.tail);
    });
  }
}

// A list that is settled item by item stays one list.
function goOn(shown, fresh) {
  const list = shown.lastElementChild;
  const more = fresh.firstElementChild;
  if (!list?.matches("ul, ol") || list.tagName !== more?.tagName) return;
  list.append(...more.childNodes);
  more.remove();
}

// What could be taken back before the first word can only be stopped behind it.
function sayStop() {
  const button = document.querySelector("[data-once-written]");
  if (!button) return;
  button.querySelector("[data-label]").textContent = button.dataset.onceWritten;
  delete button.dataset.onceWritten;
}

// Code that is settled gets its button at once.
function furnishAll(fragment) {
  const box = document.createElement("div");
  box.className = "markdown";
  box.append(fragment);
  const root = document.createElement("div");
  root.append(box);
  furnish(root);
  fragment.append(...box.childNodes);
}

function follow() {
  for (const [id, one] of live) {
    if (!one.isHere) { one.close(); live.delete(id); }
  }
  for (const node of turns.children) {
    if ("open" in node.dataset && !live.has(node.id)) live.set(node.id, new LiveTurn(node));
  }
}

// After sleep or a lost network the stream may be dead without knowing: it goes on behind the last word.
function wake() {
  if (document.hidden) return;
  polled.clear();
  for (const one of live.values()) {
    const isDead = !one.source || one.source.readyState === EventSource.CLOSED;
    if (isDead || Date.now() - one.heardAt > 3000) one.start();
  }
}

document.addEventListener("turns-changed", follow);
document.addEventListener("visibilitychange", wake);
window.addEventListener("online", wake);
window.addEventListener("pageshow", (event) => event.persisted && wake());
window.addEventListener("pagehide", () => { for (const one of live.values()) one.close(); });
follow();
