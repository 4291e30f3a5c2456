/** The value at the ends of the factors' colours, on both sides of zero. */

/** Values beyond this share of all take the colour of the end. */
const WITHIN = 0.995;

/** So many values tell the reach of all. */
const SAMPLED = 4096;

/** Factors that fill less than this share of the colours are shown in closer ones. */
const SMALL = 1 / 8;

/**
 * Holds still while factors grow into it: colours that were rescaled with each frame would show nothing of the
 * growth.
 */
export class FactorScale {
  constructor() {
    this.bound = 0;
    this.run = Number.NaN;
  }

  /**
   * @param {number} run a new one begins anew
   * @param {Float32Array[]} tables
   */
  update(run, tables) {
    if (run !== this.run) this.bound = 0;
    this.run = run;
    const most = reach(tables);
    if (!this.bound || most > this.bound || most < SMALL * this.bound) this.bound = roundUp(most);
  }
}

/**
 * What 995 of 1,000 values are within, on both sides of zero; 0 where there are none.
 *
 * @param {Float32Array[]} tables
 */
export function reach(tables) {
  const total = tables.reduce((sum, values) => sum + values.length, 0);
  const step = Math.max(1, Math.floor(total / SAMPLED));
  const sizes = [];
  for (const values of tables) {
    for (let k = 0; k < values.length; k += step) {
      const size = Math.abs(values[k]);
      if (Number.isFinite(size)) sizes.push(size);
    }
  }
  sizes.sort((a, b) => a - b);
  return sizes[Math.min(sizes.length - 1, Math.ceil(WITHIN * sizes.length))] ?? 0;
}

/**
 * The next of 1, 2 and 5 times a power of ten.
 *
 * @param {number} value
 */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((step) => step * power >= value * (1 - 1e-6)) ?? 10;
  return Number((factor * power).toPrecision(1));
}
