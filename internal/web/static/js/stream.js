// The event stream, kept open while the page can be seen, and opened again when
// it breaks or falls silent: the gateway speaks every second.

import { needsToken } from "./api.js";

const silence = 4000;

export class Stream {
  // on has state, update and lines, each with the data, and link with "live",
  // "lost" or "token".
  constructor(on) {
    this.on = on;
    this.lines = "";
    this.delay = 0;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    addEventListener("online", () => this.open());
    addEventListener("pagehide", () => this.close());
    setInterval(() => this.look(), 1000);
  }

  // watch asks for the lines of a device, "" for none.
  watch(id) {
    if (this.lines === id) return;
    this.lines = id;
    this.open();
  }

  open() {
    this.close();
    if (document.hidden) return;
    const source = new EventSource("/api/v1/events" + (this.lines ? "?lines=" + encodeURIComponent(this.lines) : ""));
    this.source = source;
    this.heard = performance.now();
    for (const kind of ["state", "update", "lines"]) {
      source.addEventListener(kind, (e) => {
        if (source !== this.source) return;
        this.heard = performance.now();
        this.delay = 0;
        this.on[kind](JSON.parse(e.data));
        this.on.link("live");
      });
    }
    source.addEventListener("error", () => source === this.source && this.lose());
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  lose() {
    this.close();
    this.on.link("lost");
    this.delay = Math.min(this.delay ? this.delay * 1.7 : 300, 5000);
    this.timer = setTimeout(async () => {
      if (await needsToken()) this.on.link("token");
      else this.open();
    }, this.delay);
  }

  // look notices a connection that is dead without saying so.
  look() {
    if (this.source && performance.now() - this.heard > silence) this.lose();
  }
}
