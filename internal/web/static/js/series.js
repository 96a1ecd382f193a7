// The last hour of one reading: the lowest and highest value of each bucket, as the
// gateway keeps them.

const size = 1800;

export class Series {
  constructor() {
    this.low = new Float32Array(size).fill(NaN);
    this.top = new Float32Array(size).fill(NaN);
    this.newest = -1;
    this.version = 0;
  }

  set(bucket, low, top) {
    if (bucket <= this.newest - size) return;
    if (this.newest < 0 || bucket - this.newest >= size) {
      this.low.fill(NaN);
      this.newest = bucket;
    }
    while (this.newest < bucket) this.low[++this.newest % size] = NaN;
    this.low[bucket % size] = low;
    this.top[bucket % size] = top;
    this.version++;
  }

  // each calls f(bucket, low, top) for each bucket with a value, oldest first.
  each(from, f) {
    for (let b = Math.max(from, this.newest - size + 1, 0); b <= this.newest; b++) {
      const i = b % size;
      if (!Number.isNaN(this.low[i])) f(b, this.low[i], this.top[i]);
    }
  }

  get(bucket) {
    const i = bucket % size;
    if (bucket > this.newest || bucket <= this.newest - size || Number.isNaN(this.low[i])) return null;
    return { low: this.low[i], top: this.top[i] };
  }
}
