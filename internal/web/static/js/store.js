// The gateway and its devices, as the stream reports them.

import { history } from "./api.js";
import { Series } from "./series.js";

export class Store {
  constructor() {
    this.gateway = null;
    this.devices = new Map(); // by ID, in the configuration's order
    this.skew = 0; // this clock minus the gateway's, ms
    this.epoch = 0;
    this.step = 2000;
  }

  // now returns the gateway's time, in ms.
  now() {
    return Date.now() - this.skew;
  }

  clocks(data) {
    const skew = Date.now() - data.now;
    // The message that travelled fastest gives the most exact difference.
    this.skew = this.skew && Math.abs(skew - this.skew) < 2000 ? Math.min(this.skew + 1, skew) : skew;
    if (data.epoch) this.epoch = data.epoch;
  }

  // state replaces everything. Buckets are numbered from the gateway's start, so those
  // from before a restart are discarded.
  state(data) {
    const same = Math.abs(this.epoch - data.epoch) < 1000;
    const before = same ? this.devices : new Map();
    this.clocks(data);
    this.step = data.step;
    this.gateway = data.gateway;
    this.devices = new Map();
    for (const { readings, ...rest } of data.devices) {
      const device = { ...rest, readings: before.get(rest.id)?.readings ?? new Map(), loaded: 0 };
      this.devices.set(rest.id, device);
      this.readings(device, readings);
    }
  }

  update(data) {
    this.clocks(data);
    if (data.gateway) this.gateway = data.gateway;
    for (const [id, change] of Object.entries(data.devices ?? {})) {
      const device = this.devices.get(id);
      if (!device) continue;
      const { readings, ...rest } = change;
      Object.assign(device, rest);
      if (readings) this.readings(device, readings);
    }
  }

  readings(device, list) {
    for (const [name, value, unit, time, bucket, low, top] of list) {
      const r = this.reading(device, name);
      r.value = value;
      r.unit = unit;
      r.time = time;
      r.numeric = bucket !== undefined;
      if (r.numeric) r.series.set(bucket, low, top);
    }
  }

  reading(device, name) {
    let r = device.readings.get(name);
    if (!r) {
      r = { name, value: "", unit: "", time: 0, numeric: false, series: new Series() };
      device.readings.set(name, r);
    }
    return r;
  }

  // load fetches a device's last minutes, once after each state.
  async load(id, minutes) {
    const device = this.devices.get(id);
    if (!device || device.loaded >= minutes) return;
    device.loaded = minutes;
    try {
      const h = await history(id, minutes + "m");
      for (const [name, { points }] of Object.entries(h.readings)) {
        const series = this.reading(device, name).series;
        for (const [t, low, top] of points) {
          const bucket = Math.round((t - h.epoch_ms) / h.step_ms);
          if (bucket !== series.newest) series.set(bucket, low, top);
        }
      }
    } catch {
      device.loaded = 0;
    }
  }

  // time returns a bucket's middle, in ms of the gateway's clock.
  time(bucket) {
    return this.epoch + (bucket + 0.5) * this.step;
  }

  // bucket returns the bucket of a time.
  bucket(time) {
    return Math.floor((time - this.epoch) / this.step);
  }
}
