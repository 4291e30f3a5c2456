/** Names on the factor map: few, apart from each other, and where they were a moment ago if they can. */

/** @typedef {{left: number, top: number, right: number, bottom: number}} Area */

/**
 * @typedef {Object} Candidate
 * @property {string} key
 * @property {string} text
 * @property {number} x of its point
 * @property {number} y
 * @property {boolean} [needed] named whatever lies there
 */

/**
 * @typedef {Object} Named
 * @property {Candidate} candidate
 * @property {number} x where the text begins
 * @property {number} y of its middle
 */

/** CSS pixels. */
const LINE = 13;
const AWAY = 6;
const APART = 2;

/**
 * One after the other, each to the right of its point or else to its left, where it fits.
 *
 * @param {Candidate[]} candidates the most wanted first
 * @param {{x: number, y: number}[]} points that are not to be covered
 * @param {(candidate: Candidate) => number} measure CSS pixels of its text
 * @param {{width: number, height: number}} size
 * @param {number} most
 * @returns {Named[]}
 */
export function placeNames(candidates, points, measure, size, most) {
  /** @type {Area[]} */
  const taken = [];
  /** @type {Named[]} */
  const named = [];
  for (const candidate of candidates) {
    if (named.length >= most) break;
    const { x, y } = candidate;
    const width = measure(candidate);
    const sides = [x + AWAY, x - AWAY - width].map((left) => ({
      left,
      top: y - LINE / 2,
      right: left + width,
      bottom: y + LINE / 2,
    }));
    const fitting = sides.filter((area) => isOn(area, size) && !taken.some((other) => overlap(area, other)));
    const free = fitting.find((area) => !covers(area, points));
    const area =
      free ?? (candidate.needed ? (fitting[0] ?? sides.find((one) => isOn(one, size))) : undefined);
    if (!area) continue;
    taken.push(area);
    named.push({ candidate, x: area.left, y });
  }
  return named;
}

/**
 * @param {Area} area
 * @param {{width: number, height: number}} size
 */
function isOn({ left, top, right, bottom }, { width, height }) {
  return left >= APART && top >= APART && right <= width - APART && bottom <= height - APART;
}

/**
 * @param {Area} one
 * @param {Area} other
 */
export function overlap(one, other) {
  return (
    one.left < other.right + APART &&
    other.left < one.right + APART &&
    one.top < other.bottom + APART &&
    other.top < one.bottom + APART
  );
}

/**
 * @param {Area} area
 * @param {{x: number, y: number}[]} points
 */
export function covers({ left, top, right, bottom }, points) {
  return points.some(({ x, y }) => x > left && x < right && y > top && y < bottom);
}
