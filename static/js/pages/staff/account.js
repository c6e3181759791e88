// The account page: who I am, what the signed roster says of me, and until when it holds.

import { renewedPins, standing } from "../../client/member.js";
import { fingerprint, unb64u } from "../../crypto/encoding.js";
import { get } from "./api.js";
import { $, el, facts, fault, replace, show } from "../dom.js";
import { learnNames, seat } from "./people.js";
import { unlocked } from "./session.js";
import { trusted } from "./trust.js";
import { upkeep } from "./upkeep.js";
import { day, explain, t } from "./words.js";

const DUTIES = [
  ["handler", ["intake", "classify", "decide", "secretary"]],
  ["custodian", ["custody", "custodian"]],
  ["supervisor", ["supervise", "supervisor", "oversight"]],
  ["administrator", ["administer", "administrator", "admin", "office"]],
];

function dutiesOf({ roles, seats }) {
  const held = new Set([...(roles ?? []), ...(seats ?? []).flatMap((one) => one.roles ?? [])]);
  return DUTIES.filter(([, names]) => names.some((name) => held.has(name))).map(([duty]) => duty);
}

function who({ member }) {
  replace($("#who"), facts([
    [t("who.name"), member.name],
    [t("who.username"), member.username],
    [t("who.code"), member.code],
    // Who handles has a seat in a body; the other duties are posts of their own.
    [t("who.seats"), [...(member.seats ?? []).map(seat), ...dutiesOf(member).filter((duty) => duty !== "handler").map((duty) => t(`role.${duty}`))]],
  ]));
}

function duties({ member }) {
  const mine = dutiesOf(member);
  replace($("#roles"), (mine.length ? mine : ["none"]).map((duty) => el("li", {}, t(`duty.${duty}`))));
}

function rosterFacts({ roster, expiresIn, warn }) {
  replace($("#roster"), facts([
    [t("roster.number"), String(roster.no)],
    [t("roster.issued"), day(roster.issued)],
    [t("roster.expires"), t("roster.days", { date: day(roster.expires), days: expiresIn })],
  ]));
  if (!warn) return;
  $("#roster-warning").textContent = t("roster.warning", { date: day(roster.expires), days: expiresIn });
  show($("#roster-warning"));
}

/** What the signed roster means for this person: what can be sealed to them differs by what they are. */
function standingText(place, member) {
  if (place === "other_key") return t("standing.other_key");
  const sealed = dutiesOf(member).filter((duty) => duty === "handler" || duty === "custodian");
  return [t(`standing.${place}`), ...(sealed.length ? sealed : ["nothing"]).map((what) => t(`standing.${place}.${what}`))].join(" ");
}

async function start() {
  const me = await unlocked();
  upkeep(me).catch((error) => fault(explain(error))); // also where the roster is missing or has expired
  const installation = await get("installation");
  learnNames(installation);
  who(me);
  duties(me);
  $("#fingerprint").textContent = await fingerprint(me.keys.signPublic);
  // Shown is the key that is pinned, not the one that the server names today; then the successor that it led to.
  $("#organisation").textContent = await fingerprint(unb64u(me.pins.org));
  const trust = await trusted(installation, me.pins);
  me.pins = renewedPins(me.pins, trust);
  $("#organisation").textContent = await fingerprint(trust.orgKey);
  rosterFacts(trust);
  const place = await standing(trust.roster, me.code, me.keys);
  $("#standing").textContent = standingText(place, me.member);
  $("#standing").classList.add(place === "rostered" ? "good" : "bad");
}

start().catch((error) => fault(explain(error)));
