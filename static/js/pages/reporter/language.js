// Changing the language in place, so that nothing typed is lost and nothing is stored anywhere.
//
// The same page is fetched in the other language and both are walked in step: each text and each attribute for readers
// is exchanged for its twin. No markup is ever made from a string (Trusted Types), only texts are set.

import { $$ } from "../dom.js";

const ELEMENT = 1;
const TEXT = 3;
const ATTRIBUTES = ["aria-label", "label", "placeholder"];

/** Every text and translated attribute below `root`, in document order: `{node, attribute, kind}`. */
export function phrases(root) {
  const found = [];
  walk(root, found);
  return found;
}

function walk(node, found) {
  if (node.nodeType === TEXT) {
    if (node.data.trim()) found.push({ node, attribute: null, kind: "#text" });
    return;
  }
  // Where scripts run a `noscript` is one text, where they don't it is a tree: it is never shown here anyway.
  if (node.nodeType !== ELEMENT || node.nodeName === "NOSCRIPT") return;
  for (const attribute of node.nodeName === "A" ? [...ATTRIBUTES, "href"] : ATTRIBUTES) {
    if (node.getAttribute(attribute) !== null) found.push({ node, attribute, kind: `${node.nodeName}@${attribute}` });
  }
  for (const child of node.childNodes) walk(child, found);
}

/** Give each phrase of this page its twin's words. Throws, with nothing changed, where the two pages don't match. */
export function exchange(ours, theirs) {
  const alike = ours.length === theirs.length && ours.every((phrase, place) => phrase.kind === theirs[place].kind);
  if (!alike) throw new Error("pages_differ");
  ours.forEach(({ node, attribute }, place) => {
    const twin = theirs[place].node;
    if (attribute) node.setAttribute(attribute, twin.getAttribute(attribute));
    else node.data = twin.data;
  });
}

const roots = (page) => $$("[data-words]", page);
const allPhrases = (page) => roots(page).flatMap(phrases);

/** The page in another language as an inert document: no script in it runs. */
function fetchPage(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.timeout = 30_000;
    request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject(new Error("network")));
    request.onerror = request.ontimeout = () => reject(new Error("network"));
    request.send();
  });
}

/**
 * Let the language links of this page change it in place. To be called before anything else touches the page.
 * @param {{changed: () => void, failed: () => void}} hooks
 */
export function changeLanguageInPlace({ changed, failed }) {
  const ours = allPhrases(document);
  for (const link of $$("[data-language]")) {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      const language = link.dataset.language;
      if (language === document.documentElement.lang) return;
      const address = `${location.pathname}?lang=${language}`;
      try {
        exchange(ours, allPhrases(await fetchPage(address)));
      } catch {
        failed();
        return;
      }
      document.documentElement.lang = language;
      history.replaceState(history.state, "", address);
      for (const other of $$("[data-language]")) {
        if (other === link) other.setAttribute("aria-current", "true");
        else other.removeAttribute("aria-current");
      }
      changed();
    });
  }
}
