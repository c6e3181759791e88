// A ledger that only tests know: one case's chain and signed checkpoints over it, as the public face would serve them.

import { b64u, hex, sha256hex, unb64u } from "../../static/js/crypto/encoding.js";
import { START, entryBytes, entryHash, leafBytes, merklePath, merkleRoot } from "../../static/js/crypto/ledgers.js";
import { makeCheckpoint } from "./member_world.mjs";

const OTHERS = ["00000000-0000-4000-8000-000000000000", "org"].map((chain) => ({ chain, head: "ef".repeat(32), seq: 4 }));

export class Ledger {
  /** The ledger of the one report that `face` has taken in; the checkpoint that it names is the first here. */
  static async of(face, { at = "2026-11-24T09:00:00Z" } = {}) {
    const ledger = new Ledger();
    const { case: chain, submission, objects } = face.file.args;
    Object.assign(ledger, { face, chain, entries: [], documents: [face.checkpoint], proof: null, room: Infinity });
    face.ledger = ledger;
    const pub = { state: "S10", body: "UBKT-S", objects: objects.length, manifest: await sha256hex(unb64u(submission.stmt)) };
    await ledger.append("report_received", at, pub);
    face.cheat["mailbox.open"] = async (answer) => ({ ...answer, ledger: await ledger.point() });
    return ledger;
  }

  async point() {
    return { seq: this.entries.length, head: await entryHash(this.entries.at(-1)) };
  }

  /** Number and hash of the newest checkpoint, as statements name it. */
  async named() {
    return { no: 2 + this.documents.length, hash: await sha256hex(unb64u(this.documents.at(-1).doc)) };
  }

  async append(kind, at, pub = {}) {
    const prev = this.entries.length ? await entryHash(this.entries.at(-1)) : START;
    this.entries.push(entryBytes({ chain: this.chain, seq: this.entries.length + 1, at, kind, prev, pub, priv: "00".repeat(32) }));
  }

  /** What the ledger says of the newest item of the case. */
  async appendItem(kind, at, more = {}) {
    const { object } = this.face.file.items[0];
    await this.append(kind, at, { ring: "report", item: object.id, kind: "message", sha256: await sha256hex(unb64u(object.data)), ...more });
  }

  /** Write the chain anew with `change` of what each entry says: what a server could do that owns its database. */
  async rewrite(change) {
    const said = this.entries.map((entry) => JSON.parse(new TextDecoder().decode(entry)));
    this.entries = [];
    for (const entry of said.map(change).filter(Boolean)) await this.append(entry.kind, entry.at, entry.pub);
  }

  /** Sign the next checkpoint over this chain (unless `leaves` are given) and two others, and make its proof. */
  async checkpoint(at, { leaves = null, change = {}, world = this.face.world } = {}) {
    const point = await this.point();
    const heads = leaves ?? [OTHERS[0], { chain: this.chain, ...point }, OTHERS[1]].sort((left, right) => (left.chain < right.chain ? -1 : 1));
    const { no, hash: prev } = await this.named();
    const bytes = heads.map(({ chain, head, seq }) => leafBytes({ chain, head, seq }));
    const root = hex(await merkleRoot(bytes));
    const document = await makeCheckpoint(world, no + 1, { prev, root, size: heads.length, at, ...change });
    const index = heads.findIndex(({ chain }) => chain === this.chain);
    this.documents.push(document);
    this.proof = index < 0 ? null : { no: no + 1, leaf: heads[index], index, path: (await merklePath(bytes, index)).map(hex) };
    this.face.checkpoint = document;
  }

  /** A page as the server serves it; `room` is how many things fit. */
  page({ entry, checkpoint }) {
    const entries = this.entries.slice(entry - 1).slice(0, this.room);
    const checkpoints = this.documents.slice(checkpoint - 3).slice(0, this.room - entries.length);
    const more = entry - 1 + entries.length < this.entries.length || checkpoint - 3 + checkpoints.length < this.documents.length;
    return { entries: entries.map(b64u), checkpoints, proof: more ? null : this.proof, more };
  }
}

