// Sending a case outside: where it may go, the signed act, the sealed file and the sheet that goes another way.

import { buildPackage, concernedBodies, outsideBodies } from "../../client/member.js";
import { get, post } from "./api.js";
import { today } from "../dates.js";
import { $, busy, el, facts, fault, notice, progress, replace, show } from "../dom.js";
import { person } from "./people.js";
import { day, explain, lang, t } from "./words.js";

const named = ({ name, code }) => `${name[lang] ?? name.vi} (${code})`;

function leftLine({ to, name, made, received, by, signed }) {
  const words = { to: `${name} (${to})`, made: day(made), by: by ? person(by) : "", received: received ? day(received) : "" };
  const told = signed ? t("left.line", words) : t("left.unsigned", words);
  return el("li", { class: signed ? null : "alarm-text" }, told, " ", t(received ? "left.received" : "left.waiting", words));
}

/** What has left already, and that more can. */
export function showLeaving({ left }) {
  show($("#leaving"));
  replace($("#left"), left.map(leftLine));
  replace($("#outside"));
}

function save({ file, name }) {
  const address = URL.createObjectURL(new Blob([file], { type: "application/octet-stream" }));
  const link = el("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function showMade(made, to, number) {
  const name = `${number}-${to.code}.nppk`;
  replace($("#package-facts"), facts([
    [t("package.number"), number], [t("package.to"), named(to)], [t("package.id"), made.id], [t("package.file"), name], [t("package.sha256"), made.sha256],
  ]));
  $("#package-words").textContent = made.code ? made.code.replaceAll("-", " ") : "";
  show($("#package-code"), Boolean(made.code));
  $("#package-save").onclick = () => save({ file: made.file, name });
  show($("#package-made"));
  save({ file: made.file, name });
  $("#package-made").focus();
}

/** `current()` gives `{context, opened}`, `header` is openHeader's, `done()` reads the case again. */
export function watchLeaving(current, header, done) {
  const dialog = $("#leave-dialog");
  const sure = $("#leave-sure");
  let chosen = null;
  const choose = (to) => {
    chosen = to;
    replace($("#leave-to"), facts([
      [t("package.to"), named(to)], [t("package.key"), to.fingerprint ?? t("package.no_key")],
    ]));
    sure.checked = false;
    $("#leave-confirm").disabled = true;
    dialog.returnValue = "";
    dialog.showModal();
    $("#leave-stay").focus();
  };
  const line = (to) => {
    const button = el("button", { type: "button", class: "quiet", "aria-label": t("package.send_to", { to: named(to) }) }, t("package.send"));
    button.addEventListener("click", () => choose(to));
    return el("li", {}, named(to), " ", button);
  };
  const look = async () => {
    fault();
    const { context: { trust }, opened } = current();
    const { bodies } = await get("desk/outside");
    const barred = concernedBodies(opened.first.facts);
    const found = (await outsideBodies(bodies, trust.orgKey, today(new Date()))).filter(({ code }) => !barred.includes(code));
    replace($("#outside"), found.length ? found.map(line) : el("li", {}, t("package.nowhere")));
  };
  const leave = async () => {
    fault();
    progress(t("package.sealing"));
    const { context: { actor, answer, caseId, installation, trust }, opened } = current();
    const material = { answer, opened, header: header.header, roster: installation.roster, orgKey: trust.orgKey, to: chosen };
    const made = await buildPackage(actor, material);
    await post(`desk/cases/${caseId}/packages`, { statement: made.statement, file: made.sha256 });
    await done();
    showMade(made, chosen, answer.number);
    notice(t("package.done", { to: named(chosen) }));
  };
  $("#outside-look").addEventListener("click", () => busy($("#leaving"), look).catch((error) => fault(explain(error))));
  $("#package-print").addEventListener("click", () => globalThis.print());
  sure.addEventListener("change", () => { $("#leave-confirm").disabled = !sure.checked; });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "leave" || !sure.checked) return;
    busy($("#leaving"), leave).catch((error) => fault(explain(error))).finally(() => progress());
  });
}
