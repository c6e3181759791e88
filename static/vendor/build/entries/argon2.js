// Argon2id as WebAssembly (RFC 9106). Needs 'wasm-unsafe-eval'; the module is compiled from bytes inside this file.
export { argon2id } from "hash-wasm";
