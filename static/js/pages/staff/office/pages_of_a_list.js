// A list that comes in pages: the first by what is searched for, further ones on request.

import { $, busy, fault, show } from "../../dom.js";
import { explain } from "../words.js";

const PAUSE = 250; // milliseconds after the last key

/**
 * Keeps a list filled: `ask(query)` fetches a page whose `next` leads on, `fill(answer, more)` shows it.
 * Returns a function that begins anew.
 */
export function listed({ query, ask, fill, controls }) {
  let next = null;
  let turn = 0;
  const button = $("#more");

  async function fetchPage(more) {
    const mine = ++turn;
    const answer = await ask({ ...query(), ...(more ? { after: next } : {}) });
    if (mine !== turn) return; // something else has been asked for meanwhile
    next = answer.next;
    show(button, next !== null);
    fill(answer, more);
  }

  const begin = () => fetchPage(false);
  button.addEventListener("click", () => busy(button.parentElement, () => fetchPage(true)).catch((error) => fault(explain(error))));
  let timer;
  for (const control of controls) {
    control.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => begin().catch((error) => fault(explain(error))), PAUSE);
    });
  }
  return begin;
}
