/** Points of the factor map in CSS pixels: which is near, which comes next, and which a line encloses. */

/** @import { MapPlaces, Moment } from "./types.js" */
/** @import { Place } from "./gestures.js" */

/**
 * @typedef {Object} Dot
 * @property {"user" | "item"} kind
 * @property {number} index
 * @property {number} k its row among those of its kind
 * @property {number} x CSS pixels from the left
 * @property {number} y CSS pixels from above
 * @property {boolean} inside whether it lies on the map
 */

/** CSS pixels that a point is found from. */
const NEAR = 12;

/** CSS pixels of the edge that no point is drawn in. */
const EDGE = 3;

/**
 * @param {MapPlaces} places
 * @param {{width: number, height: number}} size CSS pixels
 * @param {number} bound of the plane at the upper and the lower edge
 * @returns {Dot[]} items and then users; those without a finite place left out
 */
export function dotsOf(places, size, bound) {
  return [
    ...dots("item", places.item_idx, places.items, size, bound),
    ...dots("user", places.user_idx, places.users, size, bound),
  ];
}

/**
 * @param {"user" | "item"} kind
 * @param {Int32Array} indices
 * @param {Float32Array} places
 * @param {{width: number, height: number}} size
 * @param {number} bound
 */
function dots(kind, indices, places, size, bound) {
  /** @type {Dot[]} */
  const found = [];
  indices.forEach((index, k) => {
    const { x, y } = toScreen(places[2 * k], places[2 * k + 1], size, bound);
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    const inside = x >= EDGE && y >= EDGE && x <= size.width - EDGE && y <= size.height - EDGE;
    found.push({ kind, index, k, x, y, inside });
  });
  return found;
}

/**
 * The origin is in the middle, and a step is as long across as up.
 *
 * @param {number} x
 * @param {number} y
 * @param {{width: number, height: number}} size
 * @param {number} bound
 * @returns {Place}
 */
export function toScreen(x, y, { width, height }, bound) {
  const scale = height / 2 / bound;
  return { x: width / 2 + x * scale, y: height / 2 - y * scale };
}

/**
 * @param {Dot[]} dots
 * @param {Place} place
 * @param {number} [within] CSS pixels
 * @returns {Dot | null}
 */
export function nearest(dots, { x, y }, within = NEAR) {
  let best = null;
  let least = within ** 2;
  for (const dot of dots) {
    const away = (dot.x - x) ** 2 + (dot.y - y) ** 2;
    if (!dot.inside || away > least) continue;
    best = dot;
    least = away;
  }
  return best;
}

/**
 * The nearest point in a direction: what lies straight ahead before what lies aside, and nothing behind.
 *
 * @param {Dot[]} dots
 * @param {Dot} from
 * @param {{x: number, y: number}} way one of the four
 * @returns {Dot} where there is none, the same
 */
export function nextDot(dots, from, way) {
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (const dot of dots) {
    const ahead = (dot.x - from.x) * way.x + (dot.y - from.y) * way.y;
    const aside = Math.abs((dot.x - from.x) * way.y - (dot.y - from.y) * way.x);
    // Within 45 degrees: so that every point is ahead of its neighbours in one of the four.
    if (!dot.inside || ahead <= 0 || aside > ahead) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) {
      best = dot;
      least = cost;
    }
  }
  return best;
}

/**
 * @param {Dot[]} dots
 * @param {Place[]} line closed from its last point to its first
 * @returns {Dot[]} those on the map that it encloses
 */
export function enclosed(dots, line) {
  return dots.filter((dot) => dot.inside && isInside(dot, line));
}

/**
 * @param {Place} place
 * @param {Place[]} line
 */
function isInside({ x, y }, line) {
  let inside = false;
  for (let k = 0, before = line.length - 1; k < line.length; before = k++) {
    const [a, b] = [line[k], line[before]];
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y)) inside = !inside;
  }
  return inside;
}

/**
 * Where a user or an item was over the epochs.
 *
 * @param {Iterable<[number, Moment]>} moments by their epochs
 * @param {"user" | "item"} kind
 * @param {number} index
 * @returns {{epoch: number, x: number, y: number}[]} by epoch
 */
export function pathOf(moments, kind, index) {
  const path = [];
  for (const [epoch, { map }] of moments) {
    if (!map) continue;
    const k = (kind === "user" ? map.user_idx : map.item_idx).indexOf(index);
    const places = kind === "user" ? map.users : map.items;
    if (k >= 0 && Number.isFinite(places[2 * k]))
      path.push({ epoch, x: places[2 * k], y: places[2 * k + 1] });
  }
  return path.sort((one, other) => one.epoch - other.epoch);
}
