// One reporter on one visit: the installation verified, a preview, a report sealed and sent, the mailbox.

import { parseCode } from "../../crypto/codes.js";
import { reporterKeys } from "../../crypto/keys.js";
import { same } from "../opening.js";
import { Line, checking } from "./line.js";
import { openMailbox } from "./mailbox.js";
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
   * Who will read this: `{decision, bodyName, ruleText, readers, set, roster, guidance}`, checked against the signed roster.
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
      }
      return {
        decision, bodyName: answer.body_name, ruleText: answer.rule_text, readers: decision.readers.length,
        set: answer.set, roster: answer.roster, guidance: answer.guidance, operatorTied: answer.operator_tied === true,
      };
    });
  }

  /** Seal a report, once; what comes back may be sent again and again. @throws {CodeError|ClientFault} */
  async seal({ report, facts, shown, code, onProgress }) {
    const { trust, language, now } = this.#line;
    const keys = await reporterKeys(parseCode(code).text, trust.salt);
    const what = { report: { ...report, language: report.language ?? language }, facts, shown };
    return Object.freeze({ args: await buildSubmission(trust, keys, what, { at: hourOf(now()), onProgress }) });
  }

  /** Send what `seal` made: the receipt. The same again gets the same answer. @throws {ClientFault|Refused} */
  async submit(sealed) {
    const { number, received, state, state_text: stateText, body, body_name: bodyName, ledger } = await this.#line.call("submit", sealed.args);
    return { number, received, state, stateText, body, bodyName, ledger };
  }

  /** What is behind a code, verified and opened; null when nothing is. @throws {CodeError|ClientFault|Refused} */
  async openMailbox(code) {
    return openMailbox(this.#line, await reporterKeys(parseCode(code).text, this.#line.trust.salt));
  }
}

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
