// The committed bundles are those of the checksums, and fit the pages' policy.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const VENDOR = new URL("../../static/vendor/", import.meta.url);
const read = (name) => readFileSync(new URL(name, VENDOR));
const bundles = readdirSync(VENDOR).filter((name) => name.endsWith(".js"));
const sums = new Map(read("SHA256SUMS").toString().trim().split("\n").map((line) => line.split("  ").reverse()));

test("every bundle has the checksum that is written down", () => {
  assert.deepEqual([...bundles, "versions.json"].sort(), [...sums.keys()].sort());
  for (const [name, sum] of sums) assert.equal(createHash("sha256").update(read(name)).digest("hex"), sum, name);
});

test("every package in a bundle has its version and its licence text beside it", () => {
  const { bundles: held, packages } = JSON.parse(read("versions.json"));
  assert.deepEqual(Object.keys(held).sort(), [...bundles].sort());
  const licences = readdirSync(new URL("LICENSES/", VENDOR));
  for (const name of new Set(Object.values(held).flat())) {
    assert.match(packages[name].version, /^\d+\.\d+\.\d+$/, name);
    assert.ok(licences.includes(`${name.replace("@", "").replace("/", "__")}.txt`), name);
  }
});

test("the lock file names packages and integrity, no address they came from", () => {
  const { packages } = JSON.parse(read("build/package-lock.json"));
  for (const [path, entry] of Object.entries(packages)) {
    assert.equal(entry.resolved, undefined, path);
    if (path) assert.match(entry.integrity, /^sha512-/, path);
  }
});

test("no bundle holds what Trusted Types or the script policy refuse", () => {
  for (const name of bundles) {
    const text = read(name).toString();
    for (const refused of [/\beval\(/, /\bnew Function\b/, /\.(?:inner|outer)HTML\b/, /document\.write/, /Math\.random/]) {
      assert.doesNotMatch(text, refused, name);
    }
  }
});

test("a passphrase that everybody thinks of is weak, five words are not", async () => {
  const { strength } = await import(new URL("zxcvbn.js", VENDOR));
  assert.ok(strength("matkhau123").score < 3);
  assert.ok(strength("nguyenvanan", ["nguyen", "van", "an"]).score < 3);
  const { score, guessesLog10 } = strength("lomkiem khehap riemban tratkhon xuongde");
  assert.equal(score, 4);
  assert.ok(guessesLog10 > 15);
});
