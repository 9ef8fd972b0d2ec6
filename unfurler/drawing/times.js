// Times as each reader's own clock and language have them.

import { node } from "./dom.js";

const UNITS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12]];
const FORMATS = {
  DATE_ONLY: { dateStyle: "medium" },
  TIME_ONLY: { timeStyle: "short" },
  FULL: { dateStyle: "medium", timeStyle: "short" },
};
// A sandbox's clock can be moved; what is relative follows it.
let aheadMs = 0;

export function setClock(nowMs) {
  aheadMs = nowMs - Date.now();
}

export const now = () => Date.now() + aheadMs;

function relative(at) {
  const phrase = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  let amount = (at - now()) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(amount) < size) return phrase.format(Math.round(amount), unit);
    amount /= size;
  }
  return phrase.format(Math.round(amount), "year");
}

export function timeText(at, format) {
  if (format === "RELATIVE_TO_NOW") return relative(at);
  return at.toLocaleString(undefined, FORMATS[format] ?? FORMATS.FULL);
}

export function time(ts, format = "FULL", classes = "") {
  const at = new Date(ts);
  if (Number.isNaN(at.valueOf())) return node("span", classes, "an impossible time");
  const made = node("time", classes, timeText(at, format));
  made.dateTime = at.toISOString();
  made.title = at.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
  made.dataset.format = format;
  return made;
}

/** Lets the words of relative times follow the clock. */
export function refreshTimes() {
  for (const each of document.querySelectorAll('time[data-format="RELATIVE_TO_NOW"]')) {
    const text = relative(new Date(each.dateTime));
    if (each.textContent !== text) each.textContent = text;
  }
}
