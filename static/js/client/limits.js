// How much may be written; a page shows it before it has loaded what seals.

/** Characters of a text in a case. */
export const WRITING = Object.freeze({ message: 10_000, note: 10_000, reason: 2_000, supplement: 10_000 });

/** Characters, but for `identity`: bytes of one scope's JSON, which is filled to exactly that, so that sizes say nothing. */
export const REPORTING = Object.freeze({ summary: 200, text: 30_000, message: WRITING.message, identity: 2044 });

/** Characters of what a reporter may say apart from the text of a supplement. */
export const SUPPLEMENTING = Object.freeze({ when: 200, where: 200, whom: 500 });

/** Bytes that a supplement is filled to, so that sizes say nothing: all that fits into the first, only the longest not. */
export const SUPPLEMENT_SIZES = Object.freeze([16_380, 65_532]);

/** Characters of the reason in words for an exception from rotation. */
export const ROTATION_NOTE = 400;
