// A chart of one reading: a line through the middle of each bucket, in a band
// from its lowest to its highest. The pointer, a finger or the arrow keys show
// the value and time of a bucket.

import { h, text, attr } from "./dom.js";
import { theme } from "./theme.js";
import { clock, shortClock, number } from "./format.js";

const left = 46, bottom = 20, up = 8, right = 8;

// pen returns a canvas's context, scaled so that one unit is one CSS pixel.
export function pen(canvas) {
  const ratio = devicePixelRatio || 1;
  const w = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const c = canvas.getContext("2d");
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, w, height);
  return { c, w, height };
}

// pieces splits a series where it has gaps: a gap is more than three times the
// usual distance between two buckets.
export function pieces(series, from) {
  const points = [];
  series.each(from, (b, low, top) => points.push([b, low, top]));
  const gaps = points.slice(1).map((p, i) => p[0] - points[i][0]).sort((a, b) => a - b);
  const most = Math.max(5, 3 * (gaps[gaps.length >> 1] ?? 1));
  const all = [];
  let piece = [];
  for (const p of points) {
    if (piece.length && p[0] - piece[piece.length - 1][0] > most) {
      all.push(piece);
      piece = [];
    }
    piece.push(p);
  }
  if (piece.length) all.push(piece);
  return all;
}

// bounds of what is drawn; a flat line lies in the middle.
export function bounds(all) {
  let low = Infinity, top = -Infinity;
  for (const piece of all) {
    for (const p of piece) {
      if (p[1] < low) low = p[1];
      if (p[2] > top) top = p[2];
    }
  }
  return { low, top };
}

// draw puts the pieces on a context, given how buckets and values become pixels.
export function draw(c, all, x, y, floor) {
  const t = theme();
  c.lineJoin = "round";
  for (const piece of all) {
    const last = piece[piece.length - 1];
    c.beginPath();
    for (const p of piece) c.lineTo(x(p[0]), y(p[2]));
    c.lineTo(x(last[0]), floor);
    c.lineTo(x(piece[0][0]), floor);
    c.fillStyle = t["accent-soft"];
    c.globalAlpha = 0.55;
    c.fill();
    c.globalAlpha = 1;
    if (piece.some((p) => p[2] > p[1])) {
      c.beginPath();
      for (const p of piece) c.lineTo(x(p[0]), y(p[2]));
      for (const p of piece.toReversed()) c.lineTo(x(p[0]), y(p[1]));
      c.fillStyle = t["accent-soft"];
      c.fill();
    }
    c.beginPath();
    for (const p of piece) c.lineTo(x(p[0]), y((p[1] + p[2]) / 2));
    c.strokeStyle = t.accent;
    c.lineWidth = 1.75;
    c.stroke();
    if (piece.length === 1) {
      c.beginPath();
      c.arc(x(last[0]), y((last[1] + last[2]) / 2), 2, 0, 7);
      c.fillStyle = t.accent;
      c.fill();
    }
  }
}

// ticks gives round numbers between two, about as many as asked for.
export function ticks(low, top, count) {
  const raw = (top - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw) ?? raw;
  const all = [];
  for (let v = Math.ceil(low / step) * step; v <= top + step * 1e-6; v += step) all.push(Math.abs(v) < step * 1e-6 ? 0 : v);
  return { all, digits: Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))) };
}

// stretch returns how much time to show, in ms: what was asked for, or less if the
// series is shorter, so that a board's first minutes fill its chart too.
export function stretch(store, series, most) {
  const end = store.now();
  let first = null;
  series.each(Math.ceil(store.bucket(end) - most / store.step), (b) => (first ??= b));
  return first === null ? most : Math.min(most, Math.max(30000, end - store.time(first) + store.step / 2));
}

const timeSteps = [5, 10, 20, 30, 60, 120, 300, 600, 900, 1800].map((s) => s * 1000);

export class Chart {
  constructor(store, name) {
    this.store = store;
    this.canvas = h("canvas", { role: "img", tabindex: "0" });
    this.tip = h("div.tip", { hidden: true }, h("b"), h("span"));
    this.element = h("div.plot", this.canvas, this.tip);
    this.name = name;
    this.at = null; // the bucket under the cursor
    const c = this.canvas;
    c.addEventListener("pointermove", (e) => this.point(e));
    c.addEventListener("pointerdown", (e) => this.point(e));
    c.addEventListener("pointerleave", (e) => e.pointerType === "mouse" && this.look(null));
    c.addEventListener("blur", () => this.look(null));
    c.addEventListener("keydown", (e) => this.key(e));
  }

  // show draws a reading's last minutes.
  show(reading, minutes) {
    this.reading = reading;
    this.minutes = minutes;
    this.draw();
  }

  draw() {
    const { reading: r, store } = this;
    if (!r || !this.canvas.clientWidth) return;
    const { c, w, height } = pen(this.canvas);
    this.width = w;
    const end = store.now();
    const time = stretch(store, r.series, this.minutes * 60000);
    this.span = time / store.step;
    this.from = store.bucket(end) - this.span;
    const { from, span } = this;
    const all = pieces(r.series, Math.ceil(from));
    const t = theme();
    c.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const floor = height - bottom;
    this.x = (b) => left + ((b + 0.5 - from) / span) * (w - left - right);
    this.times(c, t, end, time, w, floor);
    if (!all.length) {
      c.fillStyle = t.faint;
      c.textAlign = "center";
      c.fillText("no data in this period", left + (w - left) / 2, height / 2);
      return;
    }
    const words = /^(on|off|true|false)$/i.test(r.value);
    let { low, top } = bounds(all);
    attr(this.canvas, "aria-label", `${this.name}: ${r.value} ${r.unit}, from ${number(low)} to ${number(top)} in ${this.minutes} minutes. Arrow keys show single values.`);
    if (words) [low, top] = [-0.1, 1.1];
    else {
      const pad = top > low ? (top - low) * 0.08 : Math.max(Math.abs(top) * 0.05, 0.5);
      low -= pad;
      top += pad;
    }
    const y = (v) => floor - ((v - low) / (top - low)) * (floor - up);
    const marks = words ? { all: [0, 1], digits: 0 } : ticks(low, top, 4);
    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const v of marks.all) {
      c.fillStyle = t.line;
      c.fillRect(left, Math.round(y(v)), w - left - right, 1);
      c.fillStyle = t.soft;
      c.fillText(words ? (v ? "on" : "off") : label(v, marks.digits), left - 6, y(v));
    }
    c.save();
    c.beginPath();
    c.rect(left, 0, w - left - right + 2, height);
    c.clip();
    draw(c, all, this.x, y, floor);
    c.restore();
    this.cursor(c, t, y, floor);
  }

  times(c, t, end, span, w, floor) {
    const step = timeSteps.find((s) => span / s <= Math.max(2, (w - left) / 74)) ?? 1800000;
    const zone = new Date(end).getTimezoneOffset() * 60000;
    c.textBaseline = "alphabetic";
    c.textAlign = "center";
    c.fillStyle = t.soft;
    for (let at = Math.ceil((end - span - zone) / step) * step + zone; at <= end; at += step) {
      const x = left + ((at - (end - span)) / span) * (w - left - right);
      if (x < left + 14 || x > w - 18) continue;
      c.fillText(step < 60000 ? clock(at) : shortClock(at), x, floor + 15);
    }
  }

  cursor(c, t, y, floor) {
    const p = this.at === null ? null : this.reading.series.get(this.at);
    this.tip.hidden = !p;
    if (!p) return;
    const x = this.x(this.at);
    c.fillStyle = t.faint;
    c.fillRect(Math.round(x), up, 1, floor - up);
    c.beginPath();
    c.arc(x, y((p.low + p.top) / 2), 4, 0, 7);
    c.fillStyle = t.accent;
    c.fill();
    c.lineWidth = 2;
    c.strokeStyle = t.card;
    c.stroke();
    const [value, time] = this.tip.children;
    const range = p.low === p.top ? number(p.low) : `${number(p.low)} – ${number(p.top)}`;
    text(value, range + (this.reading.unit ? " " + this.reading.unit : ""));
    text(time, clock(this.store.time(this.at)));
    const room = this.tip.offsetWidth;
    this.tip.style.transform = `translateX(${x + 10 + room > this.width ? x - 10 - room : x + 10}px)`;
  }

  // look moves the cursor to the nearest bucket with a value; null removes it.
  look(bucket) {
    if (bucket !== null) {
      let best = null;
      this.reading?.series.each(Math.ceil(this.from), (b) => {
        if (best === null || Math.abs(b - bucket) <= Math.abs(best - bucket)) best = b;
      });
      bucket = best;
    }
    if (this.at === bucket) return;
    this.at = bucket;
    this.draw();
  }

  point(e) {
    if (!this.width) return;
    const x = e.clientX - this.canvas.getBoundingClientRect().left;
    this.look(this.from + ((x - left) / (this.width - left - right)) * this.span - 0.5);
  }

  key(e) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -15, PageDown: 15 }[e.key];
    if (e.key === "Escape") this.look(null);
    else if (e.key === "Home") this.look(this.from);
    else if (e.key === "End") this.look(Infinity);
    else if (steps && this.at === null) this.look(this.reading?.series.newest ?? null);
    else if (steps) this.step(steps);
    else return;
    e.preventDefault();
  }

  // step moves the cursor by n buckets that have a value.
  step(n) {
    const filled = [];
    this.reading.series.each(Math.ceil(this.from), (b) => filled.push(b));
    const i = filled.indexOf(this.at);
    if (filled.length) this.look(filled[Math.min(filled.length - 1, Math.max(0, i + n))]);
  }
}

function label(v, digits) {
  return Math.abs(v) >= 1e5 ? v.toExponential(0) : v.toFixed(digits);
}
