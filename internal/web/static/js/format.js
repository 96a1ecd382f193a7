// Formats of times and numbers.

// ago formats an age in ms.
export function ago(ms) {
  if (ms < 2000) return "now";
  return span(ms) + " ago";
}

export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  if (s < 172800) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} days`;
}

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const shortFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const clock = (ms) => clockFormat.format(ms);
export const shortClock = (ms) => shortFormat.format(ms);

export const rate = (n) => (n >= 10 ? n.toFixed(0) : n.toFixed(1)) + " lines/s";

export const many = (n, one, more) => `${n.toLocaleString()} ${n === 1 ? one : more}`;

// tail keeps the end of a long path: ports differ there.
export const tail = (path, most) => (path.length > most ? "…" + path.slice(1 - most) : path);

// waiting describes the spool: how many lines wait for the broker, and for how long
// the oldest, in ms. Lines younger than two seconds are in flight.
export const waiting = (lines, oldest) => (oldest > 2000 ? many(lines, "line", "lines") + " waiting, " + span(oldest) : "empty");

// number formats a chart's value, which has at most seven digits.
export function number(v) {
  if (v === 0) return "0";
  const a = Math.abs(v);
  if (a >= 1e7 || a < 1e-4) return v.toExponential(2);
  return String(Number(v.toPrecision(7)));
}
