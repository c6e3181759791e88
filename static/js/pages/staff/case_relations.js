// The relations on record that touch a case, beside whom it concerns: sealed in the header, and one's own as they stand now.

import { touching } from "../../client/member.js";
import { get } from "./api.js";
import { $, el, replace, show } from "../dom.js";
import { body, person } from "./people.js";
import { day, t } from "./words.js";

const other = ({ what, code }) => (what === "person" ? person(code) : what === "body" ? body(code) : code);
const key = ({ person: who, tie, what, code, since }) => [who, tie, what, code, since].join(" ");

/** Show them; one's own come first, and are said once more where one declares. */
export async function showRelations({ trust, actor }, { facts, relations = [], relations_left: left = 0 }) {
  const { mine, kinds } = await get("relations");
  const label = (tie) => kinds.find(({ code }) => code === tie)?.label ?? tie;
  const sealed = relations.map(({ with: what, ...rest }) => ({ ...rest, what }));
  const all = new Map([...touching(mine, facts, trust.roster), ...sealed].map((one) => [key(one), one]));
  const own = (one) => one.person === actor.code || (one.what === "person" && one.code === actor.code);
  const line = (one) => {
    const span = t(one.until ? "relations.span" : "relations.open", { since: day(one.since), until: day(one.until) });
    const words = t("relations.line", { person: person(one.person), kind: label(one.tie), other: other(one), span });
    return el("li", {}, own(one) ? el("strong", {}, words) : words);
  };
  const ordered = [...all.values()].sort((one, two) => Number(own(two)) - Number(own(one)));
  replace($("#relations"), ordered.map(line), left > 0 && el("li", {}, t("relations.left", { left })));
  show($("#relations-none"), ordered.length === 0);
  show($("#relations-own"), ordered.some(own));
}
