// Receipt codes: nine Vietnamese syllables without marks (sealing.md, Receipt code). Twin of crypto/codes.py.
//
// The first syllable also tells the class: the first half of the list for reports sealed in a browser, the second for those
// sealed at the server, so that the page without JavaScript never takes a browser's code.

import { randomBytes } from "./encoding.js";
import { CodeError, Malformed } from "./errors.js";
import { SYLLABLES } from "./syllables.js";

export { CodeError, SYLLABLES };

const COUNT = 9;
const HALF = 512;
const CLASSES = ["browser", "server"];
const PLACES = new Map(SYLLABLES.map((syllable, place) => [syllable, place]));

/** A new code, 89 uniform bits and its class. @param {"browser"|"server"} klass @returns {string} words joined by `-` */
export function newCode(klass = "browser", rng = randomBytes) {
  const half = CLASSES.indexOf(klass);
  if (half < 0) throw new Malformed("no such class of codes");
  const bytes = rng(COUNT * 2);
  const places = Array.from({ length: COUNT }, (_, word) => ((bytes[2 * word] << 8) | bytes[2 * word + 1]) % SYLLABLES.length);
  places[0] = half * HALF + (places[0] % HALF); // 1024 and 512 divide 2^16: still uniform
  return places.map((place) => SYLLABLES[place]).join("-");
}

/**
 * Read what somebody typed: any case, marks and separators.
 * @returns {{text: string, klass: "browser"|"server"}} `text` goes into reporterKeys @throws {CodeError}
 */
export function parseCode(text) {
  const plain = String(text).toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replaceAll("đ", "d");
  const words = plain.split(/[^a-z]+/).filter(Boolean);
  const index = words.findIndex((word) => !PLACES.has(word));
  if (index >= 0) throw new CodeError({ index, count: words.length, unknown: words[index] });
  if (words.length !== COUNT) throw new CodeError({ count: words.length });
  return { text: words.join("-"), klass: CLASSES[PLACES.get(words[0]) < HALF ? 0 : 1] };
}
