// Figures of the account pages: a QR code drawn cell by cell, secrets in groups of four.

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4; // ISO/IEC 18004 asks for a margin of four cells

/** Letters in groups of four, easy to read out. */
export const grouped = (text) => (text.match(/.{1,4}/g) ?? []).join(" ");

/** A QR code from its rows of 0 and 1, as SVG made of elements: one path of dark cells. */
export function drawQr(rows, title) {
  const size = rows.length + 2 * QUIET;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("shape-rendering", "crispEdges");
  const name = document.createElementNS(SVG, "title");
  name.textContent = title;
  const ground = document.createElementNS(SVG, "rect");
  for (const [key, value] of [["width", size], ["height", size], ["fill", "#fff"]]) ground.setAttribute(key, value);
  const cells = document.createElementNS(SVG, "path");
  const dark = rows.flatMap((row, y) => [...row].map((cell, x) => (Number(cell) ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")));
  cells.setAttribute("d", dark.join(""));
  cells.setAttribute("fill", "#000");
  svg.append(name, ground, cells);
  return svg;
}
