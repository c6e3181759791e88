// What seals and opens, fetched when somebody begins and not before: on a slow line the pages are there at once.

import { ClientFault } from "../../client/faults.js";

let client = null;
let loading = null;

/** Fetch it, once. @throws {ClientFault} network */
export async function loadClient() {
  loading ??= import("../../client/reporter.js");
  try {
    client = await loading;
  } catch (error) {
    loading = null; // asked for again at the next attempt
    throw new ClientFault("network", {}, error);
  }
  return client;
}

/** Fetch it while somebody is still typing; what fails now is said when it is needed. */
export function loadClientSoon(form) {
  form.addEventListener("input", () => loadClient().catch(() => {}), { once: true });
}

/** It, where `loadClient` or `portal` was waited for before. */
export const loaded = () => client;
