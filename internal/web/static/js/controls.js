// A board's commands as controls, one kind for each type, with their results.

import { h, text, attr } from "./dom.js";
import { send } from "./api.js";

const words = {
  done: ["good", "done", "confirmed by the board"],
  sent: ["good", "sent", "this board does not confirm"],
  rejected: ["bad", "rejected", ""],
  failed: ["bad", "failed", ""],
  expired: ["bad", "expired", ""],
  unknown: ["bad", "unknown", ""],
};

const truth = (v) => (/^(on|true|1|h|high)$/i.test(v) ? true : /^(off|false|0|l|low)$/i.test(v) ? false : null);

// Control is what all kinds have in common: at most one command is in flight, and
// the newest value waits for it.
class Control {
  constructor(device, command, brief) {
    this.device = device.id;
    this.command = command;
    this.brief = brief; // on a tile
    this.result = h("p.result", { role: "status" });
    this.busy = false;
    this.sent = null; // the last value that was sent
  }

  async run(value) {
    this.waiting = value;
    if (this.busy) return;
    this.busy = true;
    while (this.waiting !== undefined) {
      const v = this.waiting;
      this.waiting = undefined;
      this.result.className = "result";
      this.result.replaceChildren("sending…");
      this.pending(v);
      const r = await send(this.device, this.command.name, v);
      if (r.status === "done" || r.status === "sent") this.sent = r.value ?? String(v);
      this.report(r);
    }
    this.busy = false;
    this.at = performance.now();
    this.settle();
  }

  report(r) {
    const [look, word, meaning] = words[r.status] ?? words.unknown;
    this.result.className = "result " + look;
    const parts = [h("b", word)];
    if (r.error) parts.push(": " + r.error);
    if (r.reply) parts.push(", reply ", h("code", r.reply));
    if (!this.brief && !r.error) {
      parts.push(" ");
      if (r.line) parts.push(h("code", r.line), " ");
      parts.push(`${meaning}, ${r.took_ms ?? 0} ms`);
    }
    this.result.replaceChildren(...parts);
    this.result.title = this.result.textContent;
  }

  pending() {}
  settle() {}
  update() {}
}

// Switch shows the reading of the same name, if the board prints one, else the last
// value sent. It stands in the middle while neither is known.
class Switch extends Control {
  constructor(device, command, brief) {
    super(device, command, brief);
    this.word = h("span.word", "?");
    this.button = h("button.switch", { type: "button", role: "switch", "aria-checked": "mixed", "aria-label": command.name, onclick: () => this.run(this.on === true ? "off" : "on") }, this.word, h("i"));
    this.element = brief
      ? h("div.quick", h("span.label", command.name), this.result, this.button)
      : h("div.command", h("div.row", h("span.label", command.name), h("div.control", this.button)), this.result);
  }

  pending(v) {
    this.show(v === "on");
    attr(this.button, "aria-busy", "true");
  }

  settle() {
    attr(this.button, "aria-busy", "false");
    this.look();
  }

  update(device) {
    this.reading = device.readings.get(this.command.name);
    if (!this.busy) this.look();
  }

  // look decides what to show: after a command the board has a moment to print its
  // new state.
  look() {
    const printed = this.reading ? truth(this.reading.value) : null;
    const sent = this.sent === null ? null : truth(this.sent);
    this.show(printed === null || (sent !== null && performance.now() - this.at < 2500) ? sent : printed);
  }

  show(on) {
    this.on = on;
    attr(this.button, "aria-checked", on === null ? "mixed" : String(on));
    text(this.word, on === null ? "?" : on ? "on" : "off");
  }
}

// NumberControl is a field, with a slider if both ends are known.
class NumberControl extends Control {
  constructor(device, command) {
    super(device, command);
    const { min, max } = command;
    const range = { min, max, step: 1 };
    this.field = h("input.field", { type: "number", inputmode: "numeric", "aria-label": command.name, ...range });
    const bounded = min !== undefined && max !== undefined && max - min <= 1e6;
    const row = h("form.wide", { onsubmit: (e) => this.submit(e) });
    if (bounded) {
      this.slider = h("input.unknown", { type: "range", "aria-label": command.name + ", slider", ...range, value: min });
      this.slider.addEventListener("input", () => {
        this.field.value = this.slider.value;
        this.touch();
      });
      this.slider.addEventListener("change", () => this.run(this.slider.value));
      row.append(this.slider);
    }
    this.field.addEventListener("input", () => this.touch());
    row.append(this.field, h("button.button", "Send"));
    this.field.setAttribute("placeholder", min !== undefined && max !== undefined ? `${min} to ${max}` : min !== undefined ? `from ${min}` : max !== undefined ? `up to ${max}` : "number");
    this.element = h("div.command", h("span.label", command.name), row, this.result);
  }

  submit(e) {
    e.preventDefault();
    if (this.field.value !== "") this.run(this.field.value);
  }

  touch() {
    this.touched = true;
    if (!this.slider) return;
    this.slider.classList.remove("unknown");
    if (this.field.value !== "") this.slider.value = this.field.value;
  }

  settle() {
    this.touched = false;
  }

  // update follows the board's own reading, unless the person is editing.
  update(device) {
    const printed = device.readings.get(this.command.name)?.value;
    if (printed === undefined || this.busy || this.touched || this.element.contains(document.activeElement)) return;
    if (!/^-?\d+$/.test(printed) || this.field.value === printed) return;
    this.field.value = printed;
    this.touch();
    this.touched = false;
  }
}

// Choice has a button for each value if they are few, else a list.
class Choice extends Control {
  constructor(device, command) {
    super(device, command);
    const few = command.values.length <= 4 && command.values.join("").length <= 26;
    this.buttons = [];
    let control;
    if (few) {
      this.buttons = command.values.map((v) => h("button", { type: "button", role: "radio", "aria-checked": "false", onclick: () => this.run(v) }, v));
      control = h("div.segments", { role: "radiogroup", "aria-label": command.name, onkeydown: (e) => this.key(e) }, this.buttons);
    } else {
      this.select = h("select.field", { "aria-label": command.name, onchange: () => this.select.value && this.run(this.select.value) }, h("option", { value: "" }, "choose…"), command.values.map((v) => h("option", { value: v }, v)));
      control = this.select;
    }
    this.element = h("div.command", h("div.row", h("span.label", command.name), h("div.control", control)), this.result);
    this.show(null);
  }

  key(e) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[e.key];
    const i = this.buttons.indexOf(document.activeElement);
    if (!step || i < 0) return;
    e.preventDefault();
    this.buttons[(i + step + this.buttons.length) % this.buttons.length].focus();
  }

  pending(v) {
    this.show(v);
  }

  settle() {
    this.show(this.sent);
  }

  update(device) {
    const printed = device.readings.get(this.command.name)?.value;
    if (!this.busy && this.command.values.includes(printed) && !(performance.now() - this.at < 2500)) this.show(printed);
  }

  show(v) {
    this.buttons.forEach((b) => attr(b, "aria-checked", String(b.textContent === v)));
    if (this.select && document.activeElement !== this.select) this.select.value = v ?? "";
  }
}

class Text extends Control {
  constructor(device, command) {
    super(device, command);
    this.field = h("input.field", { type: "text", maxlength: command.max_length, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": command.name, placeholder: `text, up to ${command.max_length} bytes` });
    const form = h("form.wide", { onsubmit: (e) => (e.preventDefault(), this.run(this.field.value)) }, this.field, h("button.button", "Send"));
    this.element = h("div.command", h("span.label", command.name), form, this.result);
  }
}

const kinds = { bool: Switch, int: NumberControl, enum: Choice, text: Text };

// control returns the control for a command; brief makes it fit on a tile.
export const control = (device, command, brief) => new (kinds[command.type] ?? Text)(device, command, brief);
