// The list of reviews: tick all, tick a stretch with Shift, and how many are ticked. Without it the
// ticks and their button work all the same.

const form = document.getElementById("queue");
if (form?.querySelector("[data-bar]")) watchTicks(form);

function watchTicks(queue) {
  const ticks = [...queue.querySelectorAll("input[name=review], input[name=ref]")];
  const bar = queue.querySelector("[data-bar]");
  const all = queue.querySelector("[data-tick-all]");
  const said = queue.querySelector("[data-ticked]");
  const send = queue.querySelector("[data-bar] [type=submit]");
  const words = { all: all.textContent, none: all.dataset.saidNone };
  let last = null;

  function count() {
    const ticked = ticks.filter((tick) => tick.checked).length;
    said.textContent = ticked ? said.dataset.said.replace("{n}", ticked) : "";
    send.disabled = !ticked;
    bar.toggleAttribute("data-empty", !ticked);
    all.textContent = ticked === ticks.length ? words.none : words.all;
  }

  queue.addEventListener("click", (event) => {
    const at = ticks.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey && last !== null) {
      const [from, to] = [Math.min(at, last), Math.max(at, last)];
      for (const tick of ticks.slice(from, to + 1)) tick.checked = event.target.checked;
    }
    last = at;
    count();
  });
  all.addEventListener("click", () => {
    const wanted = ticks.some((tick) => !tick.checked);
    for (const tick of ticks) tick.checked = wanted;
    count();
  });
  all.hidden = false;
  count();
  window.addEventListener("pageshow", count); // the back button keeps ticks
}

// What the press spends stands on the button, as soon as it does.
const video = document.querySelector("input[name=with_video]");
if (video) {
  const price = document.querySelector("[data-with-video]");
  const show = () => { price.hidden = !video.checked; };
  video.addEventListener("change", show);
  show();
}
