// The offer to take a decision back ([data-undo]) counts down and goes by itself when its time is over.

let timer;

// `received` is when the page came, as performance.now() says it; `moveFocus` is called where the offer had it.
export function countDown(root, received, moveFocus = () => {}) {
  clearInterval(timer);
  const offer = root.querySelector("[data-undo]");
  if (!offer) return;
  const ends = received + Number(offer.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (left > 0) offer.querySelector("[data-left]").textContent = String(left);
    else end(offer, moveFocus);
  };
  tick();
  timer = setInterval(tick, 500);
}

function end(offer, moveFocus) {
  clearInterval(timer);
  const hadFocus = offer.contains(document.activeElement);
  offer.remove();
  if (hadFocus) moveFocus();
}

if (!document.querySelector("main[data-review]")) countDown(document, performance.now());
