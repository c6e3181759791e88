// One reporter on one visit: the installation verified, a preview, a report sealed and sent, the mailbox.

import { parseCode } from "../../crypto/codes.js";
import { codeKeys } from "../../crypto/keys.js";
import { ClientFault } from "../faults.js";
import { same } from "../opening.js";
import { Line, checking } from "./line.js";
import { openMailboxes } from "./mailbox.js";
import { buildPair, checkPaired } from "./pairs.js";
import { buildSubmission, hourOf } from "./sealing.js";
import { checkShown, rosterPointer } from "./trust.js";

class Portal {
  #line;

  constructor(line) {
    this.#line = line;
  }

  get demo() {
    return this.#line.trust.demo;
  }

  /** Of the organisation's key, as it is printed on the notice. */
  get fingerprint() {
    return this.#line.trust.fingerprint;
  }

  /** The organisation's keys that successors have replaced, oldest first: `{fingerprint, last}`, `last` the last roster by it. */
  get former() {
    return this.#line.trust.former;
  }

  /** What was verified on this page: `openPortal` again with it takes nothing older. */
  get held() {
    return this.#line.trust;
  }

  get rosterNo() {
    return this.#line.trust.roster.no;
  }

  /** The roster's last day, `YYYY-MM-DD`. */
  get expires() {
    return this.#line.trust.roster.expires;
  }

  get salt() {
    return this.#line.trust.salt;
  }

  /**
   * Who will read this: `{decision, bodyName, ruleText, readers, set, roster, guidance, pair}`, checked against the signed roster.
   * `pair` is the second case of a linked pair, `{decision, bodyName, ruleText, readers, set}`, or null.
   * Nobody competent: `decision.body` is null and `guidance` says what to do instead.
   * @throws {ClientFault|Refused}
   */
  async preview(facts) {
    const line = this.#line;
    const answer = await line.call("preview", { facts });
    return checking(async () => {
      const { decision } = answer;
      if (decision.body !== null) {
        if (!same(answer.roster, rosterPointer(line.trust))) await line.refresh(); // signed anew since the page was opened
        checkShown(line.trust, answer);
        if (answer.pair) {
          checkShown(line.trust, { ...answer.pair, roster: answer.roster });
          checkPaired(decision, answer.pair);
        }
      }
      return {
        ...sideOf(answer), roster: answer.roster, guidance: answer.guidance, operatorTied: answer.operator_tied === true,
        pair: answer.pair ? sideOf(answer.pair) : null,
      };
    });
  }

  async #keys(code) {
    const { text } = parseCode(code);
    return codeKeys(text, this.#line.trust.salt);
  }

  /**
   * Seal a report, once; what comes back may be sent again and again. Where a linked pair was shown, both cases of it, unless
   * `alone` asks for the leading one alone. @throws {CodeError|ClientFault}
   */
  async seal({ report, facts, shown, code, alone = false, onProgress }) {
    const { trust, language, now } = this.#line;
    const keys = await this.#keys(code);
    const what = { report: { ...report, language: report.language ?? language }, facts, shown };
    const how = { at: hourOf(now()), onProgress };
    const args = shown.pair && !alone ? await buildPair(trust, keys, what, how) : await buildSubmission(trust, keys.own, what, how);
    return Object.freeze({ args });
  }

  /**
   * Send what `seal` made: the receipt, with the other case's in `pair`. The same again gets the same answer; of two cases both
   * are stored or neither. @throws {ClientFault|Refused}
   */
  async submit(sealed) {
    const answer = await this.#line.call("submit", sealed.args);
    if (Boolean(answer.pair) !== Boolean(sealed.args.pair)) throw new ClientFault("answer_damaged");
    return { ...receiptOf(answer), pair: answer.pair ? receiptOf(answer.pair) : null };
  }

  /**
   * What is behind a code, verified and opened; null when nothing is. `linked` of it is the mailbox of the other case of a
   * pair, or null: both are always asked for, so that the wire doesn't tell who has two. @throws {CodeError|ClientFault|Refused}
   */
  async openMailbox(code) {
    return openMailboxes(this.#line, await this.#keys(code));
  }
}

const sideOf = ({ decision, body_name: bodyName, rule_text: ruleText, set }) => ({ decision, bodyName, ruleText, readers: decision.readers.length, set });
const receiptOf = ({ number, received, state, state_text: stateText, body, body_name: bodyName, ledger }) => (
  { number, received, state, stateText, body, bodyName, ledger });

/**
 * Fetch the installation's signed documents and verify them.
 * @param {{fetch: typeof fetch, language?: "vi"|"en", now?: () => Date, pinned?: ?string, held?: ?Object}} how
 *   `pinned` is the fingerprint of the organisation's key, where somebody has it from the notice
 *   `held` is what a portal of the same page has verified before
 *   `work` is called around each proof of work that the server asks for under load (client/working.js)
 * @throws {ClientFault} roster_missing, roster_bad, roster_expired, roster_older, roster_forked, fingerprint_other, checkpoint_bad, routing_key_bad, network
 */
export async function openPortal({ fetch, language, now, pinned, work, held }) {
  const line = new Line({ fetch, language, now, printed: pinned ?? null, work, held: held ?? null });
  await line.refresh();
  return new Portal(line);
}
