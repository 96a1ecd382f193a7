// One board: its charts, commands, console and facts.

import { h, text, rows } from "./dom.js";
import { clock, rate, many, span, waiting } from "./format.js";
import { control } from "./controls.js";
import { Chart } from "./chart.js";
import { Console } from "./console.js";
import { stateOf, age } from "./boards.js";

const ranges = [[5, "5 min"], [15, "15 min"], [60, "1 h"]];

export class Board {
  constructor(store, id) {
    this.store = store;
    this.id = id;
    this.minutes = 5;
    this.charts = new Map();
    this.console = new Console();
    this.build();
    this.reset();
  }

  get title() {
    return this.id;
  }

  build() {
    this.dot = h("span.dot");
    this.word = h("span");
    this.age = h("span.age");
    this.warnings = h("ul.warnings", { "aria-label": "warnings" });
    this.grid = h("div.charts");
    this.none = h("p.quiet", "Waiting for the first reading…");
    this.ranges = ranges.map(([minutes, label]) => h("button", { type: "button", role: "radio", "aria-checked": String(minutes === this.minutes), onclick: () => this.range(minutes) }, label));
    this.commands = h("section.card.panel", { "aria-label": "Commands" });
    this.facts = new Facts();
    this.here = h("div",
      h("div.board-head", h("a.back", { href: "#/" }, "‹ All boards"), h("div.line", h("h1", this.id), h("span.state", this.dot, this.word), this.age)),
      this.warnings,
      h("div.board",
        h("div",
          h("section.card.panel", { "aria-label": "Readings" }, h("div.panel-head", h("h2", "Readings"), h("div.segments", { role: "radiogroup", "aria-label": "time shown" }, this.ranges)), this.none, this.grid),
          this.console.element),
        h("div", this.commands, this.facts.element)));
    this.gone = h("div.empty", h("h1", "No board named " + this.id), h("p", "It may have been removed from devices.yaml."), h("a.button", { href: "#/" }, "All boards"));
    this.element = h("div");
  }

  reset() {
    const d = this.store.devices.get(this.id);
    this.element.replaceChildren(d || !this.store.gateway ? this.here : this.gone);
    if (!d) return;
    const made = JSON.stringify(d.commands);
    if (this.made !== made) {
      this.made = made;
      this.controls = d.commands.map((c) => control(d, c));
      this.commands.replaceChildren(h("div.panel-head", h("h2", "Commands")),
        this.controls.length ? h("div.commands", this.controls.map((c) => c.element)) : h("p.quiet", "This board has no commands. Declare them in devices.yaml."));
    }
    this.load();
    this.update();
  }

  load() {
    this.store.load(this.id, this.minutes).then(() => this.draw());
  }

  range(minutes) {
    this.minutes = minutes;
    this.ranges.forEach((b, i) => b.setAttribute("aria-checked", String(ranges[i][0] === minutes)));
    this.load();
    this.draw();
  }

  update() {
    const d = this.store.devices.get(this.id);
    if (!d) return;
    const [word, colour] = stateOf(d);
    this.dot.className = "dot " + colour;
    text(this.word, word);
    text(this.age, d.last_line ? "last line " + age(this.store, d).replace(/^now$/, "just now") : "no line yet");
    rows(this.warnings, d.warnings);
    this.readings(d);
    this.facts.show(this.store, d);
    for (const c of this.controls) c.update(d);
  }

  readings(d) {
    for (const r of d.readings.values()) {
      if (!r.time) continue;
      let c = this.charts.get(r.name);
      if (!c) {
        c = { value: document.createTextNode(""), unit: h("small"), chart: new Chart(this.store, r.name) };
        c.words = h("div.plot");
        c.element = h("article.chart", h("div.title", h("h3.name", r.name), h("span.value", c.value, c.unit)), c.chart.element);
        this.charts.set(r.name, c);
        this.grid.append(c.element);
        this.none.hidden = true;
        requestAnimationFrame(() => c.chart.show(r, this.minutes));
      }
      c.reading = r;
      if (c.value.data !== r.value) c.value.data = r.value;
      text(c.unit, r.unit);
      const words = !r.numeric && r.series.newest < 0;
      if (words !== c.isText) {
        c.isText = words;
        c.element.classList.toggle("text", words);
        c.chart.element.hidden = words;
      }
    }
  }

  draw() {
    for (const c of this.charts.values()) if (!c.isText) c.chart.show(c.reading, this.minutes);
  }

  second() {
    this.update();
    this.draw();
  }

  lines(data) {
    if (data.device === this.id) this.console.lines(data);
  }
}

// Facts lists the details of a board.
class Facts {
  constructor() {
    this.list = h("dl.facts");
    this.element = h("section.card.panel.about", { "aria-label": "About this board" }, h("div.panel-head", h("h2", "About this board")), this.list);
    this.cells = new Map();
  }

  show(store, d) {
    const c = d.counts;
    this.fact("Configured port", d.port.value, "code");
    if (d.port.path && d.port.path !== d.port.value) this.fact("Path", d.port.path, "code");
    if (d.port.board) this.fact("Board", d.port.board);
    this.fact("Port", d.port.paused_until ? "paused until " + clock(Date.parse(d.port.paused_until)) : d.port.open ? `open, ${d.port.baud.toLocaleString()} baud` : "not open", d.port.open ? "" : "bad");
    this.fact(d.online ? "Online for" : "Offline for", span(store.now() - Date.parse(d.since)));
    this.fact("Client ID", d.session.client_id || "random", "code");
    const s = d.session;
    this.fact("MQTT session", !s.connected ? "not connected" : s.subscribed ? "connected" : "connected, not subscribed", s.connected && s.subscribed ? "" : "bad");
    this.fact("Topic", d.session.topic, "code");
    this.fact("Lines", `${c.lines.toLocaleString()}, ${rate(d.lines_per_second)}`);
    this.fact("Not understood", many(c.refused + c.overlong, "line", "lines"), c.refused + c.overlong ? "bad" : "");
    this.fact("Bad checksum", many(c.damaged, "line", "lines"), c.damaged ? "bad" : "");
    this.fact("Dropped by the board", many(c.unprinted, "line", "lines"), c.unprinted ? "bad" : "");
    this.fact("Out of bounds", many(c.out_of_bounds, "value", "values"), c.out_of_bounds ? "bad" : "");
    this.fact("Commands", `${c.sent} sent` + (c.rejected ? `, ${c.rejected} rejected` : "") + (c.unsent ? `, ${c.unsent} failed` : ""), c.unsent ? "bad" : "");
    const w = d.waiting;
    const oldest = w.lines && w.oldest ? store.now() - Date.parse(w.oldest) : 0;
    this.fact("Spool", waiting(w.lines, oldest) + (w.dropped ? `, ${w.dropped.toLocaleString()} lost` : ""), w.dropped ? "bad" : "");
  }

  fact(name, value, look = "") {
    const key = name.replace("Offline", "Online");
    let cell = this.cells.get(key);
    if (!cell) {
      cell = { dt: h("dt"), dd: h("dd") };
      this.cells.set(key, cell);
      this.list.append(cell.dt, cell.dd);
    }
    text(cell.dt, name);
    text(cell.dd, value);
    cell.dd.className = look;
  }
}
