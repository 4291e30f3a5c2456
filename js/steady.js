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
    /** @type {Domain | null} */
    this.domain = null;
  }

  /**
   * @param {string} key of what is shown: with another one it begins anew
   * @param {Iterable<number>} values that are to lie within; those that are not finite don't count
   * @returns {Domain}
   */
  widen(key, values) {
    if (key !== this.key) this.domain = null;
    this.key = key;
    let low = this.domain?.low ?? Number.POSITIVE_INFINITY;
    let high = this.domain?.high ?? Number.NEGATIVE_INFINITY;
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (low > high) return { low: 0, high: 1, step: 1 };
    if (!this.domain || low < this.domain.low || high > this.domain.high)
      this.domain = this.around(low, high);
    return this.domain;
  }

  /**
   * @param {number} least
   * @param {number} most
   */
  around(least, most) {
    const step = tickStep(most > least ? most - least : Math.abs(least) || 1, this.most);
    const unit = step * this.grain;
    const low = Math.floor(least / unit + SLACK) * unit;
    return { low, high: Math.max(low + unit, Math.ceil(most / unit - SLACK) * unit), step };
  }
}
