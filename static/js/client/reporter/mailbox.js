// A mailbox, verified: what the page shows, and what is needed to write back.

import { b64u } from "../../crypto/encoding.js";
import { REPORTER, buildBadKey, buildEpoch, buildItem, nextReaders, nowText } from "../building.js";
import { everRead } from "../epochs.js";
import { ClientFault, Refused } from "../faults.js";
import { leftIn } from "../packages.js";
import { requireAfter } from "../succession.js";
import { emptySeen, raw } from "../trust.js";
import { checking } from "./line.js";
import { openItems, verifyMailbox } from "./opening.js";
import { checkLinked } from "./pairs.js";
import { checkRecord, fetchRecord, knownOf } from "./record.js";
import { clean, hourOf, reporterAs } from "./sealing.js";

const trimmed = (written) => Object.fromEntries(Object.entries(written).map(([field, text]) => [field, text.trim()]));

class Mailbox {
  #line;
  #keys;
  #verified;
  #seen = emptySeen();
  #oldest;
  #long;
  #unsent = { message: null, supplement: null };
  #answer;
  #first = null;
  #other; // the other case of a pair, null where there is none; undefined until both mailboxes have been asked for
  linked = null;
  leads = true;
  #served; // every item of this visit as it was served or sent: what the ledger has to name

  constructor(line, keys) {
    this.#line = line;
    this.#keys = keys;
  }

  #call(op, args = {}) {
    return this.#line.call(op, { secret: b64u(this.#keys.mailbox), ...args });
  }

  /** Fetch and verify; false when nothing is behind the code. One request, unless there are very many epochs. */
  async load() {
    const answer = await this.#call("mailbox.open");
    if (answer.found !== true) return false;
    await checking(() => this.#fetchEpochs(answer));
    await checking(async () => {
      const verified = await verifyMailbox(answer, this.#keys, this.#line.trust, this.#seen);
      await this.#requireAfter(verified.submission.roster);
      const page = await openItems(verified, answer.items);
      const { seen } = verified.chain;
      const left = await leftIn(answer.case, answer.packages, everRead(verified.chain), this.#line.trust.roster);
      this.#verified = verified;
      this.#seen = { ...this.#seen, epochs: { ...this.#seen.epochs, ...seen } };
      Object.assign(this, {
        number: answer.number, state: answer.state, stateText: answer.state_text, body: answer.body, bodyName: answer.body_name,
        received: answer.received, updated: answer.updated, lookAgainDays: answer.look_again_days, ledger: answer.ledger,
        left,
        moves: verified.moves.map(({ to, why, at }) => ({ to, why, at })), bodyNames: answer.body_names ?? {},
        readable: answer.readers.length > 0, // whether anybody entitled is left
        categories: verified.submission.categories, facts: null, summary: null, narrative: null, supplements: [], messages: [],
        warnings: verified.chain.warnings.filter(({ code }) => ["epoch_key_wrong", "reader_returned"].includes(code)),
      });
      this.#long = [];
      [this.#answer, this.#served] = [answer, []];
      this.#take(page, answer);
      for (const { id } of [...page.messages, ...page.supplements]) this.#arrived(id);
    });
    return true;
  }

  /** The roster of now is not older than the one that the report was sent under, nor of another line: the code remembers it. */
  async #requireAfter(sentUnder) {
    if (this.#line.trust.roster.no < sentUnder.no) await this.#line.refresh(); // this page was opened before the report was sent
    requireAfter(this.#line.trust.roster, sentUnder);
  }

  /** The later epochs of a case that has very many: further pages, put into the answer. */
  async #fetchEpochs(answer) {
    for (let more = answer.more_epochs; more;) {
      const page = await this.#call("mailbox.epochs", { after: answer.epochs.at(-1).epoch });
      if (!page.epochs.length) throw new ClientFault("epoch_missing", { ring: "report" });
      answer.epochs.push(...page.epochs);
      answer.grants.push(...page.grants);
      more = page.more_epochs;
    }
  }

  /** What was sent and not answered is here: the next of the same words is another one. */
  #arrived(id) {
    for (const [kind, unsent] of Object.entries(this.#unsent)) if (unsent?.said.id === id) this.#unsent[kind] = null;
  }

  #take({ own, messages, supplements, long }, { items, more }) {
    this.#served.push(...items);
    this.messages = [...messages, ...this.messages];
    this.supplements = [...supplements, ...this.supplements];
    this.#first = own.first ?? this.#first;
    if (own.first && this.#other !== undefined) checkLinked(own.first, this.#other);
    this.facts = own.first?.facts ?? this.facts;
    this.summary = own.summary?.text ?? this.summary;
    this.narrative = own.narrative ?? this.narrative;
    this.#long = [...this.#long, ...long];
    this.#oldest = items.at(-1)?.object.id;
    this.hasOlder = more === true && this.#oldest !== undefined;
    this.hasLong = this.#long.length > 0;
  }

  /** Say which other mailbox was found with this one: from now on the first item has to say the same. */
  pairedWith(linked, { leads }) {
    this.#other = linked?.caseId ?? null;
    Object.assign(this, { linked, leads });
    if (this.#first) checkLinked(this.#first, this.#other);
  }

  get caseId() {
    return this.#verified.caseId;
  }

  /** Look again. @throws {ClientFault|Refused} */
  async reload() {
    if (!(await this.load())) throw new Refused(200, { error: { code: "wrong_code" } });
    return this;
  }

  /** The next older page of items, put before those that are here. */
  async older() {
    if (!this.hasOlder) return this;
    const answer = await this.#call("mailbox.items", { before: this.#oldest });
    await checking(async () => this.#take(await openItems(this.#verified, answer.items), answer));
    return this;
  }

  /**
   * Fetch what was too long to be listed (`hasLong`): messages and supplements have `text` null until then, the narrative is null.
   * Never by itself: on the wire, opening a mailbox looks the same whatever is in it.
   */
  async fetchLong() {
    for (const id of [...this.#long]) {
      const entry = await this.#call("mailbox.item", { id });
      await checking(async () => {
        if (entry.object.id !== id) throw new ClientFault("object_swapped", { id });
        const { own, messages, supplements } = await openItems(this.#verified, [entry]);
        this.#served.push(entry);
        const fetched = (closed) => [...messages, ...supplements].find((one) => one.id === closed.id) ?? closed;
        this.messages = this.messages.map(fetched);
        this.supplements = this.supplements.map(fetched);
        this.summary = own.summary?.text ?? this.summary;
        this.narrative = own.narrative ?? this.narrative;
      });
      this.#long = this.#long.filter((one) => one !== id);
      this.hasLong = this.#long.length > 0;
    }
    return this;
  }

  /**
   * Write to the handlers, making the next epoch if one is pending or the newest is bad; the day it counts as, `YYYY-MM-DD`.
   * The same text again after a lost answer sends the same object, which the server stores once.
   * @throws {ClientFault} text_empty, text_too_long, grant_missing, reader_unrostered, ring_untrusted @throws {Refused}
   */
  async write(typed) {
    const { said, at } = await this.#send("message", typed);
    this.messages = [...this.messages, said];
    return at;
  }

  /**
   * Add to the report for good: `{text, when, where, whom}`, of which all but the text may be empty. Else as `write`.
   */
  async supplement(written) {
    const { said, at } = await this.#send("supplement", written);
    this.supplements = [...this.supplements, said];
    return at;
  }

  async #send(kind, written) {
    const typed = JSON.stringify(written);
    if (this.#unsent[kind]?.typed !== typed) this.#unsent[kind] = { typed, ...(await this.#build(kind, clean(written))) };
    const { args, ring, said } = this.#unsent[kind];
    let answer;
    try {
      answer = await this.#call("mailbox.write", args);
    } catch (error) {
      if (error instanceof Refused && error.status === 200) this.#unsent[kind] = null; // surely not stored
      throw error;
    }
    this.#unsent[kind] = null;
    const { chain } = this.#verified;
    if (args.epoch) {
      Object.assign(chain, { newest: ring, pending: null });
      chain.epochs.set(ring.epoch, ring);
    }
    this.#served.push({ object: args.object, statement: args.statement });
    return { said, at: answer.at };
  }

  /**
   * Fetch the case's ledger and the signed checkpoints and check them against all that this visit has verified: what they
   * say, in numbers (record.js). Where the installation's key has changed since the visit began, the new roster is fetched
   * first. @throws {ClientFault} as checkRecord
   */
  async checkRecord() {
    const { installation } = this.#line.trust.roster.said;
    try {
      return await this.#checked();
    } catch (error) {
      if (error?.code !== "checkpoint_bad") throw error;
      await this.#line.refresh();
      if (this.#line.trust.roster.said.installation === installation) throw error;
      return this.#checked();
    }
  }

  async #checked() {
    const { trust, now } = this.#line;
    const { no, installation } = trust.roster;
    return checking(async () => {
      const sound = [...this.messages, ...this.supplements].filter(({ fault, text }) => !fault && text !== null).map(({ id }) => id);
      const visit = { answer: this.#answer, chain: this.#verified.chain, entries: this.#served, sound, complete: !this.hasOlder };
      const known = await knownOf(visit);
      const record = await fetchRecord((args) => this.#call("mailbox.record", args), known.submission.checkpoint.no);
      return checkRecord(record, known, { roster: no, installation: raw(installation), seen: trust.checkpoint, now: now() });
    });
  }

  async #build(kind, written) {
    const { caseId, chain } = this.#verified;
    const at = hourOf(this.#line.now());
    const actor = reporterAs(this.#keys, this.#line.trust);
    if (chain.newest.bad && !chain.pending) await this.#disown(actor, at);
    // Nothing is sealed under a key whose maker is unknown; a pending one is made here, for those whom the roster holds.
    if (!chain.pending && chain.newest.returned) throw new ClientFault("ring_untrusted");
    if (!chain.pending && !chain.newest.trusted) throw new ClientFault("reader_unrostered", { who: chain.newest.by });
    if (!chain.newest.key && !chain.newest.bad) throw new ClientFault("grant_missing");
    const next = chain.pending ? await this.#nextEpoch(actor, at) : null;
    const ring = next?.ring ?? chain.newest;
    this.#requireMoved(ring);
    const item = await buildItem(actor, caseId, ring, kind, written, at);
    const args = { ...item, ...(next ? { epoch: { statement: next.statement, grants: next.grants } } : {}) };
    const texts = typeof written === "string" ? { text: written.trim() } : trimmed(written);
    return { args, ring, said: { id: item.object.id, from: "me", by: REPORTER, ...texts, at: nowText(at), fault: null } };
  }

  /** Of a case that has moved, whoever is to read what is written now handles for the body that it moved to. */
  #requireMoved({ readers }) {
    const move = this.#verified.moves.at(-1);
    if (!move) return;
    const there = this.#line.trust.roster.readersOf(move.to);
    const stranger = readers.find(({ id }) => id !== REPORTER && !there.includes(id));
    if (stranger) throw new ClientFault("reader_outside_body", { who: stranger.id });
  }

  /**
   * Tell the server that the newest key is none, so that the next is made here. Only on the way to writing: whoever made the
   * bad key and watches the network could otherwise tell by one more request who has opened this mailbox.
   */
  async #disown(actor, at) {
    const { caseId, chain } = this.#verified;
    const { pending } = await this.#call("mailbox.badkey", await buildBadKey(actor, caseId, chain.newest, at));
    if (pending !== chain.newest.epoch + 1) throw new ClientFault("answer_damaged");
    chain.pending = pending;
  }

  /** Where somebody left: the last verified list without them, under a new key. */
  async #nextEpoch(actor, at) {
    const { caseId, chain, readers: present, departed } = this.#verified;
    const { roster } = this.#line.trust;
    const { readers, removed } = await nextReaders(chain.newest.readers, present, roster, departed);
    const wanted = { name: "report", epoch: chain.pending, prev: chain.newest.hash, readers, removed };
    return buildEpoch(actor, caseId, wanted, roster, this.#keys.kemPublic, at);
  }
}

/** The mailbox that the code's own keys find, or null; with that of the other case of a pair, which is asked for in any case. */
export async function openMailboxes(line, keys) {
  const [own, other] = [new Mailbox(line, keys.own), new Mailbox(line, keys.pair)];
  const found = await own.load();
  const paired = await other.load();
  if (!found) return null;
  const linked = paired ? other : null;
  await checking(() => own.pairedWith(linked, { leads: true }));
  linked?.pairedWith(own, { leads: false });
  return own;
}
