// The staff's API: JSON, a session cookie, and a CSRF token fetched at the moment of writing (docs/decisions/0007).

import { working } from "../../client/working.js";
import { utf8 } from "../../crypto/encoding.js";
import { showWork } from "../working.js";
import { lang, t } from "./words.js";

const BASE = "/staff/api/v1/";

/** What the server refused: `status`, `code`, `detail`, and its own sentence. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.error?.code ?? `http_${status}`);
    this.name = "Refused";
    this.status = status;
    this.code = body?.error?.code ?? (status >= 500 ? "server_failed" : "unexpected");
    this.detail = body?.error?.detail ?? {};
    this.sentence = body?.error?.message ?? "";
  }
}

async function send(method, path, body, further = {}, query = {}) {
  let answer;
  try {
    answer = await fetch(`${BASE}${path}?${new URLSearchParams({ lang, ...query })}`, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...further,
      },
      body,
    });
  } catch {
    throw new Refused(0, { error: { code: "no_connection" } });
  }
  const text = await answer.text();
  let parsed = null;
  try {
    parsed = text ? JSON.parse(text) : null;
  } catch { /* a proxy's page: the status says enough */ }
  if (!answer.ok) throw new Refused(answer.status, parsed);
  return parsed;
}

export const get = (path, query) => send("GET", path, undefined, undefined, query);

/** Post a sealed envelope; its sealed answer, as bytes. */
export async function postSealed(path, bytes) {
  const { token } = await get("csrf");
  let answer;
  try {
    answer = await fetch(`${BASE}${path}?lang=${lang}`, {
      method: "POST", credentials: "same-origin", cache: "no-store", redirect: "error", body: bytes,
      headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": token },
    });
  } catch {
    throw new Refused(0, { error: { code: "no_connection" } });
  }
  if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  throw new Refused(answer.status, await answer.json().catch(() => null));
}

async function write(method, path, body) {
  const { token } = await get("csrf");
  const text = body === undefined ? undefined : JSON.stringify(body);
  const atWork = (act) => showWork(act, (percent) => t("work.share", { percent }), t("work.stop"));
  return working(utf8(text ?? ""), (proof) => send(method, path, text, { "X-CSRFToken": token, ...proof }), atWork);
}

export const post = (path, body) => write("POST", path, body);
export const remove = (path) => write("DELETE", path);
