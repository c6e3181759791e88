// What static/js/crypto needs of other people's cryptography, and nothing more of it.
export { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
export { XWing } from "@hpke/hybridkem-x-wing";
export { default as canonicalize } from "canonicalize";
export { combine as shamirCombine, split as shamirSplit } from "shamir-secret-sharing";
export { ed25519, x25519 } from "@noble/curves/ed25519.js";
export { shake256 } from "@noble/hashes/sha3.js";
