// Building the page without markup in strings: text is always text (Trusted Types stay quiet).

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** An element: `el("p", {class: "x", hidden: true}, "text", otherElement)`; null children are left out. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) throw new TypeError("listeners are added with addEventListener");
    node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const replace = (node, ...children) => node.replaceChildren(...children.flat().filter((child) => child != null && child !== false));

export function show(node, visible = true) {
  if (node) node.hidden = !visible;
}

/** Say what is being done; an empty text hides the line. */
export function progress(text = "") {
  const line = $("#progress");
  line.textContent = text;
  show(line, Boolean(text));
}

/** Say what went wrong, in view and with focus, so that it is read aloud. */
export function fault(...content) {
  const box = $("#fault");
  progress();
  replace(box, ...content.map((part) => (typeof part === "string" ? el("p", {}, part) : part)));
  show(box, content.length > 0);
  if (content.length) {
    box.focus();
    box.scrollIntoView({ block: "nearest" });
  }
}

export function notice(text = "") {
  const line = $("#notice");
  line.textContent = text;
  show(line, Boolean(text));
}

/** Run an act of a form once: its buttons rest while it runs. */
export async function busy(form, act) {
  const buttons = $$("button", form);
  const before = buttons.map((button) => button.disabled);
  for (const button of buttons) button.disabled = true;
  form.setAttribute("aria-busy", "true");
  try {
    return await act();
  } finally {
    form.removeAttribute("aria-busy");
    buttons.forEach((button, index) => { button.disabled = before[index]; });
  }
}

/** A list of terms with their values; rows without a value are left out. */
export function facts(rows, attributes = { class: "facts" }) {
  const list = el("dl", attributes);
  for (const [term, value] of rows) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) continue;
    const values = Array.isArray(value) ? value : [value];
    list.append(el("dt", {}, term), ...values.map((one) => el("dd", {}, one)));
  }
  return list;
}
