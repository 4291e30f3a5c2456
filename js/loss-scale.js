/** Scales and lines of the loss curves: frames that hold still while training runs. */

/** @import { EpochLoss } from "./losses.js" */

import { tickStep } from "./ticks.js";

/** Losses beyond this many times the baseline leave the frame once the run has come below it. */
const NEAR = 1.35;

/**
 * The least and greatest loss shown, on whole ticks so that the frame changes seldom. An untrained model may begin far
 * above everything that follows: once the run has come near the baseline, the frame is of what happens there.
 *
 * @param {EpochLoss[]} rows in the metric that is shown
 * @param {number | null} baseline that of the global mean
 * @returns {{low: number, high: number, step: number}}
 */
export function lossDomain(rows, baseline) {
  const losses = rows.flatMap(lossesOf);
  const limit = (baseline ?? greatest(losses, 1)) * NEAR;
  const last = rows.at(-1);
  const far = last !== undefined && greatest(lossesOf(last), 0) > limit;
  const shown = far ? losses : losses.filter((loss) => loss <= limit);
  if (baseline !== null) shown.push(baseline, baseline * 0.8);
  if (shown.length === 0) shown.push(0, 1);
  const least = -greatest(
    shown.map((loss) => -loss),
    Number.NEGATIVE_INFINITY,
  );
  const most = greatest(shown, 0);
  const step = tickStep(most - least || most || 1, 5);
  return { low: Math.max(0, Math.floor(least / step - 0.5) * step), high: most + 0.35 * step, step };
}

/**
 * The last epoch of the axis: the planned one, unless the run is far from it. Then the axis reaches on in steps, since
 * curves in the first hundredth of it can't be seen.
 *
 * @param {number} now epochs done, with the share of the one under way
 * @param {number} planned
 */
export function lastShown(now, planned) {
  const end = Math.max(1, planned, Math.ceil(now));
  let shown = 100;
  while (shown < 1.25 * now) shown *= 2;
  return shown * 1.5 < end ? shown : end;
}

/**
 * A tick of the loss axis, with as many digits as its step needs.
 *
 * @param {number} loss
 * @param {number} step
 */
export function axisText(loss, step) {
  return loss.toFixed(step >= 1 ? 0 : Math.max(1, -Math.floor(Math.log10(step) + 1e-9)));
}

/** @param {EpochLoss} row */
function lossesOf({ train, validation, test }) {
  return [train, validation, test].filter(Number.isFinite);
}

/**
 * @param {number[]} values any number of them
 * @param {number} floor
 */
function greatest(values, floor) {
  return values.reduce((most, value) => Math.max(most, value), floor);
}

/**
 * An SVG path through points, one a pixel column at most where there are many: then the least and the greatest of it.
 *
 * @param {{x: number, y: number}[]} points by x; those with y NaN are left out
 */
export function linePath(points) {
  const kept = points.filter(({ y }) => Number.isFinite(y));
  const thin = kept.length > 1000 ? thinned(kept) : kept;
  return thin.map(({ x, y }, k) => `${k === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
}

/** @param {{x: number, y: number}[]} points */
function thinned(points) {
  /** @type {{x: number, y: number}[]} */
  const out = [];
  for (let from = 0; from < points.length; ) {
    const column = Math.floor(points[from].x);
    let to = from;
    let low = from;
    let high = from;
    for (; to < points.length && Math.floor(points[to].x) === column; to++) {
      if (points[to].y < points[low].y) low = to;
      if (points[to].y > points[high].y) high = to;
    }
    const ends = [...new Set([from, Math.min(low, high), Math.max(low, high), to - 1])];
    out.push(...ends.map((k) => points[k]));
    from = to;
  }
  return out;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
