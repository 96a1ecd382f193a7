// A small chart without numbers: at most the last five minutes of a reading.

import { pen, pieces, bounds, draw, stretch } from "./chart.js";

export function spark(canvas, store, reading) {
  if (!canvas.clientWidth) return;
  const { c, w, height } = pen(canvas);
  const span = stretch(store, reading.series, 300000) / store.step;
  const from = store.bucket(store.now()) - span;
  const all = pieces(reading.series, Math.ceil(from));
  if (!all.length) return;
  const { low, top } = bounds(all);
  const x = (b) => ((b + 0.5 - from) / span) * w;
  const y = (v) => (top > low ? height - 2 - ((v - low) / (top - low)) * (height - 4) : height / 2);
  draw(c, all, x, y, height);
}
