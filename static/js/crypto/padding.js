// Padmé padding with a length in front (sealing.md, Bytes: Padmé). Twin of crypto/padding.py.

import { concat } from "./encoding.js";
import { Malformed } from "./errors.js";

const LENGTH = 4;
const SPACE = 32;
const bitLength = (number) => number.toString(2).length; // exact up to 2^53, where 32-bit operators are not

/** The padded size for a length: at most 12 % more. Integers only, also above 2^32. */
export function padme(length) {
  if (!Number.isSafeInteger(length) || length < 0) throw new Malformed("no length");
  if (length < 2) return length;
  const exponent = bitLength(length) - 1;
  const step = 2 ** (exponent - bitLength(exponent));
  return step <= 1 ? length : length + ((step - (length % step)) % step);
}

function u32(number) {
  const bytes = new Uint8Array(LENGTH);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** u32 length | data | zeros, to a whole size. @throws {Malformed} when it doesn't fit */
export function frame(data, size) {
  const zeros = size - LENGTH - data.length;
  if (zeros < 0) throw new Malformed("too long for its frame");
  return concat(u32(data.length), data, new Uint8Array(zeros));
}

/** The data of a frame. @throws {Malformed} on a wrong length or padding that isn't zero */
export function unframe(framed) {
  if (framed.length < LENGTH) throw new Malformed("too short for a frame");
  const length = new DataView(framed.buffer, framed.byteOffset).getUint32(0);
  if (length > framed.length - LENGTH) throw new Malformed("a frame shorter than it says");
  let padding = 0;
  for (const byte of framed.subarray(LENGTH + length)) padding |= byte;
  if (padding) throw new Malformed("padding that is not zero");
  return framed.slice(LENGTH, LENGTH + length);
}

/** u32 length | data | zeros up to max(minimum, padme(4 + length)). */
export function pad(data, minimum = 512) {
  return frame(data, Math.max(minimum, padme(LENGTH + data.length)));
}

/** @throws {Malformed} also when the padding is not of the one right size */
export function unpad(padded, minimum = 512) {
  const data = unframe(padded);
  if (padded.length !== Math.max(minimum, padme(LENGTH + data.length))) throw new Malformed("padding of a wrong size");
  return data;
}

/** JSON and spaces behind it, to the smallest of `sizes` that holds it: so sizes say nothing. @throws {Malformed} if none does */
export function fill(text, sizes) {
  const fitting = sizes.filter((size) => size >= text.length);
  if (!fitting.length) throw new Malformed("too long to be filled");
  return concat(text, new Uint8Array(Math.min(...fitting) - text.length).fill(SPACE));
}

/** The JSON without the spaces that fill it. */
export function unfill(filled) {
  let end = filled.length;
  while (end && filled[end - 1] === SPACE) end -= 1;
  return filled.slice(0, end);
}
