// The custodians' page: in which sets one sits, and the drill that proves that one's key works.

import { answerDrill, setsOf } from "../../client/member.js";
import { unb64u } from "../../crypto/encoding.js";
import { get, post } from "./api.js";
import { $, busy, el, fault, notice, progress, replace, show } from "../dom.js";
import { learnNames, person } from "./people.js";
import { unlocked } from "./session.js";
import { trusted as verified } from "./trust.js";
import { explain, moment, t } from "./words.js";

/** Who this is, with the roster as it is verified now: a drill is no proof under one that was not. */
async function trusted(me) {
  const installation = await get("installation");
  learnNames(installation);
  return verified(installation, me.pins);
}

function showSets({ roster }, code) {
  const mine = setsOf(roster, code);
  show($("#no-sets"), mine.length === 0);
  replace($("#sets"), mine.map(({ id, k, n, members }) => el("li", {},
    el("strong", {}, t("set.title", { set: id })), " ", t("set.rule", { k, n }), " ",
    t("set.others", { others: members.filter((one) => one !== code).map(person).join("; ") }))));
}

async function showDrills() {
  const { due, passed } = await get("custody");
  $("#standing").textContent = t(due ? (passed.length ? "drill.due" : "drill.never") : "drill.good", { at: passed[0] ? moment(passed[0]) : "" });
  $("#standing").className = due ? "standing bad" : "standing good";
  replace($("#passed"), passed.map((at) => el("li", {}, moment(at))));
  show($("#history"), passed.length > 0);
}

async function drill(me) {
  fault();
  notice();
  progress(t("drill.working"));
  try {
    const { roster, checkpoint } = await trusted(me);
    const { drill: made } = await post("custody/drills", {});
    const actor = { code: me.code, keys: me.keys, checkpoint };
    const { at } = await post(`custody/drills/${made.id}/answer`, await answerDrill(actor, roster, made));
    await showDrills();
    notice(t("drill.passed", { at: moment(at) }));
  } finally {
    progress();
  }
}

async function start() {
  const me = await unlocked();
  await showDrills();
  showSets(await trusted(me), me.code);
  $("#drill").addEventListener("click", () => busy($("#drill-panel"), () => drill(me)).catch((error) => fault(explain(error))));
}

start().catch((error) => fault(explain(error)));
