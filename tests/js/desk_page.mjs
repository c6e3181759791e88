// The desk's case page without a browser: as much of a document as its modules touch, and a server that remembers what was sent.

import { b64u, parseJcs, unb64u } from "../../static/js/crypto/encoding.js";
import { sealTab } from "../../static/js/client/member.js";
import { answerFor } from "./member_world.mjs";

class FakeNode {
  constructor() {
    Object.assign(this, { children: [], attributes: {}, dataset: {}, className: "", hidden: true, value: "" });
  }

  setAttribute(name, value) {
    if (name === "class") this.className = value;
    else this.attributes[name] = value;
  }

  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  hasChildNodes() { return this.children.length > 0; }
  querySelectorAll() { return []; }
  addEventListener() {}
  focus() {}
  scrollIntoView() {}
  get textContent() { return this.children.map((child) => child.textContent ?? String(child)).join(""); }
  set textContent(text) { this.children = [text]; }
}

/** The texts of all elements of this class under a node. */
export function texts(node, name) {
  const own = node.className?.split(" ").includes(name) ? [node.textContent] : [];
  return [...own, ...(node.children ?? []).flatMap((child) => texts(child, name))];
}

/** An empty page: every selector finds an element of its own, and every sentence is its key. Returns `find(selector)`. */
export function blankPage() {
  const nodes = new Map([["#strings", Object.assign(new FakeNode(), { textContent: "{}" })]]);
  const find = (selector) => nodes.get(selector) ?? nodes.set(selector, new FakeNode()).get(selector);
  globalThis.document = { querySelector: find, querySelectorAll: () => [], createElement: () => new FakeNode(), documentElement: { lang: "vi" } };
  return find;
}

function storage() {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) };
}

const answered = (status, body) => ({ ok: status < 400, status, text: async () => JSON.stringify(body) });

let visits = 0;

/**
 * Open the case page as this reader: `{find, posted}`, once it shows the case or a fault. `posted` are the acts, `[path, body]`;
 * an epoch is taken in. `extra` is what else the API answers of the case, `refusing` the paths that are answered with 409.
 */
export async function openPage(world, file, code, { extra = {}, refusing = [] } = {}) {
  const find = blankPage();
  find("#page").dataset.case = file.id;
  const member = { id: crypto.randomUUID(), code };
  const sessionKey = b64u(crypto.getRandomValues(new Uint8Array(32)));
  const pins = { org: b64u(world.org.keys.signPublic) };
  const shown = { ...file, epochs: [...file.epochs] };
  const posted = [];
  const acts = {
    "bad-keys": () => ({}),
    epochs: ({ statement, grants }) => {
      const { ring, epoch } = parseJcs(unb64u(statement.stmt));
      extra = { ...extra, epochs: undefined };
      shown.epochs.push({ row: { ring, epoch, state: "open", statement }, grants });
      return {};
    },
  };
  const read = async (path) => {
    if (path === "session") return { key: sessionKey, member };
    if (path === "installation") return world.installationAnswer();
    if (path === "relations") return { mine: [], members: [], kinds: [] };
    if (path === "csrf") return { token: "x" };
    const answer = await answerFor(world, shown, code);
    return { ...answer, ...extra, epochs: extra.epochs ?? answer.epochs };
  };
  const fetch = async (url, { method, body }) => {
    const path = new URL(url, "https://desk.invalid").pathname.replace("/staff/api/v1/", "");
    if (method === "GET") return answered(200, await read(path));
    const act = path.replace(`desk/cases/${file.id}/`, "");
    posted.push([act, JSON.parse(body)]);
    return refusing.includes(act) ? answered(409, { error: { code: "epoch_closed" } }) : answered(200, acts[act](JSON.parse(body)));
  };
  const sessionStorage = storage();
  sessionStorage.setItem("niemphong.seed", await sealTab({ sessionKey, memberId: member.id, seed: world.people[code].seed, pins }));
  Object.assign(globalThis, { fetch, sessionStorage, localStorage: storage(), isSecureContext: true, addEventListener: () => {} });
  delete globalThis.BroadcastChannel; // an open channel, or a ticking clock, would keep the tests from ending
  globalThis.setInterval = () => 0;
  await import(`../../static/js/pages/staff/case.js?visit=${visits += 1}`);
  for (let left = 1000; find("#opened").hidden && find("#fault").hidden; left -= 1) {
    if (!left) throw new Error("the page shows neither the case nor a fault");
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
  return { find, posted };
}
