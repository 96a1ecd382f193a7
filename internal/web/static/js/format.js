// How times and numbers look.

// ago is a time in the past as a person says it; ms of age.
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

// tail keeps the end of a long path, which tells one from another.
export const tail = (path, most) => (path.length > most ? "…" + path.slice(1 - most) : path);

// waiting tells how many lines wait for the broker and how long the oldest does.
// What is younger is on its way.
export const waiting = (lines, oldest) => (oldest > 2000 ? many(lines, "line", "lines") + ", " + span(oldest) : "empty");

// number shows what a chart holds, which has seven digits at most.
export function number(v) {
  if (v === 0) return "0";
  const a = Math.abs(v);
  if (a >= 1e7 || a < 1e-4) return v.toExponential(2);
  return String(Number(v.toPrecision(7)));
}
