// Argon2id beside the page, in a worker, so that the page goes on answering (sealing.md, Primitives).

import { progress } from "../dom.js";
import { t } from "./words.js";

const WORKER = new URL("./argon2_worker.js", import.meta.url).href;

// Trusted Types are asked for first: browsers without them take the address itself. The policy lets one file through.
const policy = globalThis.trustedTypes?.createPolicy("niemphong", {
  createScriptURL(url) {
    if (url !== WORKER) throw new TypeError("only the Argon2 worker may be loaded");
    return url;
  },
});

/** The stretched passphrase (32 bytes). `salt` is 16 bytes. Says how it goes in the page's progress line. */
export function stretchPassphrase(passphrase, salt) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(policy ? policy.createScriptURL(WORKER) : WORKER, { type: "module" });
    const started = Date.now();
    const tell = (share) => progress(share
      ? t("stretching.share", { percent: Math.round(share * 100) })
      : t("stretching.seconds", { seconds: Math.round((Date.now() - started) / 1000) }));
    const ticking = setInterval(tell, 1000);
    const end = (settle, value) => {
      clearInterval(ticking);
      worker.terminate();
      progress();
      settle(value);
    };
    tell();
    worker.onmessage = ({ data }) => {
      if (data.stretched) end(resolve, data.stretched);
      else if (data.share !== undefined) {
        clearInterval(ticking);
        tell(data.share);
      } else end(reject, Object.assign(new Error(data.failed), { code: "stretching_failed" }));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      end(reject, Object.assign(new Error("worker"), { code: "stretching_failed" }));
    };
    worker.postMessage({ passphrase, salt });
  });
}
