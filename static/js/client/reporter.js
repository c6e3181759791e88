// What a reporter's browser does, without a line of DOM: look who will read, seal, send, come back with the code
// (docs/sealing.md). Twin of intake/client/reporter.py.
//
// The server is never trusted for a key: readers' and custodians' keys come from the signed roster, the reporter's own
// from the receipt code, and nothing else.

export { CodeError, newCode, parseCode } from "../crypto/codes.js";
export { ClientFault, Refused } from "./faults.js";
export { LIMITS } from "./reporter/sealing.js";
export { openPortal } from "./reporter/portal.js";
export { markOf } from "./reporter/record.js";
