/** Where the name of a baseline stands: along its line, above or below it, where no loss runs through the name. */

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Area */
/** @typedef {{top: Float32Array, bottom: Float32Array}} Band the reach of a line in each pixel column */

/** CSS pixels from one place that is tried to the next. */
const STEP = 8;

/** CSS pixels from the baseline's line to the foot of its name, and what is to be free above and below that. */
const FOOT = { above: -5, below: 14 };
const HEIGHT = { ascent: 11, descent: 4 };

/**
 * @param {Point[]} points of a line, by x
 * @param {number} width CSS pixels
 * @returns {Band}
 */
export function bandOf(points, width) {
  const top = new Float32Array(Math.ceil(width)).fill(Number.POSITIVE_INFINITY);
  const bottom = new Float32Array(top.length).fill(Number.NEGATIVE_INFINITY);
  for (let k = 1; k < points.length; k++) {
    const [from, to] = [points[k - 1], points[k]];
    const slope = (to.y - from.y) / (to.x - from.x || 1);
    const last = Math.min(top.length - 1, Math.floor(to.x));
    for (let column = Math.max(0, Math.floor(from.x)); column <= last; column++) {
      const enters = from.y + slope * (Math.max(column, from.x) - from.x);
      const leaves = from.y + slope * (Math.min(column + 1, to.x) - from.x);
      top[column] = Math.min(top[column], enters, leaves);
      bottom[column] = Math.max(bottom[column], enters, leaves);
    }
  }
  return { top, bottom };
}

/**
 * Whether neither a line nor another text lies in an area.
 *
 * @param {Area} area
 * @param {Band[]} bands
 * @param {Area[]} texts
 */
export function isFree({ left, right, top, bottom }, bands, texts) {
  const last = Math.ceil(right);
  for (const band of bands) {
    for (let column = Math.floor(left); column <= last; column++) {
      if (band.top[column] <= bottom && band.bottom[column] >= top) return false;
    }
  }
  return texts.every(
    (text) => text.left > right || text.right < left || text.top > bottom || text.bottom < top,
  );
}

/**
 * Where a name was it stays, while that is free: one that wandered would draw the eye. Where nothing is free it stands
 * at the left. Above comes first: so are the others named.
 *
 * @param {{at: number, width: number}} name the height of its line, and its own width
 * @param {Area} room
 * @param {{x: number, side: "above" | "below"} | null} kept where it was
 * @param {(area: Area) => boolean} free
 * @returns {{x: number, side: "above" | "below", y: number}} y is its foot
 */
export function placeName({ at, width }, room, kept, free) {
  /** @type {{x: number, side: "above" | "below"}[]} */
  const places = kept ? [kept] : [];
  for (const side of /** @type {const} */ (["above", "below"])) {
    for (let x = room.left; x + width <= room.right; x += STEP) places.push({ x, side });
  }
  const found = places.find(({ x, side }) => {
    const foot = at + FOOT[side];
    const area = { left: x, right: x + width, top: foot - HEIGHT.ascent, bottom: foot + HEIGHT.descent };
    return area.top >= room.top && area.bottom <= room.bottom && area.right <= room.right && free(area);
  });
  const { x, side } = found ?? { x: room.left, side: "above" };
  return { x, side, y: at + FOOT[side] };
}
