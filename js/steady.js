/** Domains of axes that only ever grow, so that nothing jumps while training runs. */

import { tickStep } from "./ticks.js";

/** @typedef {{low: number, high: number, step: number}} Domain */

/** What numbers that lie on a tick may be off it, in ticks. */
const SLACK = 1e-6;

export class Steady {
  /**
   * @param {number} most ticks wanted at most
   * @param {number} grain ends lie on this part of a tick
   */
  constructor(most, grain = 1) {
    this.most = most;
    this.grain = grain;
    this.key = "";
    this.low = Number.POSITIVE_INFINITY;
    this.high = Number.NEGATIVE_INFINITY;
  }

  /**
   * @param {string} key of what is shown: with another one it begins anew
   * @param {Iterable<number>} values that are to lie within; those that are not finite don't count
   * @returns {Domain}
   */
  widen(key, values) {
    if (key !== this.key) {
      this.key = key;
      this.low = Number.POSITIVE_INFINITY;
      this.high = Number.NEGATIVE_INFINITY;
    }
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      this.low = Math.min(this.low, value);
      this.high = Math.max(this.high, value);
    }
    if (this.low > this.high) return { low: 0, high: 1, step: 1 };
    const span = this.high - this.low;
    const step = tickStep(span > 1e-9 ? span : Math.abs(this.low) || 1, this.most);
    const unit = step * this.grain;
    const low = Math.floor(this.low / unit + SLACK) * unit;
    const high = Math.max(low + unit, Math.ceil(this.high / unit - SLACK) * unit);
    this.low = low;
    this.high = high;
    return { low, high, step };
  }
}
