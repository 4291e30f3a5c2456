/** Where the cells of a strip of factors lie: a row a factor, a column a user or an item, the frame filled. */

/** @import { Place } from "./gestures.js" */
/** @import { Cell } from "./stage.js" */
/** @import { Box } from "./tooltip.js" */
/** @import { Viewport } from "./viewport.js" */

/** CSS pixels that a cell takes at most, and from which on a line of ground parts the cells. */
const LARGEST = { width: 64, height: 40 };
const PARTED = 12;

/**
 * In device pixels. Columns and rows are whole pixels, so that one may be a pixel wider than the next.
 *
 * @typedef {Object} Strip
 * @property {boolean} users whether the columns are users
 * @property {number} first position of the first column
 * @property {number} columns
 * @property {number} rows
 * @property {number[]} xs where columns begin, and where the last ends
 * @property {number[]} ys where rows begin, and where the last ends
 * @property {number} gap
 * @property {number} ratio
 */

/**
 * @param {boolean} users
 * @param {Viewport} viewport of the matrices
 * @param {number} n_factors
 * @param {{width: number, height: number, ratio: number}} room CSS pixels
 * @returns {Strip}
 */
export function stripOf(users, viewport, n_factors, { width, height, ratio }) {
  const shown = users ? viewport.rows : viewport.columns;
  const across = Math.floor(width * ratio);
  const down = Math.round(height * ratio);
  const columns = Math.max(1, Math.min(shown, across));
  const rows = Math.max(1, Math.min(n_factors, down));
  const xs = edges(columns, Math.min(across, columns * Math.round(LARGEST.width * ratio)));
  const ys = edges(rows, Math.min(down, rows * Math.round(LARGEST.height * ratio)));
  const least = Math.min(xs[columns] / columns, ys[rows] / rows);
  const gap = least >= PARTED * ratio ? Math.round(ratio) : 0;
  return { users, first: users ? viewport.user : viewport.item, columns, rows, xs, ys, gap, ratio };
}

/**
 * @param {number} n
 * @param {number} size
 * @returns {number[]} (n + 1) the whole numbers that part it into n, as even as they can
 */
export function edges(n, size) {
  return Array.from({ length: n + 1 }, (_, k) => Math.round((k * size) / n));
}

/**
 * The last that begins at a place or before it.
 *
 * @param {number[]} starts ascending
 * @param {number} at
 */
function indexAt(starts, at) {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const half = Math.ceil((low + high) / 2);
    if (starts[half] <= at) low = half;
    else high = half - 1;
  }
  return low;
}

/**
 * @param {Strip} strip
 * @param {Place} place
 * @returns {Cell | null} null outside the cells
 */
export function cellAt({ users, first, columns, rows, xs, ys, ratio }, { x, y }) {
  const [across, down] = [x * ratio, y * ratio];
  if (across < 0 || down < 0 || across >= xs[columns] || down >= ys[rows]) return null;
  const position = first + indexAt(xs, across);
  const factor = indexAt(ys, down);
  return users ? { user: position, item: -1, factor } : { user: -1, item: position, factor };
}

/**
 * @param {Strip} strip
 * @param {Cell} cell
 */
export function placeOf({ users, first }, { user, item, factor = 0 }) {
  return { column: (users ? user : item) - first, row: factor };
}

/**
 * @param {Strip} strip
 * @param {Cell} cell
 */
export function shows(strip, cell) {
  const { column, row } = placeOf(strip, cell);
  return column >= 0 && column < strip.columns && row >= 0 && row < strip.rows && cell.factor !== undefined;
}

/**
 * @param {Strip} strip
 * @param {Cell} cell that it shows
 * @returns {Box} in CSS pixels from the canvas's corner
 */
export function boxOf(strip, cell) {
  const { column, row } = placeOf(strip, cell);
  const { xs, ys, ratio } = strip;
  return {
    left: xs[column] / ratio,
    top: ys[row] / ratio,
    right: xs[column + 1] / ratio,
    bottom: ys[row + 1] / ratio,
  };
}

/**
 * Cells as pixels.
 *
 * @param {Strip} strip
 * @param {Uint32Array} colors (rows * columns)
 * @param {Uint32Array} pixels (height * width) of the strip
 * @param {number} ground
 */
export function fill({ columns, rows, xs, ys, gap }, colors, pixels, ground) {
  const stride = xs[columns];
  for (let r = 0; r < rows; r++) {
    const top = ys[r] * stride;
    for (let c = 0; c < columns; c++) {
      pixels.fill(colors[r * columns + c], top + xs[c], top + xs[c + 1] - gap);
      if (gap) pixels.fill(ground, top + xs[c + 1] - gap, top + xs[c + 1]);
    }
    const end = ys[r + 1] - gap;
    for (let y = ys[r] + 1; y < end; y++) pixels.copyWithin(y * stride, top, top + stride);
    if (gap) pixels.fill(ground, end * stride, ys[r + 1] * stride);
  }
}
