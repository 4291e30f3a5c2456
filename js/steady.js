/** Domains of axes that only ever grow, so that nothing jumps while training runs. */

import { tickStep } from "./ticks.js";

/** @typedef {{low: number, high: number, step: number}} Domain */

export class Steady {
  /** @param {number} most ticks wanted at most */
  constructor(most) {
    this.most = most;
    this.key = "";
    this.low = Number.POSITIVE_INFINITY;
    this.high = Number.NEGATIVE_INFINITY;
  }

  /**
   * @param {string} key of what is shown: with another one it begins anew
   * @param {Iterable<number>} values that are to lie within; those that are not finite don't count
   * @returns {Domain} on halves of ticks
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
    const half = step / 2;
    const low = Math.floor(this.low / half - 1e-9) * half;
    const high = Math.ceil(this.high / half + 1e-9) * half;
    // What has been reached is kept: a value at the edge would move it with the next one.
    this.low = low + half * 1e-3;
    this.high = high - half * 1e-3;
    return { low, high, step };
  }
}
