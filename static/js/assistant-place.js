// Where the reader is, and what is said aloud.

const told = document.getElementById("told");
const NEAR = 120; // pixels from the end that count as being there

// Runs a change; who was at the end of the page stays at its end, who reads further up stays there.
export function stickToEnd(change) {
  const root = document.documentElement;
  const wasThere = window.innerHeight + window.scrollY >= root.scrollHeight - NEAR;
  change();
  if (wasThere) window.scrollTo({ top: root.scrollHeight, behavior: "instant" });
}

export function toEnd() {
  window.scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
}

// Whole blocks, never letters: what comes while the last is still being read is added to it.
let waiting = "";
let saying;
export function announce(text) {
  waiting += ` ${text}`;
  clearTimeout(saying);
  saying = setTimeout(() => { told.textContent = waiting.trim(); waiting = ""; }, 400);
}
