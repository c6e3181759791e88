// A mailbox, verified: what the page shows, and what is needed to write back.

import { b64u, cleanText } from "../../crypto/encoding.js";
import { REPORTER, buildEpoch, buildItem, nextReaders, nowText } from "../building.js";
import { ClientFault, Refused } from "../faults.js";
import { emptySeen } from "../trust.js";
import { checking } from "./line.js";
import { openItems, verifyMailbox } from "./opening.js";
import { hourOf, reporterAs } from "./sealing.js";

class Mailbox {
  #line;
  #keys;
  #verified;
  #seen = emptySeen();
  #oldest;
  #long;
  #unsent = null;

  constructor(line, keys) {
    this.#line = line;
    this.#keys = keys;
  }

  #call(op, args = {}) {
    return this.#line.call(op, { secret: b64u(this.#keys.mailbox), ...args });
  }

  /** Fetch and verify; false when nothing is behind the code. One request, whatever the mailbox holds. */
  async load() {
    const answer = await this.#call("mailbox.open");
    if (answer.found !== true) return false;
    await checking(async () => {
      const verified = await verifyMailbox(answer, this.#keys, this.#line.trust, this.#seen);
      const page = await openItems(verified, answer.items);
      const { seen } = verified.chain;
      this.#verified = verified;
      this.#seen = { ...this.#seen, epochs: { ...this.#seen.epochs, ...seen } };
      Object.assign(this, {
        number: answer.number, state: answer.state, stateText: answer.state_text, body: answer.body, bodyName: answer.body_name,
        received: answer.received, updated: answer.updated, lookAgainDays: answer.look_again_days, ledger: answer.ledger,
        summary: null, narrative: null, messages: [],
      });
      this.#long = [];
      this.#take(page, answer);
      if (page.messages.some(({ id }) => id === this.#unsent?.said.id)) this.#unsent = null; // it did arrive
    });
    return true;
  }

  #take({ own, messages, long }, { items, more }) {
    this.messages = [...messages, ...this.messages];
    this.summary = own.summary?.text ?? this.summary;
    this.narrative = own.narrative ?? this.narrative;
    this.#long = [...this.#long, ...long];
    this.#oldest = items.at(-1)?.object.id;
    this.hasOlder = more === true && this.#oldest !== undefined;
    this.hasLong = this.#long.length > 0;
  }

  /** Look again. @throws {ClientFault|Refused} */
  async reload() {
    if (!(await this.load())) throw new Refused(200, { error: { code: "wrong_code" } });
    return this;
  }

  /** The next older page of messages, put before those that are here. */
  async older() {
    if (!this.hasOlder) return this;
    const answer = await this.#call("mailbox.items", { before: this.#oldest });
    await checking(async () => this.#take(await openItems(this.#verified, answer.items), answer));
    return this;
  }

  /**
   * Fetch what was too long to be listed (`hasLong`): such messages have `text` null until then, the narrative is null.
   * Never by itself: on the wire, opening a mailbox looks the same whatever is in it.
   */
  async fetchLong() {
    for (const id of [...this.#long]) {
      const entry = await this.#call("mailbox.item", { id });
      await checking(async () => {
        if (entry.object.id !== id) throw new ClientFault("object_swapped", { id });
        const { own, messages } = await openItems(this.#verified, [entry]);
        this.messages = this.messages.map((message) => messages.find((one) => one.id === message.id) ?? message);
        this.summary = own.summary?.text ?? this.summary;
        this.narrative = own.narrative ?? this.narrative;
      });
      this.#long = this.#long.filter((one) => one !== id);
      this.hasLong = this.#long.length > 0;
    }
    return this;
  }

  /**
   * Write to the handlers, making the next epoch if one is pending; the day it counts as, `YYYY-MM-DD`.
   * The same text again after a lost answer sends the same object, which the server stores once.
   * @throws {ClientFault} text_empty, text_too_long, grant_missing, reader_unrostered @throws {Refused}
   */
  async write(typed) {
    if (this.#unsent?.typed !== typed) this.#unsent = { typed, ...(await this.#build(typed)) };
    const { args, ring, said } = this.#unsent;
    let answer;
    try {
      answer = await this.#call("mailbox.write", args);
    } catch (error) {
      if (error instanceof Refused && error.status === 200) this.#unsent = null; // surely not stored
      throw error;
    }
    this.#unsent = null;
    const { chain, context } = this.#verified;
    if (args.epoch) {
      Object.assign(chain, { newest: ring, pending: null });
      chain.epochs.set(ring.epoch, ring);
      context.keys.set(`${ring.name}/${ring.epoch}`, { key: ring.key });
    }
    this.messages = [...this.messages, said];
    return answer.at;
  }

  async #build(typed) {
    const text = cleanText(typed).trim();
    const { caseId, chain } = this.#verified;
    // Nothing is sealed under a key whose maker is unknown; a pending one is made here, for those whom the roster holds.
    if (!chain.pending && !chain.newest.trusted) throw new ClientFault("reader_unrostered", { who: chain.newest.by });
    if (!chain.newest.key) throw new ClientFault("grant_missing");
    const at = hourOf(this.#line.now());
    const actor = reporterAs(this.#keys, this.#line.trust);
    const next = chain.pending ? await this.#nextEpoch(actor, at) : null;
    const ring = next?.ring ?? chain.newest;
    const item = await buildItem(actor, caseId, ring, "message", text, at);
    const args = { ...item, ...(next ? { epoch: { statement: next.statement, grants: next.grants } } : {}) };
    return { args, ring, said: { id: item.object.id, from: "me", by: REPORTER, text, at: nowText(at), fault: null } };
  }

  /** Where somebody left: the last verified list without them, under a new key. */
  async #nextEpoch(actor, at) {
    const { caseId, chain, readers: present } = this.#verified;
    const { roster } = this.#line.trust;
    const { readers, removed } = await nextReaders(chain.newest.readers, present, roster);
    const wanted = { name: "report", epoch: chain.pending, prev: chain.newest.hash, readers, removed };
    return buildEpoch(actor, caseId, wanted, roster, this.#keys.kemPublic, at);
  }
}

/** The mailbox that these keys find, or null. */
export async function openMailbox(line, keys) {
  const mailbox = new Mailbox(line, keys);
  return (await mailbox.load()) ? mailbox : null;
}
