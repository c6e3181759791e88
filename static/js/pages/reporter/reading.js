// What stands in the form now, as plain values; and what the form shows by itself while somebody fills it in.

import { $, $$, show } from "../dom.js";
import { accused } from "./concerns.js";
import { drawChosen, drawCounters, drawPicked } from "./fields.js";

const TEXTS = ["keepAway", "summary", "when", "where", "text", "wants", "name", "unit", "phone", "email", "other", "address"];

const ticked = (name) => $$(`input[name="${name}"]:checked`).map(({ value }) => value);

/** The form's values, in the shape that form.js speaks of. */
export function readForm() {
  return {
    kind: ticked("kind")[0] ?? "",
    unknown: $("#unknown").checked,
    accused: accused(),
    work: $("#work").value,
    inspection: $("#inspection")?.value ?? "",
    categories: ticked("category"),
    objections: ticked("objection"),
    named: ticked("named")[0] !== "no",
    ...Object.fromEntries(TEXTS.map((field) => [field, $(`#${field}`).value])),
  };
}

/** Show and hide what follows from what is chosen. */
export function drawConsequences() {
  const { kind, unknown, named } = readForm();
  show($("#kind-complaint"), kind === "complaint");
  show($("#kind-petition"), kind === "petition");
  show($("#accused"), !unknown);
  show($("#accused-add").parentElement, !unknown);
  show($("#named-fields"), named);
  show($("#unnamed-warning"), !named);
  for (const field of ["work", "inspection"]) if ($(`#${field}`)) drawPicked($(`#${field}`), $(`#${field}-picked`));
  drawChosen();
  drawCounters();
}

export function startReading() {
  const way = $("#way");
  way.addEventListener("input", () => drawCounters(way));
  way.addEventListener("change", ({ target }) => {
    // A person with two posts is one person: ticked at both.
    if (target.name === "objection") {
      for (const box of $$('input[name="objection"]')) if (box.value === target.value) box.checked = target.checked;
    }
    drawConsequences();
  });
  drawConsequences();
}
