/** What was measured of epochs beside their losses. */

/**
 * Of one epoch; NaN where there is nothing to measure.
 *
 * @typedef {Object} Measures
 * @property {number} train_mae
 * @property {number} validation_mae
 * @property {number} test_mae
 * @property {number} ndcg at 10, on the test part
 * @property {number} alike share of a user's first ten that are those most often named
 * @property {number} n_users whose lists were ranked
 */

const NAMES = /** @type {const} */ (["train_mae", "validation_mae", "test_mae", "ndcg", "alike", "n_users"]);

export class EpochMeasures {
  constructor() {
    /** @type {Map<number, Measures>} */
    this.known = new Map();
    this.version = 0;
  }

  clear() {
    this.known.clear();
    this.version++;
  }

  /** @param {{epoch: number} & Record<string, number | null>} content as it came; JSON has no NaN */
  add(content) {
    const measures = Object.fromEntries(NAMES.map((name) => [name, content[name] ?? Number.NaN]));
    this.known.set(content.epoch, /** @type {Measures} */ (measures));
    this.version++;
  }

  /** @param {number} epoch */
  of(epoch) {
    return this.known.get(epoch);
  }

  /** @returns {{epoch: number, ndcg: number}[]} by epoch */
  get ranking() {
    return [...this.known]
      .filter(([, { ndcg }]) => Number.isFinite(ndcg))
      .map(([epoch, { ndcg }]) => ({ epoch, ndcg }))
      .sort((a, b) => a.epoch - b.epoch);
  }

  /** The last epoch that was measured. */
  get last() {
    return this.known.get(Math.max(...this.known.keys()));
  }
}
