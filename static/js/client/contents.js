// What the opened parts of a case have to be. Whoever holds the key may have sealed anything under a right signature: a text
// that is none, a list that is an object. Twin of intake/client/contents.py.

const isText = (value) => typeof value === "string";
const isFlag = (value) => typeof value === "boolean";
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const listOf = (fits) => (value) => Array.isArray(value) && value.every(fits);
const optional = (fits) => (value) => value === undefined || value === null || fits(value);
const shape = (fields) => (value) => (
  isObject(value) && Object.entries(fields).every(([name, fits]) => fits(Object.hasOwn(value, name) ? value[name] : undefined)));
const isVersion = (value) => value === 1;

const FACTS = shape({
  on: isText,
  accused: listOf(shape({ body: isText, role: isText, person: optional(isText), party_member: optional(isFlag) })),
  work_kind: optional(isText),
  inspection: optional(isText),
  reporter_unit: optional(isText),
  objections: optional(listOf(isText)),
});
const DECISION = shape({
  body: isText, external: isFlag, rule: isText, readers: listOf(isText), custodians: isText, ruleset: isText, citations: listOf(isText),
  pair: optional(shape({ body: isText, rule: isText, readers: listOf(isText), leads: isFlag })),
});
const LINKED = optional(shape({ case: isText, body: isText, leads: isFlag, number: optional(isText) }));
const TEXT = shape({ v: isVersion, text: isText });
const RELATION = shape({ person: isText, tie: isText, with: isText, code: isText, since: isText, until: optional(isText) });
const PARTS = {
  first: shape({
    v: isVersion, case: isText, reporter: shape({ kem: isText, sign: isText }), facts: FACTS, objections: listOf(isText), decision: DECISION,
    linked: LINKED,
  }),
  summary: TEXT,
  message: TEXT,
  supplement: shape({ v: isVersion, text: isText, when: isText, where: isText, whom: isText }),
  note: TEXT,
  narrative: shape({
    v: isVersion, named: isFlag, text: isText, when: isText, where: isText, wants: isText, keep_away: isText, language: isText,
    accused_names: listOf(shape({ name: isText, body: optional(isText), role: optional(isText) })),
  }),
  header: shape({
    v: isVersion, case: isText, facts: FACTS, decision: DECISION, linked: LINKED, made_by: isText, relations: optional(listOf(RELATION)),
  }),
};

/** Whether this is sound content of its kind; more fields than are known don't matter, a kind that isn't known does. */
export const isSound = (kind, content) => Object.hasOwn(PARTS, kind) && PARTS[kind](content);
