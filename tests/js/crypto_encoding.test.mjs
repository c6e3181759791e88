// Bytes, text, padding, bindings (sealing.md, Bytes): what is accepted, and what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";

import { binding, objectBinding } from "../../static/js/crypto/binding.js";
import * as encoding from "../../static/js/crypto/encoding.js";
import { CodeError, CryptoError, Damaged, Malformed } from "../../static/js/crypto/errors.js";
import { pad, padme, unpad } from "../../static/js/crypto/padding.js";
import { SYLLABLES, newCode, parseCode } from "../../static/js/crypto/codes.js";

const { b64u, jcs, parseJcs, unb64u, utf8 } = encoding;
const text = (bytes) => new TextDecoder().decode(bytes);

test("errors know their names and what they are", () => {
  assert.equal(new Damaged().name, "Damaged");
  assert.ok(new Damaged() instanceof CryptoError && new CodeError({ count: 1 }) instanceof Malformed);
});

test("base64url has one spelling for each length", () => {
  for (let length = 0; length < 50; length += 1) {
    const bytes = encoding.randomBytes(length);
    assert.equal(b64u(bytes), Buffer.from(bytes).toString("base64url"));
    assert.deepEqual(unb64u(b64u(bytes)), bytes);
  }
  for (const wrong of ["A", "AB=", "AB==", "A+", "A/", "A A", "AÁ", null, 7, "AB", "AAB"]) {
    assert.throws(() => unb64u(wrong), Malformed, String(wrong)); // the last two set unused bits
  }
});

test("canonical JSON sorts its keys and keeps Vietnamese as it is", () => {
  assert.equal(text(jcs({ b: [1, "ế", null, true], a: { z: -1, y: "\u000f\n\"" } })), '{"a":{"y":"\\u000f\\n\\"","z":-1},"b":[1,"ế",null,true]}');
  assert.equal(text(jcs({ a: undefined, b: 1 })), '{"b":1}');
});

test("what canonical JSON can't hold is refused", () => {
  for (const wrong of [0.5, 2 ** 53, NaN, Infinity, "\ud800", { đ: 1 }, { a: "\udc00x" }, new Date(), () => 1, [undefined], 1n, undefined]) {
    assert.throws(() => jcs(wrong), Malformed, String(typeof wrong));
  }
});

test("JSON that isn't canonical is refused, byte by byte", () => {
  assert.deepEqual(parseJcs(utf8('{"a":1,"b":["x"]}')), { a: 1, b: ["x"] });
  for (const wrong of [
    '{"b":1,"a":1}', '{ "a":1}', '{"a":1,"a":1}', '{"a":1.0}', '{"a":1e0}', '{"a":-0}', '{"a":"\\u0061"}', '\ufeff{"a":1}', '{"a":1}\n',
    '{"a":9007199254740992}', '{"a":"\\ud800"}', "", "{", "[".repeat(200_000),
  ]) assert.throws(() => parseJcs(utf8(wrong)), Malformed, wrong.slice(0, 20));
  assert.throws(() => parseJcs(Uint8Array.of(0x22, 0xff, 0x22)), Malformed);
});

test("lone surrogates are cleaned, whole pairs kept", () => {
  assert.equal(encoding.cleanText("a\ud800b\udc00 😀"), "a\ufffdb\ufffd 😀");
});

test("UUIDs and fingerprints", async () => {
  const id = "0f8b6c1e-2d3a-4b5c-8d7e-9f0a1b2c3d4e";
  assert.equal(encoding.uuidText(encoding.uuidBytes(id)), id);
  assert.throws(() => encoding.uuidBytes(id.toUpperCase()), Malformed);
  assert.match(await encoding.fingerprint(new Uint8Array(32)), /^(?:[0-9a-f]{4} ){9}[0-9a-f]{4}$/);
});

test("Padmé sizes, also above 2^32", () => {
  const known = [[0, 0], [1, 1], [2, 2], [8, 8], [9, 10], [100, 104], [2048, 2048], [2049, 2176], [2 ** 32 + 1, 2 ** 32 + 2 ** 26], [2 ** 40, 2 ** 40]];
  for (const [length, size] of known) assert.equal(padme(length), size, String(length));
  assert.throws(() => padme(-1), Malformed);
});

test("a frame comes back, and a wrong size, length or padding is refused", () => {
  for (const length of [0, 1, 507, 508, 509, 5000]) {
    const data = new Uint8Array(length).fill(7);
    assert.deepEqual(unpad(pad(data)), data);
    assert.equal(pad(data).length, Math.max(512, padme(length + 4)));
  }
  const good = pad(new Uint8Array(600));
  const nonzero = Uint8Array.from(good);
  nonzero[nonzero.length - 1] = 1;
  const long = Uint8Array.from(good);
  long[0] = 0xff;
  for (const wrong of [nonzero, long, good.slice(0, -1), encoding.concat(good, 0), new Uint8Array(3)]) assert.throws(() => unpad(wrong), Malformed);
  assert.throws(() => unpad(pad(new Uint8Array(1), 512), 4096), Malformed);
});

test("a binding holds the place and nothing else", () => {
  const place = { kind: "grant", id: "i", ring: "report", epoch: 1, reader: "P-001", readerkey: "00", data: "AAAA", at: "x" };
  assert.equal(text(objectBinding("c", place)), '{"case":"c","epoch":1,"id":"i","kind":"grant","reader":"P-001","readerkey":"00","ring":"report","v":1}');
  assert.equal(text(binding("envelope", null, { id: "i", ring: null })), '{"id":"i","kind":"envelope","v":1}');
  assert.throws(() => binding("grant", "c", { data: "x" }), Malformed);
  assert.throws(() => objectBinding("c", { kind: "grant" }), Malformed);
});

test("a receipt code is read however it is typed", () => {
  const code = newCode();
  const words = code.split("-");
  assert.equal(words.length, 9);
  for (const typed of [code, words.join(" "), `  ${words.join(" , ").toUpperCase()}\n`, words.join("1")]) {
    assert.deepEqual(parseCode(typed), { text: code, klass: "browser" });
  }
  assert.equal(parseCode(newCode("server")).klass, "server");
});

test("marks and the letter đ are read as what they are written without", () => {
  assert.throws(() => parseCode("Đường"), (error) => error.unknown === "duong" || error.count === 1);
});

test("a wrong code says which word, or how many", () => {
  const words = newCode().split("-");
  assert.throws(() => parseCode(words.slice(1).join(" ")), (error) => error instanceof CodeError && error.index === null && error.count === 8);
  words[3] = "zzzzzz";
  assert.throws(() => parseCode(words.join(" ")), (error) => error.index === 3 && error.unknown === "zzzzzz");
});

test("the list holds 1024 different syllables, and codes draw from the half of their class", () => {
  assert.equal(new Set(SYLLABLES).size, 1024);
  assert.ok(SYLLABLES.every((word) => /^[a-z]+$/.test(word)));
  const highest = (length) => new Uint8Array(length).fill(255);
  assert.equal(newCode("browser", highest).split("-")[0], SYLLABLES[511]);
  assert.equal(newCode("server", highest).split("-")[0], SYLLABLES[1023]);
  assert.equal(newCode("server", (length) => new Uint8Array(length)).split("-")[0], SYLLABLES[512]);
});
