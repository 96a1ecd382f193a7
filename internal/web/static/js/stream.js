// The event stream: open while the page is visible, and reopened when it breaks or
// stalls. The gateway sends something every second.

import { needsToken } from "./api.js";

const silence = 4000;

export class Stream {
  // on has the callbacks state, update and lines, each called with its data, and
  // link, called with "live", "lost" or "token".
  constructor(on) {
    this.on = on;
    this.lines = "";
    this.delay = 0;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    addEventListener("online", () => this.open());
    addEventListener("pagehide", () => this.close());
    setInterval(() => this.look(), 1000);
  }

  // watch subscribes to the lines of a device; "" is none.
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

  // look detects a dead connection that raised no error.
  look() {
    if (this.source && performance.now() - this.heard > silence) this.lose();
  }
}
