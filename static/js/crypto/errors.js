// What sealing and opening may end with; the twins of crypto/errors.py.
//
// CryptoError
//   Malformed     not of the format: wrong version, size, encoding, padding, or not canonical
//     CodeError   a receipt code that can't be one: says which word is unknown, or how many there are
//   Damaged       of the format, but altered since it was sealed
//   NotForMe      sealed under another key, or for another place
//   WeakKey       a public key of small order, or one that is none
//   Expired       past its last day
//   Stale         older than what was seen before
//   BadSignature  not signed by this key
//
// They differ inside; a page says one sentence for all of them (sealing.md, Rules).

export class CryptoError extends Error {
  constructor(message = "", options = undefined) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class Malformed extends CryptoError {}
export class Damaged extends CryptoError {}
export class NotForMe extends CryptoError {}
export class WeakKey extends CryptoError {}
export class Expired extends CryptoError {}
export class Stale extends CryptoError {}
export class BadSignature extends CryptoError {}

/** `index` is the place (from 0) of the first unknown word, or null; `count` how many words were found. */
export class CodeError extends Malformed {
  constructor({ index = null, count, unknown = null }) {
    super(index === null ? "wrong number of words" : "unknown word");
    this.index = index;
    this.count = count;
    this.unknown = unknown;
  }
}
