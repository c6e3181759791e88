// An organisation from a file: its faults by line, what it would change, and taking it in once that is agreed with.

import { $, el, fault, replace, show } from "../../dom.js";
import { unlocked } from "../session.js";
import { explain, t } from "../words.js";
import { onSubmit, propose, today, value } from "./changing.js";

function faulty(answer) {
  replace($("#faults-told"), answer.faults.map((one) => (
    el("li", { "data-line": one.line }, t(one.about ? "file.about" : "file.fault", one)))));
  $("#faults-more").textContent = answer.more_faults ? t("change.more", { more: answer.more_faults }) : "";
  show($("#faults-more"), answer.more_faults > 0);
  show($("#faults"));
  $("#faults").focus();
}

/** The file's text; a fault for what isn't UTF-8, which would be read as something else than it says. */
async function text(file) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch (error) {
    if (error instanceof TypeError) throw Object.assign(new Error(), { code: "not_utf8" });
    throw error;
  }
}

async function takeIn() {
  show($("#faults"), false);
  const [chosen] = $("#file").files;
  const asked = { file: await text(chosen), since: value("#file-from"), whole: $("#whole").checked };
  if (await propose("office/changes", asked, faulty)) $("#file").value = "";
}

async function start() {
  await unlocked();
  $("#file-from").value = today();
  onSubmit($("#file-form"), takeIn);
}

start().catch((error) => fault(explain(error)));
