// A proof of work in progress: how far it is, and a button that stops it. What the page said before comes back after it.

import { $, el, progress } from "./dom.js";

/** Run `act({tell, signal})`; `words(share)` is the sentence, `stop` the button's. Nothing of the page is held up. */
export async function showWork(act, words, stop) {
  const line = $("#progress");
  const before = line.hidden ? "" : line.textContent;
  const stopper = new AbortController();
  const button = el("button", { type: "button", class: "quiet", id: "stop-work" }, stop);
  button.addEventListener("click", () => stopper.abort());
  let told = -1;
  const tell = (share) => {
    const percent = Math.floor(share * 10) * 10; // in tens: a screen reader says each change
    if (percent === told) return;
    told = percent;
    progress(words(percent));
  };
  tell(0);
  line.after(button);
  try {
    return await act({ tell, signal: stopper.signal });
  } finally {
    button.remove();
    progress(before);
  }
}
