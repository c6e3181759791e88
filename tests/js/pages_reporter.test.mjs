// The public form without a page: facts, report, what is wrong, the typed code, and the exchange of languages.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CODE_WORDS, readCode, repeatFault } from "../../static/js/pages/reporter/codes.js";
import {
  MOST_CATEGORIES, emptyAccused, factsOf, faultsOf, hasText, reportOf, today,
} from "../../static/js/pages/reporter/form.js";
import { exchange, phrases } from "../../static/js/pages/reporter/language.js";
import { loadClient } from "../../static/js/pages/reporter/client.js";

const { newCode } = await loadClient();

const LIMITS = { summary: 200, text: 30_000, name: 120, when: 200 };

const aForm = (changed = {}) => ({
  kind: "report", unknown: false, work: "", inspection: "", categories: ["D4-01-HOILO"], objections: [], keepAway: "", named: true,
  accused: [{ ...emptyAccused(), body: "CB-01", role: "head", name: " Nguyễn Văn A " }],
  summary: "Nhận tiền", when: "", where: "", text: "Chuyện là thế này", wants: "",
  name: "Trần Thị B", unit: "", phone: "", email: "", other: "", address: "", ...changed,
});
const codes = (step, form) => faultsOf(step, form, LIMITS).map(({ field, code }) => `${field} ${code}`);

test("the facts hold codes and never a name or a text", () => {
  const facts = factsOf(aForm(), "2026-11-23");
  assert.deepEqual(facts, { on: "2026-11-23", accused: [{ body: "CB-01", role: "head" }] });
  assert.ok(!JSON.stringify(facts).includes("Nguyễn"));
});

test("kind of work and objections are facts only where they are given, and a person is named once", () => {
  const facts = factsOf(aForm({ work: "inspection", objections: ["P-002", "P-001", "P-002"] }), "2026-11-23");
  assert.equal(facts.work_kind, "inspection");
  assert.equal(factsOf(aForm({ inspection: "KT-2026-07" }), "2026-11-23").inspection, "KT-2026-07");
  assert.equal("inspection" in factsOf(aForm({}), "2026-11-23"), false);
  assert.deepEqual(facts.objections, ["P-001", "P-002"]);
});

test("somebody outside the Party is said to be so, a body as a whole is not", () => {
  const row = { ...emptyAccused(), body: "CB-01", outsider: true };
  const { accused } = factsOf(aForm({ accused: [{ ...row, role: "employee" }, { ...row, role: "organisation" }] }), "2026-11-23");
  assert.deepEqual(accused, [{ body: "CB-01", role: "employee", party_member: false }, { body: "CB-01", role: "organisation" }]);
});

test("two people of one body and role are one fact and two names", () => {
  const row = { ...emptyAccused(), body: "CB-01", role: "member" };
  const form = aForm({ accused: [{ ...row, name: "A" }, { ...row, name: "B" }] });
  assert.equal(factsOf(form, "2026-11-23").accused.length, 1);
  assert.deepEqual(reportOf(form, "vi").accusedNames.map(({ name }) => name), ["A", "B"]);
});

test("not known means no accused, whatever was filled in before", () => {
  const form = aForm({ unknown: true });
  assert.deepEqual(factsOf(form, "2026-11-23").accused, []);
  assert.deepEqual(reportOf(form, "vi").accusedNames, []);
  assert.deepEqual(codes("whom", { ...form, accused: [emptyAccused()] }), []);
});

test("without a name nothing of an identity goes into the report, even if it was typed before", () => {
  assert.equal(reportOf(aForm({ named: false }), "vi").identity, null);
  assert.ok(!JSON.stringify(reportOf(aForm({ named: false }), "vi")).includes("Trần"));
  assert.equal(reportOf(aForm(), "en").identity.name, "Trần Thị B");
  assert.equal(reportOf(aForm(), "en").language, "en");
});

test("complaints and petitions stop at the first step", () => {
  assert.deepEqual(codes("kind", aForm()), []);
  assert.deepEqual(codes("kind", aForm({ kind: "" })), ["kind kind_missing"]);
  for (const kind of ["complaint", "petition"]) assert.deepEqual(codes("kind", aForm({ kind })), ["kind kind_elsewhere"]);
});

test("each step says what is missing, at its field", () => {
  assert.deepEqual(codes("whom", aForm({ accused: [emptyAccused()] })), ["accused-0-body body_missing", "accused-0-role role_missing"]);
  assert.deepEqual(codes("whom", aForm({ accused: [] })), ["accused accused_missing"]);
  assert.deepEqual(codes("what", aForm({ categories: [] })), ["categories category_missing"]);
  assert.deepEqual(codes("what", aForm({ categories: Array(MOST_CATEGORIES + 1).fill("X") })), ["categories category_many"]);
  assert.deepEqual(codes("story", aForm({ summary: " ", text: "" })), ["summary summary_missing", "text text_missing"]);
  assert.deepEqual(codes("identity", aForm({ name: "" })), ["name name_missing"]);
  assert.deepEqual(codes("identity", aForm({ name: "", named: false })), []);
  assert.deepEqual(codes("identity", aForm({ email: "khong-hop-le" })), ["email email_odd"]);
  for (const email of ["", " ai.do@truong.edu.vn "]) assert.deepEqual(codes("identity", aForm({ email })), []);
  assert.deepEqual(codes("identity", aForm({ email: "khong-hop-le", named: false })), []);
});

test("a text is as long as its characters, and too long by so many", () => {
  assert.deepEqual(codes("story", aForm({ summary: "😀".repeat(200) })), []);
  const [wrong] = faultsOf("story", aForm({ summary: "ế".repeat(207) }), LIMITS);
  assert.deepEqual(wrong, { field: "summary", code: "too_long", values: { over: 7 } });
});

test("leaving asks only when something typed would be lost", () => {
  const empty = aForm({ accused: [emptyAccused()], summary: "", text: "", name: "" });
  assert.equal(hasText(empty), false);
  assert.equal(hasText({ ...empty, wants: "Kiểm tra lại" }), true);
  assert.equal(hasText({ ...empty, accused: [{ ...emptyAccused(), name: "A" }] }), true);
});

test("a day is that of the portal's time zone", () => {
  assert.equal(today(new Date("2026-11-23T16:59:00Z")), "2026-11-23");
  assert.equal(today(new Date("2026-11-23T17:01:00Z")), "2026-11-24");
});

test("a code typed back may have other case, marks and separators", () => {
  const code = newCode();
  assert.equal(repeatFault(` ${code.toUpperCase().replaceAll("-", " , ")} `, code), null);
  assert.equal(readCode(code.replaceAll("-", "\n")).text, code);
});

test("a code typed wrongly names the word that is wrong", () => {
  const code = newCode();
  const words = code.split("-");
  assert.deepEqual(repeatFault("", code), { code: "code_empty", values: {} });
  assert.deepEqual(repeatFault([...words.slice(0, 4), "xyzzy", ...words.slice(5)].join(" "), code), { code: "code_unknown", values: { place: 5, word: "xyzzy" } });
  assert.deepEqual(repeatFault(words.slice(1).join(" "), code), { code: "code_count", values: { expected: CODE_WORDS, count: 8 } });
  const place = words.findIndex((word, at) => at && word !== words[at - 1]);
  const swapped = words.with(place, words[place - 1]);
  assert.deepEqual(repeatFault(swapped.join(" "), code), { code: "code_differs", values: { place: place + 1 } });
});

test("a code of a report sealed at the server is told apart", () => {
  assert.equal(readCode(newCode("server")).fault.code, "code_server");
  assert.equal(repeatFault(newCode("server"), newCode()).code, "code_differs");
});

// Just enough of a tree to walk: what language.js asks of a node, and nothing else.
const text = (data) => ({ nodeType: 3, nodeName: "#text", data });
const element = (nodeName, attributes, ...childNodes) => ({
  nodeType: 1, nodeName, childNodes, attributes: { ...attributes },
  getAttribute(name) { return this.attributes[name] ?? null; },
  setAttribute(name, value) { this.attributes[name] = value; },
});
const page = (words) => element("MAIN", {}, text("\n  "),
  element("LABEL", { "data-x": "1" }, text(words.label)),
  element("INPUT", { placeholder: words.hint, value: "typed", href: "no" }),
  element("A", { href: words.link, "aria-label": words.aria }, text(words.more)),
  element("NOSCRIPT", {}, ...Array(words.scripts ?? 1).fill(text("x"))));
const VI = { label: "Họ tên", hint: "Gợi ý", link: "/help", aria: "Hỏi đáp", more: "Thêm" };
const EN = { label: "Name", hint: "Hint", link: "/help?lang=en", aria: "Questions", more: "More", scripts: 3 };

test("changing the language exchanges texts, links and labels, and nothing that was typed", () => {
  const ours = page(VI);
  exchange(phrases(ours), phrases(page(EN)));
  const [, label, input, link] = ours.childNodes;
  assert.equal(label.childNodes[0].data, "Name");
  assert.deepEqual(input.attributes, { placeholder: "Hint", value: "typed", href: "no" });
  assert.deepEqual(link.attributes, { href: "/help?lang=en", "aria-label": "Questions" });
});

test("what a script has drawn since stays as it is", () => {
  const ours = page(VI);
  const recorded = phrases(ours);
  ours.childNodes[1].childNodes = [text("drawn")];
  exchange(recorded, phrases(page(EN)));
  assert.equal(ours.childNodes[1].childNodes[0].data, "drawn");
});

test("two pages that do not match are left alone", () => {
  const ours = page(VI);
  const theirs = page(EN);
  theirs.childNodes.splice(1, 1);
  assert.throws(() => exchange(phrases(ours), phrases(theirs)), /pages_differ/);
  assert.equal(ours.childNodes[1].childNodes[0].data, "Họ tên");
});
