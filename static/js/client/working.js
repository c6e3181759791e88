// Answering a server that asks for a proof of work under load. Twin of intake/client/working.py.

import { work } from "../crypto/work.js";
import { ClientFault } from "./faults.js";

const HEADER = "niemphong-work";
const ATTEMPTS = 6; // the load may rise while one works

/**
 * Send, and where work is asked for, send the same again with its proof.
 * @param {Uint8Array} body @param {(headers: Object) => Promise} send what throws with `code` "work_needed"
 * @param {?(act: ({tell, signal}) => Promise) => Promise} show runs the work, tells the page of it, and may stop it
 * @throws {ClientFault} work_stopped @throws what `send` throws
 */
export async function working(body, send, show = null) {
  let headers = {};
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      return await send(headers);
    } catch (error) {
      if (error?.code !== "work_needed" || typeof error.detail?.challenge !== "string") throw error;
      headers = { [HEADER]: await prove(error.detail.challenge, body, show) };
    }
  }
  return send(headers);
}

async function prove(challenge, body, show) {
  const act = (how) => work(challenge, body, how);
  try {
    return await (show ? show(act) : act({}));
  } catch (error) {
    throw error?.name === "AbortError" ? new ClientFault("work_stopped", {}, error) : error;
  }
}
