// Who opened this case and when: what the verified ledger tells of access, in words.

import { accessHistory } from "../../client/member.js";
import { $, el, replace, show } from "../dom.js";
import { body, person } from "./people.js";
import { moment, t } from "./words.js";

const name = (code) => (code === "reporter" ? t("history.reporter") : person(code));

function sentence({ kind, who, people, ring, epoch, removed, readers, reader, from, to }) {
  const words = { to, who: who ? name(who) : "", ring: ring ? t(`ring.${ring}`) : "", epoch };
  if (kind === "received") return t("history.received", { count: readers?.length ?? "?" });
  if (kind === "granted") return t("history.granted", { who: name(who), reader: reader ? name(reader) : "" });
  if (kind === "moved") return t("history.moved", { who: name(who), from: body(from), to: body(to) });
  if (kind === "removed") return t("history.removed", { who: people.map(name).join("; ") });
  if (kind === "key" && removed.length) return t("history.key_without", { ...words, removed: removed.map(name).join("; ") });
  return t(`history.${kind}`, words);
}

function line(event) {
  const hidden = event.who === null;
  const when = el("strong", {}, moment(event.at, event.exact));
  const told = hidden ? t("history.hidden") : sentence(event);
  return el("li", { class: hidden ? "alarm-text" : null, "data-event": event.kind }, when, " ", told);
}

/** Shown only where the chain holds: of a broken one nothing can be believed. */
export function showHistory(chain) {
  const events = chain.ok ? accessHistory(chain.entries) : [];
  const readers = new Set(events.filter(({ kind }) => kind === "opened").map(({ who }) => who));
  show($("#history-panel"), chain.ok);
  $("#history-count").textContent = t("history.count", { count: readers.size });
  replace($("#history"), events.map(line));
}
