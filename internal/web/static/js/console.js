// The lines of a board in both directions, each with its readings.

import { h, text } from "./dom.js";
import { clock } from "./format.js";

const most = 500;
const ways = { in: "‹", refused: "‹", out: "›", note: "·" };
const names = { in: "from the board", refused: "from the board, not understood", out: "to the board", note: "note" };

// decoded joins a reading with spaces that do not break.
const decoded = (r) => `${r.name}\u00a0=\u00a0${r.value}${r.unit ? "\u00a0" + r.unit : ""}`;

export class Console {
  constructor() {
    this.log = h("div.log", { role: "log", "aria-live": "off", tabindex: "0", "aria-label": "lines of the board" });
    this.filter = h("input.field", { type: "search", placeholder: "Filter", "aria-label": "show only lines with this text", oninput: () => this.sift() });
    this.pause = h("button.button", { type: "button", "aria-pressed": "false", onclick: () => this.toggle() }, "Pause");
    const clear = h("button.button", { type: "button", onclick: () => this.clear() }, "Clear");
    this.element = h("section.card.panel.console", { "aria-label": "Console" }, h("div.panel-head", h("h2", "Console"), h("div.tools", this.filter, this.pause, clear)), this.log);
    this.held = [];
    this.paused = false;
    this.newest = 0; // the time of the last line, in milliseconds
    this.clear();
  }

  clear() {
    this.empty = h("div.nothing", "Waiting for lines…");
    this.log.replaceChildren(this.empty);
  }

  toggle() {
    this.paused = !this.paused;
    this.pause.setAttribute("aria-pressed", String(this.paused));
    if (!this.paused) {
      this.append(this.held);
      this.held = [];
    }
    this.label();
  }

  label() {
    text(this.pause, this.paused ? (this.held.length ? `Resume (${this.held.length >= most ? most + "+" : this.held.length})` : "Resume") : "Pause");
  }

  // lines adds lines from the stream. A stream that was opened again repeats earlier
  // lines, some of which are already here.
  lines({ lines, skipped, earlier }) {
    if (earlier) lines = lines.filter((l) => Date.parse(l.time) > this.newest);
    for (const l of lines) this.newest = Math.max(this.newest, Date.parse(l.time));
    if (skipped) lines = [{ gap: skipped }, ...lines];
    if (!this.paused) return this.append(lines);
    this.held = [...this.held, ...lines].slice(-most);
    this.label();
  }

  append(lines) {
    if (!lines.length) return;
    const { log } = this;
    const follow = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    this.empty?.remove();
    this.empty = null;
    log.append(...lines.map((l) => this.row(l)));
    while (log.childElementCount > most) log.firstElementChild.remove();
    if (follow) log.scrollTop = log.scrollHeight;
  }

  row(l) {
    if (l.gap) return h("div.gap", `… ${l.gap} lines skipped: too many to show …`);
    const means = (l.readings ?? []).map(decoded).join(" · ");
    const held = (l.withheld ?? []).map((r) => decoded(r) + ": " + r.why).join(" · ");
    const row = h(`div.${l.kind}`, h("time", { datetime: l.time }, clock(Date.parse(l.time))), h("span.way", { title: names[l.kind] }, ways[l.kind] ?? "·"), h("span.what", l.text));
    if (l.kind !== "note") row.append(h("span.means", l.error ? l.error : means, held ? h("span.held", (means ? " · " : "") + held) : null));
    row.find = row.textContent.replaceAll("\u00a0", " ").toLowerCase();
    row.hidden = !this.fits(row);
    return row;
  }

  fits(row) {
    return row.find === undefined || row.find.includes(this.filter.value.toLowerCase());
  }

  sift() {
    for (const row of this.log.children) row.hidden = !this.fits(row);
    this.log.scrollTop = this.log.scrollHeight;
  }
}
