// What can go wrong in a browser, and what the server says; the twins of intake/client/errors.py.
//
// ClientFault   what arrived is not what was signed, or nothing arrived ("network"): nothing is shown, nothing is sent
// Refused       the server refuses, with its code and sentence

/** A refusal of this browser: `code` is a key of the page's strings, `detail` says where. */
export class ClientFault extends Error {
  constructor(code, detail = {}, cause = undefined) {
    super(code, cause ? { cause } : undefined);
    this.name = "ClientFault";
    this.code = code;
    this.detail = detail;
  }
}

/** The server's refusal, from inside an envelope (`status` 200) or from the wire. */
export class Refused extends Error {
  constructor(status, body) {
    const error = body?.error ?? {};
    const code = String(error.code ?? `http_${status}`);
    super(`${status} ${code}`);
    this.name = "Refused";
    this.status = status;
    this.code = code;
    this.message = String(error.message ?? "");
    this.detail = error.detail ?? {};
  }
}
