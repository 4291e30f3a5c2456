/** The losses of every epoch of the run under way, as mean squared errors. */

/** @import { LossRows } from "./types.js" */

/**
 * @typedef {Object} EpochLoss
 * @property {number} epoch
 * @property {number} train
 * @property {number} validation NaN where there is none
 * @property {number} test NaN where there is none
 */

export class Losses {
  constructor() {
    /** @type {EpochLoss[]} by epoch */
    this.rows = [];
    this.version = 0;
  }

  clear() {
    this.rows = [];
    this.version++;
  }

  /**
   * Merge by epoch number: what came twice is replaced, not repeated.
   *
   * @param {LossRows} losses
   */
  merge({ epoch_number, train_mse, validation_mse, test_mse }) {
    if (epoch_number.length === 0) return;
    // From one to the next: where no answer comes back, each frame brings thousands that are known.
    let at = this.rows.length;
    for (let k = 0; k < epoch_number.length; k++) {
      const row = {
        epoch: epoch_number[k],
        train: train_mse[k],
        validation: validation_mse[k],
        test: test_mse[k],
      };
      while (at > 0 && this.rows[at - 1].epoch >= row.epoch) at--;
      while (this.rows[at]?.epoch < row.epoch) at++;
      if (this.rows[at]?.epoch === row.epoch) this.rows[at] = row;
      else this.rows.splice(at, 0, row);
    }
    this.version++;
  }

  /** @returns {EpochLoss | undefined} */
  get last() {
    return this.rows[this.rows.length - 1];
  }

  /** The part that decides which epoch is best: validation where there is one. */
  get decider() {
    return this.rows.some(({ validation }) => Number.isFinite(validation)) ? "validation" : "test";
  }

  /** @returns {EpochLoss | undefined} the epoch with the least validation or test loss, the earlier of equals */
  get best() {
    const part = this.decider;
    /** @type {EpochLoss | undefined} */
    let best;
    for (const row of this.rows) if (row[part] < (best?.[part] ?? Number.POSITIVE_INFINITY)) best = row;
    return best;
  }
}
