// The state of the broker, the spool and the page itself, at the top of the page.

import { h, text } from "./dom.js";
import { waiting } from "./format.js";

export class Chips {
  constructor(element) {
    this.all = {};
    for (const [key, label] of [["broker", "Broker"], ["spool", "Spool"], ["link", "This page"]]) {
      const chip = { dot: h("span.dot"), value: h("span", "…") };
      element.append(h("dl.chip", h("dt", label), h("dd", chip.dot, chip.value)));
      this.all[key] = chip;
    }
  }

  set(key, look, value, title = value) {
    const chip = this.all[key];
    chip.dot.className = "dot " + look;
    text(chip.value, value);
    chip.value.title = title;
  }

  show(store, link) {
    const live = link === "live";
    this.set("link", live ? "good" : "bad", { live: "live", opening: "connecting…", token: "locked" }[link] ?? "offline");
    const g = store.gateway;
    if (!g) return;
    const { broker: b, spool: s } = g;
    const at = b.embedded ? "built-in broker at " + b.address : b.address;
    this.set("broker", !live ? "" : b.connected ? "good" : "bad", b.connected ? (b.embedded ? "built in" : "connected") : "offline", at + (b.problem ? ": " + b.problem : ""));
    const oldest = s.lines && s.oldest ? store.now() - Date.parse(s.oldest) : 0;
    const waits = oldest > 60000 || s.disk_down;
    this.set("spool", !live ? "" : waits ? "warn" : "good", waiting(s.lines, oldest), `${s.bytes.toLocaleString()} of ${s.max_bytes.toLocaleString()} bytes on disk`);
  }
}
