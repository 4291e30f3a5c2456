/** How much of the plane of factors the map shows: from the origin, in the middle, to its edge. */

/** Of the points, so many in a hundred are to be inside. */
const WITHIN = 0.97;

/** Nothing has been learned yet: there is to be room for what will be, so many times as much or as is usual. */
const UNTRAINED = 4;
const LEAST = 1.3;

/** Where points are that tell ratings four apart from each other. */
const USUAL = 0.9;

/** Points that fill less than this share of the map are seen from closer by. */
const SMALL = 1 / 8;

const STEPS = [1, 1.5, 2, 3, 5, 7, 10];

/** Holds still while points travel, and grows in steps: a scale that moved with each frame would hide the travel. */
export class MapScale {
  constructor() {
    this.bound = 0;
    this.run = Number.NaN;
  }

  /**
   * @param {number} run a new one begins anew
   * @param {number} epoch
   * @param {number} reach of the points of now; 0 where there are none
   * @param {number} span of the ratings
   */
  update(run, epoch, reach, span) {
    if (run !== this.run) this.bound = 0;
    this.run = run;
    if (!(reach > 0)) return;
    const usual = span > 0 ? USUAL * Math.sqrt(span / 4) : Number.POSITIVE_INFINITY;
    const room = epoch > 0 ? reach : Math.max(LEAST * reach, Math.min(UNTRAINED * reach, usual));
    if (!this.bound || reach > this.bound) this.bound = roundUp(room);
    else if (epoch > 0 && reach < SMALL * this.bound) this.bound = roundUp(reach);
  }
}

/**
 * How far most points are from the origin, by the shape of the map: one at its upper edge as far as one at its right.
 *
 * @param {Float32Array[]} places (points, 2) each
 * @param {number} aspect width over height
 */
export function reachOf(places, aspect) {
  const reaches = places
    .flatMap((some) =>
      Array.from({ length: some.length / 2 }, (_, k) =>
        Math.max(Math.abs(some[2 * k]) / aspect, Math.abs(some[2 * k + 1])),
      ),
    )
    .filter((reach) => Number.isFinite(reach))
    .sort((a, b) => a - b);
  return reaches.length ? reaches[Math.min(reaches.length - 1, Math.floor(WITHIN * reaches.length))] : 0;
}

/** @param {number} value above 0 */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = STEPS.find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(6));
}
