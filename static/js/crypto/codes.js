// Receipt codes: nine Vietnamese syllables without marks (sealing.md, Receipt code). Twin of crypto/codes.py.
//
// The first syllable also tells the class: the first half of the list for reports sealed in a browser, the second for those
// sealed at the server, so that the page without JavaScript never takes a browser's code. The one-time code of a package has
// ten syllables, so that neither is ever taken for the other.

import { randomBytes } from "./encoding.js";
import { CodeError, Malformed } from "./errors.js";
import { SYLLABLES } from "./syllables.js";

export { CodeError, SYLLABLES };

const COUNT = 9;
const PACKAGE_COUNT = 10;
const HALF = 512;
const CLASSES = ["browser", "server"];
const PLACES = new Map(SYLLABLES.map((syllable, place) => [syllable, place]));

/** So many places in the list, drawn uniformly: 1024 divides 2^16. */
function draw(count, rng) {
  const bytes = rng(count * 2);
  return Array.from({ length: count }, (_, word) => ((bytes[2 * word] << 8) | bytes[2 * word + 1]) % SYLLABLES.length);
}

const spelled = (places) => places.map((place) => SYLLABLES[place]).join("-");

/** A new code, 89 uniform bits and its class. @param {"browser"|"server"} klass @returns {string} words joined by `-` */
export function newCode(klass = "browser", rng = randomBytes) {
  const half = CLASSES.indexOf(klass);
  if (half < 0) throw new Malformed("no such class of codes");
  const places = draw(COUNT, rng);
  places[0] = half * HALF + (places[0] % HALF); // 512 divides 2^16 too: still uniform
  return spelled(places);
}

/** The words that somebody typed, all of them known. @throws {CodeError} */
function wordsOf(text, count) {
  const plain = String(text).toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replaceAll("đ", "d");
  const words = plain.split(/[^a-z]+/).filter(Boolean);
  const index = words.findIndex((word) => !PLACES.has(word));
  if (index >= 0) throw new CodeError({ index, count: words.length, unknown: words[index] });
  if (words.length !== count) throw new CodeError({ count: words.length });
  return words;
}

/** A new one-time code of a package, 100 uniform bits. @returns {string} words joined by `-` */
export const newPackageCode = (rng = randomBytes) => spelled(draw(PACKAGE_COUNT, rng));

/** The one-time code of a package, as somebody typed it. @returns {string} @throws {CodeError} */
export const parsePackageCode = (text) => wordsOf(text, PACKAGE_COUNT).join("-");

/**
 * Read what somebody typed: any case, marks and separators.
 * @returns {{text: string, klass: "browser"|"server"}} `text` goes into reporterKeys @throws {CodeError}
 */
export function parseCode(text) {
  const words = wordsOf(text, COUNT);
  return { text: words.join("-"), klass: CLASSES[PLACES.get(words[0]) < HALF ? 0 : 1] };
}
