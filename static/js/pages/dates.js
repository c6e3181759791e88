// Dates as people here write them: 23/11/2026.

const ZONE = "Asia/Ho_Chi_Minh";
const two = (number) => String(number).padStart(2, "0");

/** `23/11/2026`; a bare date is a date, not a moment. */
export function day(text) {
  if (!text) return "";
  const bare = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (bare) return `${bare[3]}/${bare[2]}/${bare[1]}`;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : `${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;
}

/** The day in the portal's time zone as `2026-11-23`: rules are those of the day on which a report is made. */
export function today(now) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
}

export function clock(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? "" : `${two(at.getHours())}:${two(at.getMinutes())}`;
}
