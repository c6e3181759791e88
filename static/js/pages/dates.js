// Dates as people here write them: 23/11/2026.

const two = (number) => String(number).padStart(2, "0");

/** `23/11/2026`; a bare date is a date, not a moment. */
export function day(text) {
  if (!text) return "";
  const bare = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (bare) return `${bare[3]}/${bare[2]}/${bare[1]}`;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : `${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;
}

export function clock(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? "" : `${two(at.getHours())}:${two(at.getMinutes())}`;
}
