// The worker of stretching.js: one passphrase in, 32 bytes out, then it is ended.

import { stretch } from "../../crypto/passphrase.js";

self.onmessage = async ({ data: { passphrase, salt } }) => {
  try {
    const stretched = await stretch(passphrase, salt, { onProgress: (share) => self.postMessage({ share }) });
    self.postMessage({ stretched });
  } catch (error) {
    self.postMessage({ failed: String(error?.name ?? "Error") });
  }
};
