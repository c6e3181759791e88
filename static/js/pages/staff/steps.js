// Pages that go step by step: one section is shown, its heading has the focus.

import { $, $$, busy, fault, show } from "../dom.js";
import { explain } from "./words.js";

export function step(name) {
  fault();
  for (const section of $$("section[id^='step-']")) show(section, section.id === `step-${name}`);
  show($("#steps"));
  for (const item of $$("#steps li")) {
    if (item.dataset.step === name) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
  const heading = $(`#step-${name} h1`);
  heading.tabIndex = -1;
  heading.focus();
}

/** Run `act` when the form is sent; what goes wrong is said on the page. */
export function onSubmit(id, act) {
  const form = $(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fault();
    busy(form, act).catch((error) => fault(explain(error)));
  });
}
