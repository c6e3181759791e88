// Which bodies have had the case, and with whose keys a new reader is known.

import { rosteredMember } from "../../client/trust.js";
import { fingerprint } from "../../crypto/encoding.js";
import { $, el, replace, show } from "../dom.js";
import { body, person } from "./people.js";
import { moment, t } from "./words.js";

/** The fingerprint of a member's key in the signed roster, as they read it on their own account page. */
export async function showMark(roster, code) {
  const member = await rosteredMember(roster, code);
  return member ? fingerprint(member.sign) : "";
}

/** Shown for a case that has moved: every move is signed by a reader of then, and was verified. */
export function showMoves({ moves }) {
  const line = ({ from, to, why, by, at }) => el("li", {},
    el("strong", {}, moment(at)), " ", t(`moved.${why}`, { from: body(from), to: body(to), who: person(by) }));
  replace($("#moves"), moves.map(line));
  show($("#moves-panel"), moves.length > 0);
}
