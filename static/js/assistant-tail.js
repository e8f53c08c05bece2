// The end of an answer that is still being written, drawn as what it is about to be: no bare marks, and no jump when
// the server's own rendering of the block takes its place. Only how it looks for that moment is decided here; links
// lead nowhere yet, and everything is put in as text.

const LIST = /^( *)([-*+]|\d{1,9}[.)])(?: +(.*)|)$/;
const HEADING = /^ {0,3}(#{1,6})(?: +(.*?)(?: +#+)?|) *$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const QUOTE = /^ {0,3}> ?/;
const ROW = /^ *\|/;
const RULE = /^ {0,3}(?:-{3,}|\*{3,}|_{3,}) *$/;
const BETWEEN = /^ *\|?[\s:|-]*-[\s:|-]*$/; // the line under a table's head
const FIRST_HEADING = 3;
const DEEPEST = 8; // levels of blocks, and of marks in a line; what is deeper stays as it came
const LONGEST = 4000; // characters of one block's words; longer ones stay as they came
const INLINE = new Set(["a", "code", "em", "s", "span", "strong"]);

const made = (name, ...inside) => {
  const node = document.createElement(name);
  node.append(...inside);
  return node;
};

// --- Within a line -----------------------------------------------------------------------------------

const LETTER = /[\p{L}\p{N}]$/u;
const SPECIAL = /[\\`![*_~]/;
const BEGUN = /^[*_~`]{1,3}$/; // a mark that has nothing behind it yet
const within = (name, group = 1) => (found, depth) => made(name, ...inline(found[group], depth + 1));
const MARKS = [
  [/^\\([!-/:-@[-`{-~])/, (found) => found[1]],
  [/^(`+)([^`]+)(?:\1(?!`)|`*$)/, (found) => made("code", found[2])],
  [/^!?\[([^\]\n]*)\]\([^)\s]*(?:\)|$)/, within("a")],
  [/^!?\[([^\]\n]*)\]?$/, within("span")],
  [/^(\*\*)(?=\S)(.+?)(?:\1|\*?$)/s, within("strong", 2)],
  [/^~~(?=\S)(.+?)(?:~~|~?$)/s, within("s")],
  [/^\*(?=[^\s*])(.*?[^\s*])\*/s, within("em")],
];
const BEFORE_A_WORD = [
  [/^(__)(?=\S)(.+?)(?:\1|_?$)/s, within("strong", 2)],
  [/^_(?=[^\s_])(.+?)(?:_(?![\p{L}\p{N}])|$)/su, within("em")],
  [/^\*(?=[^\s*])(.+)$/s, within("em")],
];

function inline(text, depth = 0) {
  if (depth > DEEPEST || text.length > LONGEST) return [text];
  const parts = [];
  let plain = "";
  let rest = text;
  while (rest && !BEGUN.test(rest)) {
    const found = (LETTER.test(plain) ? MARKS : [...MARKS, ...BEFORE_A_WORD])
      .map(([mark, draw]) => [mark.exec(rest), draw]).find(([match]) => match);
    if (found) {
      parts.push(plain, found[1](found[0], depth));
      plain = "";
      rest = rest.slice(found[0][0].length);
    } else {
      const next = rest.slice(1).search(SPECIAL);
      const length = next < 0 ? rest.length : next + 1;
      plain += rest.slice(0, length);
      rest = rest.slice(length);
    }
  }
  return [...parts, plain].filter((part) => part !== "");
}

// --- Lines -------------------------------------------------------------------------------------------

function blocks(lines, depth) {
  if (depth > DEEPEST) return [made("p", lines.join("\n"))];
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    const kind = KINDS.find(([begins]) => begins.test(lines[at]));
    if (!lines[at].trim()) { at += 1; continue; }
    const [node, next] = (kind?.[1] ?? paragraph)(lines, at, depth);
    nodes.push(node);
    at = next;
  }
  return nodes;
}

function until(lines, at, isEnd) {
  let next = at + 1;
  while (next < lines.length && !isEnd(lines[next])) next += 1;
  return next;
}

function fence(lines, at) {
  const mark = FENCE.exec(lines[at])[1];
  const end = until(lines, at, (line) => line.trim().startsWith(mark));
  const box = made("div", made("pre", made("code", lines.slice(at + 1, end).join("\n"))));
  box.className = "code"; // with the room its button will take
  return [box, end + 1];
}

function heading(lines, at) {
  const [, marks, words] = HEADING.exec(lines[at]);
  return [made(`h${Math.max(FIRST_HEADING, marks.length)}`, ...inline(words ?? "")), at + 1];
}

function quote(lines, at, depth) {
  const end = until(lines, at, (line) => !QUOTE.test(line));
  const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return [made("blockquote", ...blocks(inside, depth + 1)), end];
}

function table(lines, at) {
  const end = until(lines, at, (line) => !ROW.test(line));
  const rows = lines.slice(at, end).filter((line) => !BETWEEN.test(line));
  const drawn = rows.map((line, index) => {
    const cells = line.trim().replace(/^\||\|$/g, "").split("|");
    return made("tr", ...cells.map((cell) => made(index ? "td" : "th", ...inline(cell.trim()))));
  });
  const box = made("div", made("table", made("thead", ...drawn.slice(0, 1)), made("tbody", ...drawn.slice(1))));
  box.className = "answer-table";
  return [box, end];
}

// A list with what is indented below its items; an item's further lines belong to it.
function list(lines, at, depth) {
  const [, room, mark] = LIST.exec(lines[at]);
  const isOrdered = /\d/.test(mark);
  const isOurs = (found) => found && found[1].length <= room.length + 1 && /\d/.test(found[2]) === isOrdered;
  const node = made(isOrdered ? "ol" : "ul");
  if (isOrdered && parseInt(mark, 10) !== 1) node.start = parseInt(mark, 10);
  let next = at;
  while (next < lines.length && isOurs(LIST.exec(lines[next]))) {
    const [whole, before, , words = ""] = LIST.exec(lines[next]);
    const end = until(lines, next, (line) => {
      const found = LIST.exec(line);
      return found ? found[1].length <= before.length + 1 : line.trim() && !line.startsWith(" ");
    });
    const indent = whole.length - words.length;
    const below = lines.slice(next + 1, end).map((line) => line.slice(Math.min(indent, line.search(/\S|$/))));
    node.append(made("li", ...inline(words), ...blocks(below, depth + 1)));
    next = end;
  }
  return [node, next];
}

function paragraph(lines, at) {
  const end = until(lines, at, (line) => !line.trim() || KINDS.some(([begins]) => begins.test(line)));
  return [made("p", ...inline(lines.slice(at, end).join("\n").trim())), end];
}

const KINDS = [
  [FENCE, fence], [HEADING, heading], [QUOTE, quote], [RULE, (_lines, at) => [made("hr"), at + 1]], [LIST, list], [ROW, table],
];

// --- Putting it in ------------------------------------------------------------------------------------

// Changes only what differs, so that a selection in what stands already survives the next word.
function fit(old, fresh) {
  const nodes = [...fresh.childNodes];
  nodes.forEach((node, index) => {
    const shown = old.childNodes[index];
    if (!shown) old.append(node);
    else if (shown.nodeName !== node.nodeName || shown.className !== node.className) shown.replaceWith(node);
    else if (node.nodeType !== Node.TEXT_NODE) fit(shown, node);
    else if (node.data.startsWith(shown.data)) shown.appendData(node.data.slice(shown.data.length));
    else shown.data = node.data;
  });
  while (old.childNodes.length > nodes.length) old.lastChild.remove();
}

// Where the next word will stand: the last line of the last block.
function lastOf(holder) {
  let node = holder;
  while (node.lastChild?.nodeType === Node.ELEMENT_NODE && !INLINE.has(node.lastChild.localName)) node = node.lastChild;
  return node;
}

export function drawTail(holder, text) {
  const fresh = made("div", ...blocks(text.replace(/\r\n?/g, "\n").split("\n"), 0));
  for (const node of fresh.querySelectorAll("p, h3, h4, h5, h6, li, th, td")) node.dir = "auto";
  holder.classList.replace("plain-words", "markdown");
  holder.querySelector("[data-written]")?.removeAttribute("data-written");
  fit(holder, fresh);
  if (holder.firstChild) lastOf(holder).dataset.written = "";
}
