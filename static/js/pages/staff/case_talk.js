// Who said what and when: messages with the reporter, notes among handlers, and writing both.

import { buildItem } from "../../client/member.js";
import { post } from "./api.js";
import { $, busy, el, fault, notice, progress, show } from "../dom.js";
import { person, shortName } from "./people.js";
import { explain, moment, t } from "./words.js";

// The readers have changed since the page was read: what was typed is sealed with the next key and sent again, once.
const OUTDATED = ["epoch_pending", "epoch_closed"];

function author(entry, me) {
  if (entry.by === "reporter") return t("talk.reporter");
  return entry.by === me ? t("talk.me", { person: shortName(me) }) : person(entry.by);
}

/** One entry; a signature that fails is shown before the words, not after them. */
function line(entry, me) {
  const side = entry.by === "reporter" ? "theirs" : "ours";
  return el("li", { class: `said ${side}${entry.fault ? " doubtful" : ""}` },
    el("p", { class: "said-by" },
      el("strong", {}, author(entry, me)), " ",
      el("time", { datetime: entry.at }, moment(entry.at, entry.by !== "reporter")), " ",
      entry.fault ? null : el("span", { class: "good" }, t("talk.verified"))),
    entry.fault ? el("p", { class: "alarm" }, t(`fault.${entry.fault}`)) : null,
    entry.text === null ? null : el("p", { class: "typed" }, entry.text));
}

function list(name, entries, me) {
  $(`#${name}`).replaceChildren(...entries.map((entry) => line(entry, me)));
  show($(`#no-${name}`), entries.length === 0);
}

const usable = (opened, ring) => Boolean(opened.rings[ring]?.key && opened.rings[ring].trusted)
  && !opened.pending.some(({ name }) => name === ring);

/** Where a ring has no usable key the page says so; the fields stay open, because sending makes the key. */
function readiness(opened, ring) {
  const line = $(`#pending-${ring}`);
  const pending = !usable(opened, ring);
  line.textContent = pending ? t(`pending.${ring}`) : "";
  show(line, pending);
}

/** Draw both conversations anew; what is being typed stays as it is. */
export function showTalk(opened, me) {
  list("messages", opened.messages, me);
  list("notes", opened.notes, me);
  readiness(opened, "report");
  readiness(opened, "internal");
}

/** Let both forms send; `current` gives the newest state, `refresh` reads it again and makes the keys that are missing. */
export function watchTalk(current, refresh) {
  const watch = (kind, ring) => {
    const form = $(`#${kind}-form`);
    const field = $(`#${kind}`);
    let sending = null; // the same sealed item is sent again after a lost answer, never a second one
    field.addEventListener("input", () => { sending = null; });
    const attempt = async (typed) => {
      progress(t("sealing"));
      const { context, opened } = current();
      sending ??= await buildItem(context.actor, context.caseId, opened.rings[ring], kind, typed);
      try {
        await post(`desk/cases/${context.caseId}/items`, sending);
      } catch (error) {
        if (error.status !== 0) sending = null;
        throw error;
      }
      sending = null;
    };
    const send = async () => {
      fault();
      notice();
      const typed = field.value;
      if (!usable(current().opened, ring)) await refresh();
      try {
        await attempt(typed);
      } catch (error) {
        if (!OUTDATED.includes(error.code)) throw error;
        await refresh();
        await attempt(typed);
      }
      if (field.value === typed) field.value = "";
      progress();
      return t(`sent.${kind}`);
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const done = await busy(form, send);
        await refresh();
        notice(done);
      } catch (error) {
        fault(explain(error));
      }
    });
  };
  watch("message", "report");
  watch("note", "internal");
}
