// The form without the page: what was filled in, what is wrong with it, and what becomes of it. No DOM here.

export const STEPS = ["kind", "whom", "what", "away", "receivers", "story", "identity", "review", "code"];
export const MOST_CATEGORIES = 12;
export const MOST_ACCUSED = 8;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const ZONE = "Asia/Ho_Chi_Minh";
const TEXTS = {
  away: ["keepAway"],
  story: ["summary", "when", "where", "text", "wants"],
  identity: ["name", "unit", "phone", "email", "other", "address"],
};

export const emptyAccused = () => ({ body: "", role: "", name: "", outsider: false });

/** The day in the portal's time zone as `2026-11-23`: rules are those of the day on which a report is made. */
export function today(now) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
}

/** What the server has to know to route it, and nothing else: no name, no text (contracts, Facts and decision). */
export function factsOf(form, on) {
  const accused = form.unknown ? [] : form.accused.map(({ body, role, outsider }) => ({
    body, role, ...(outsider && role !== "organisation" ? { party_member: false } : {}),
  }));
  return {
    on,
    accused: accused.filter((one, place) => accused.findIndex((other) => same(one, other)) === place),
    ...(form.work ? { work_kind: form.work } : {}),
    ...(form.inspection ? { inspection: form.inspection } : {}),
    ...(form.objections.length ? { objections: [...new Set(form.objections)].sort() } : {}),
  };
}

/** What is sealed for the readers, with the identity apart; `null` where nobody wants to be named. */
export function reportOf(form, language) {
  const text = (field) => (form[field] ?? "").trim();
  const named = form.unknown ? [] : form.accused.filter(({ name }) => name.trim());
  return {
    summary: text("summary"),
    text: text("text"),
    categories: [...new Set(form.categories)].sort(),
    when: text("when"),
    where: text("where"),
    wants: text("wants"),
    accusedNames: named.map(({ body, role, name }) => ({ body, role, name: name.trim() })),
    keepAway: text("keepAway"),
    language,
    identity: form.named ? Object.fromEntries(TEXTS.identity.map((field) => [field, text(field)])) : null,
  };
}

/** What is wrong with one step: `[{field, code, values}]`, in the order of the page. */
export function faultsOf(step, form, limits) {
  const wrong = [];
  const say = (field, code, values = {}) => wrong.push({ field, code, values });
  const length = (field, text, limit) => {
    const over = [...text.trim()].length - limit;
    if (over > 0) say(field, "too_long", { over });
  };
  const need = (field, code) => { if (!form[field].trim()) say(field, code); };
  if (step === "kind") {
    if (!form.kind) say("kind", "kind_missing");
    else if (form.kind !== "report") say("kind", "kind_elsewhere");
  }
  if (step === "whom" && !form.unknown) {
    if (!form.accused.length) say("accused", "accused_missing");
    form.accused.forEach((one, place) => {
      if (!one.body) say(`accused-${place}-body`, "body_missing");
      if (!one.role) say(`accused-${place}-role`, "role_missing");
      length(`accused-${place}-name`, one.name, limits.name);
    });
  }
  if (step === "what") {
    if (!form.categories.length) say("categories", "category_missing");
    if (form.categories.length > MOST_CATEGORIES) say("categories", "category_many", { limit: MOST_CATEGORIES });
  }
  if (step === "story") {
    need("summary", "summary_missing");
    need("text", "text_missing");
  }
  if (step === "identity" && form.named) {
    need("name", "name_missing");
    if (form.email.trim() && !EMAIL.test(form.email.trim())) say("email", "email_odd");
  }
  if (step !== "identity" || form.named) {
    for (const field of TEXTS[step] ?? []) length(field, form[field], limits[field]);
  }
  return wrong;
}

/** Whether anything would be lost if the page were closed now. */
export function hasText(form) {
  const typed = Object.values(TEXTS).flat().some((field) => (form[field] ?? "").trim());
  return typed || form.accused.some(({ name }) => name.trim());
}

const same = (one, other) => one.body === other.body && one.role === other.role && one.party_member === other.party_member;
