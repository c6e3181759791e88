// The line to the public face: what is asked travels in a sealed envelope, its answer comes back under a key from inside
// (docs/sealing.md, Routing keys).

import { sha256 } from "../../crypto/encoding.js";
import { openAnswer, sealEnvelope } from "../../crypto/envelopes.js";
import { ClientFault, Refused } from "../faults.js";
import { working } from "../working.js";
import { verifyInstallation } from "./trust.js";

const SEALED = "application/octet-stream";
const FORM_MARGIN = 60; // seconds before its end in which a form token is renewed

/** Whatever a check stumbles over in an answer is a fault of the answer. */
export async function checking(check) {
  try {
    return await check();
  } catch (error) {
    if (error instanceof ClientFault || error instanceof Refused) throw error;
    throw new ClientFault("answer_damaged", {}, error);
  }
}

function parsed(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null; // a proxy's page
  }
}

/** Send one request; the answer's bytes. `fetch` is called bare: a browser's own refuses to be somebody's method. */
async function exchange(fetch, path, options) {
  let status;
  let bytes;
  try {
    const response = await fetch(path, { cache: "no-store", ...options });
    status = response.status;
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new ClientFault("network", {}, error);
  }
  if (status >= 400) throw new Refused(status, parsed(bytes));
  return bytes;
}

export class Line {
  #fetch;
  #printed;
  #form = null; // the token by which the server counts what this page asks for
  #work;

  constructor({ fetch, language = "vi", now = () => new Date(), printed = null, work = null, held = null }) {
    this.#fetch = fetch;
    this.#printed = printed;
    this.#work = work;
    this.language = language;
    this.now = now;
    this.trust = held;
  }

  /** Fetch and verify what everything else hangs on; again, it takes nothing older, and no key but a named successor. */
  async refresh() {
    const answer = parsed(await exchange(this.#fetch, "/api/v1/installation", { method: "GET" }));
    const takeover = async (no) => parsed(await exchange(this.#fetch, `/api/v1/takeovers/${no}`, { method: "GET" }));
    const known = { printed: this.#printed, held: this.trust, takeover, at: this.now() };
    this.trust = await checking(() => verifyInstallation(answer, known));
  }

  /**
   * One operation, sealed anew each time; where the routing key is gone meanwhile, once more under the next. Where the
   * server asks for work first, the same envelope goes again with its proof.
   * @returns {Promise<Object>} @throws {Refused} with the code inside, or with the wire's @throws {ClientFault}
   */
  async call(op, args) {
    const payload = { op, args: { lang: this.language, form: await this.#formToken(), ...args } };
    try {
      return await this.#send(payload);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "routing_key_gone") throw error;
      await this.refresh();
      return this.#send(payload);
    }
  }

  async #send(payload) {
    const { wire, answerKey } = await sealEnvelope(this.trust.routing.id, this.trust.routing.key, payload);
    const ask = async (proof) => {
      const options = { method: "POST", body: wire, headers: { "content-type": SEALED, ...proof } };
      const answer = await exchange(this.#fetch, `/api/v1/envelope?lang=${this.language}`, options);
      const said = await checking(async () => openAnswer(answerKey, await sha256(wire), answer));
      if (said?.error) throw new Refused(200, said);
      if (!said?.ok || typeof said.ok !== "object") throw new ClientFault("answer_damaged");
      return said.ok;
    };
    return working(wire, ask, this.#work);
  }

  /** This page's token; null where there is none to be had, and then each envelope costs a little work. */
  async #formToken() {
    const now = this.now().getTime() / 1000;
    if (this.#form === null || this.#form.until <= now) {
      try {
        const { token, seconds } = parsed(await exchange(this.#fetch, "/api/v1/form", { method: "GET" }));
        this.#form = { token, until: now + seconds - FORM_MARGIN };
      } catch {
        return null;
      }
    }
    return this.#form.token;
  }
}
