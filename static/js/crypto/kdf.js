// HKDF-SHA256 (RFC 5869). Twin of crypto/kdf.py.

const EMPTY = new Uint8Array(0);

/** @param {Uint8Array} key @param {Uint8Array} info @returns {Promise<Uint8Array>} */
export async function hkdf(key, info, { salt = EMPTY, length = 32 } = {}) {
  const imported = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, imported, length * 8);
  return new Uint8Array(bits);
}
