// All boards at a glance.

import { h, text, attr, rows } from "./dom.js";
import { ago, rate, many, tail } from "./format.js";
import { control } from "./controls.js";
import { spark } from "./spark.js";

const mostReadings = 4, mostSwitches = 2, manyBoards = 7;

// stateOf returns the word for a board's state, and the colour of its dot.
export function stateOf(d) {
  if (d.port.paused_until) return ["paused", "warn"];
  if (d.online) return ["online", d.warnings.length ? "warn" : "good"];
  return ["offline", "bad"];
}

export const age = (store, d) => (d.last_line ? ago(store.now() - Date.parse(d.last_line)) : "no line yet");

export class Boards {
  constructor(store) {
    this.store = store;
    this.tiles = new Map();
    this.warnings = h("ul.warnings", { "aria-label": "warnings" });
    this.filter = h("input.field", { type: "search", placeholder: "Find a board", "aria-label": "find a board", oninput: () => this.sift() });
    this.bar = h("div.bar", { hidden: true }, this.filter);
    this.grid = h("div.boards");
    this.element = h("div", h("h1", { hidden: true }, "Boards"), this.warnings, this.bar, this.grid);
    this.observer = new IntersectionObserver((seen) => seen.forEach((e) => this.seen(e)), { rootMargin: "200px" });
    this.reset();
  }

  get title() {
    return this.store.gateway ? this.store.gateway.id : "Arduino gateway";
  }

  // reset shows a new set of devices.
  reset() {
    const { devices } = this.store;
    for (const [id, tile] of this.tiles) {
      if (devices.has(id)) continue;
      this.observer.unobserve(tile.element);
      this.tiles.delete(id);
    }
    for (const [id, d] of devices) {
      if (this.tiles.has(id) && !this.tiles.get(id).outdated(d)) continue;
      const tile = new Tile(this.store, d);
      this.tiles.set(id, tile);
      this.observer.observe(tile.element);
    }
    this.grid.replaceChildren(...[...devices.keys()].map((id) => this.tiles.get(id).element));
    this.bar.hidden = devices.size < manyBoards;
    if (this.store.gateway && !devices.size) this.grid.replaceChildren(empty());
    this.sift();
    for (const tile of this.tiles.values()) if (tile.visible) this.load(tile);
    this.update();
  }

  seen({ target, isIntersecting }) {
    for (const tile of this.tiles.values()) {
      if (tile.element !== target) continue;
      tile.visible = isIntersecting;
      if (isIntersecting) this.load(tile);
    }
  }

  load(tile) {
    this.store.load(tile.id, 5).then(() => tile.sparks());
  }

  sift() {
    const word = this.filter.value.trim().toLowerCase();
    for (const [id, tile] of this.tiles) tile.element.hidden = !id.includes(word);
  }

  update() {
    rows(this.warnings, this.store.gateway?.warnings ?? []);
    for (const tile of this.tiles.values()) if (tile.visible) tile.update();
  }

  // second is called once a second.
  second() {
    this.update();
    for (const tile of this.tiles.values()) if (tile.visible) tile.sparks();
  }

  lines() {}
}

class Tile {
  constructor(store, d) {
    this.store = store;
    this.id = d.id;
    this.made = JSON.stringify(d.commands);
    this.visible = true;
    this.dot = h("span.dot");
    this.state = h("span.age");
    this.list = h("ul");
    this.rows = new Map();
    this.more = h("li.more", { hidden: true });
    this.none = h("li.none", "Waiting for the first line…");
    this.list.append(this.none, this.more);
    this.rate = h("span");
    this.errors = h("span.errors");
    this.port = h("span.port");
    this.warning = h("p.warning");
    this.switches = d.commands.filter((c) => c.type === "bool").slice(0, mostSwitches).map((c) => control(d, c, true));
    this.element = h("article.card.tile",
      h("header", this.dot, h("h2", h("a", { href: "#/" + encodeURIComponent(d.id) }, d.id)), this.state),
      this.list, this.warning,
      h("div.switches", this.switches.map((c) => c.element)),
      h("footer", this.rate, this.errors, this.port));
  }

  outdated(d) {
    return this.made !== JSON.stringify(d.commands);
  }

  update() {
    const d = this.store.devices.get(this.id);
    if (!d) return;
    const [word, colour] = stateOf(d);
    this.dot.className = "dot " + colour;
    this.dot.title = word;
    this.element.classList.toggle("offline", word !== "online");
    text(this.state, word === "online" ? age(this.store, d) : word);
    text(this.rate, rate(d.lines_per_second));
    text(this.errors, many(d.errors, "error", "errors"));
    this.errors.classList.toggle("zero", !d.errors);
    text(this.port, tail(d.port.path || d.port.value, 18));
    attr(this.port, "title", d.port.value);
    text(this.warning, d.warnings[0] ?? "");
    this.readings(d);
    for (const c of this.switches) c.update(d);
  }

  readings(d) {
    const all = [...d.readings.values()].filter((r) => r.time);
    this.none.hidden = all.length > 0;
    for (const r of all.slice(0, mostReadings)) {
      let row = this.rows.get(r.name);
      if (!row) {
        row = { value: document.createTextNode(""), unit: h("small"), canvas: h("canvas", { "aria-hidden": "true" }) };
        row.element = h("li", h("span.name", { title: r.name }, r.name), row.canvas, h("span.value", row.value, row.unit));
        this.rows.set(r.name, row);
        this.list.insertBefore(row.element, this.more);
        row.fresh = true;
      }
      if (row.value.data !== r.value) row.value.data = r.value;
      text(row.unit, r.unit);
      row.element.classList.toggle("text", !r.numeric && r.series.newest < 0);
    }
    const left = all.length - mostReadings;
    this.more.hidden = left <= 0;
    if (left > 0) text(this.more, `and ${many(left, "more reading", "more readings")}`);
    if ([...this.rows.values()].some((r) => r.fresh)) this.sparks();
  }

  sparks() {
    const d = this.store.devices.get(this.id);
    for (const [name, row] of this.rows) {
      row.fresh = false;
      const r = d?.readings.get(name);
      if (r) spark(row.canvas, this.store, r);
    }
  }
}

function empty() {
  return h("div.empty", h("h2", "No boards yet"), h("p", "Plug a board in, look up its port, and add it to devices.yaml. It appears here at once. With devices: auto, a board that uses the library needs no entry; with auto: {any: true}, no board does."),
    h("pre", "gateway ports\n\ndevices:\n  greenhouse:\n    port: usb:2341:0043"));
}
