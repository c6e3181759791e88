// Argon2id in plain JavaScript beside the page: {token, password, salt} in; {token, share}s and {token, stretched} out.

import { inScript } from "../crypto/argon2id.js";

self.onmessage = async ({ data: { token, password, salt } }) => {
  try {
    const stretched = await inScript(password, salt, (share) => self.postMessage({ token, share }));
    self.postMessage({ token, stretched });
  } catch (error) {
    self.postMessage({ token, failed: String(error?.name ?? "Error") });
  }
};
