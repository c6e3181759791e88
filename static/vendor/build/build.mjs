// Makes static/vendor from the locked packages: bundles, checksums, licences, versions. See README.md.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = dirname(HERE);
const BUNDLES = ["argon2-fallback", "argon2", "sealing", "zxcvbn"];
// The oldest browsers that are served (stack.md): Windows 7 ends at Chromium 109.
const TARGET = ["chrome109", "firefox115", "safari16"];
// Refused under the pages' policy (Trusted Types, no 'unsafe-eval'), or newer than Chromium 109 and not polyfilled by esbuild.
// (hpke has an import("crypto") for an old Node without globalThis.crypto; no browser and no Node of ours comes there.)
const FORBIDDEN = [
  /\beval\(/, /\bnew Function\b/, /\bFunction\(/, /\.innerHTML\b/, /\.outerHTML\b/, /document\.write/, /\bDOMParser\b/, /Math\.random/,
  /\.toSorted\(/, /\.toReversed\(/, /\.toSpliced\(/, /\.isWellFormed\(/, /\.toWellFormed\(/, /Promise\.withResolvers/,
  /Object\.groupBy/, /Array\.fromAsync/, /\bimport\(\s*["'](?!(?:node:)?crypto["'])/,
];

async function bundle(name) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: HERE, entryPoints: [`entries/${name}.js`], bundle: true, format: "esm", platform: "browser", target: TARGET,
    minify: true, charset: "ascii", legalComments: "none", metafile: true, write: false,
    define: { "process.env.NODE_ENV": "\"production\"" },
    banner: { js: "/* Third-party code; built by static/vendor/build, licences in static/vendor/LICENSES. */" },
  });
  const [{ contents, text }] = outputFiles;
  const found = FORBIDDEN.filter((pattern) => pattern.test(text));
  if (found.length) throw new Error(`${name}.js would not run under the policy or in the oldest browser: ${found.join(" ")}`);
  await writeFile(join(OUT, `${name}.js`), contents);
  const packages = Object.keys(metafile.inputs).map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean);
  return { name: `${name}.js`, packages: [...new Set(packages)].sort(), size: contents.length };
}

async function licence(name) {
  const folder = join(HERE, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} ships no licence text`);
  await writeFile(join(OUT, "LICENSES", `${name.replace("@", "").replace("/", "__")}.txt`), await readFile(join(folder, file)));
  return { version, license };
}

const made = [];
for (const name of BUNDLES) made.push(await bundle(name));
await rm(join(OUT, "LICENSES"), { recursive: true, force: true });
await mkdir(join(OUT, "LICENSES"));
const packages = {};
for (const name of [...new Set(made.flatMap((one) => one.packages))].sort()) packages[name] = await licence(name);
const bundles = Object.fromEntries(made.map(({ name, packages: held }) => [name, held]));
await writeFile(join(OUT, "versions.json"), `${JSON.stringify({ bundles, packages }, null, 2)}\n`);
const sums = [];
for (const name of [...BUNDLES.map((each) => `${each}.js`), "versions.json"].sort()) {
  sums.push(`${createHash("sha256").update(await readFile(join(OUT, name))).digest("hex")}  ${name}\n`);
}
await writeFile(join(OUT, "SHA256SUMS"), sums.join(""));
for (const { name, size } of made) console.log(`${name}: ${size} bytes`);
