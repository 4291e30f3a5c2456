/** Which rectangle of the matrix is in view, and how zooming, panning and moving change it. All numbers whole. */

/** @import { Range, Rect } from "./types.js" */

/** Cell sizes in CSS pixels. */
export const STEPS = [1, 2, 3, 4, 5, 6, 8, 12, 16, 20, 26, 32, 40];

/** From this size on cells carry values, and rows and columns their names. */
export const LABELLED = 26;

/** A small matrix may take this much height at the largest cell that fits. */
export const SMALL_HEIGHT = 320;

/** The window that comes with the widget. */
const FIRST_ROWS = 96;
const FIRST_COLUMNS = 160;

/** CSS pixels of matrices and plots where all is small. */
const COMPACT = { height: 146, plot: 172 };

const MOST_ROWS = 512;
const MOST_COLUMNS = 1024;

/**
 * @typedef {Object} Viewport
 * @property {number} user first position in view
 * @property {number} item first position in view
 * @property {number} rows
 * @property {number} columns
 * @property {number} cell CSS pixels, one of STEPS
 */

/**
 * The widget's arrangement at a width. The default cell grows with the panels, so that what is in view at first lies
 * within the window that comes with the widget and needs no answer from a kernel that may be busy.
 *
 * @param {number} width of the widget in CSS pixels
 * @param {number} [n_matrices] how many there are to stand in a row
 * @param {boolean} [compact] whether all of it is to be small
 * @returns {{columns: number, cell: number, height: number, plot: number}} matrices in a row, the default cell, the
 *   height of a matrix and that of what is in a plot
 */
export function arrangement(width, n_matrices = 3, compact = false) {
  const columns = width < 640 ? 1 : Math.max(1, Math.min(3, n_matrices));
  const gap = width < 1100 ? 16 : 24;
  const panel = (width - 24 - gap * (columns - 1)) / columns;
  // In two columns, as in four of a wide widget, a plot has the room to be higher.
  const plot = width >= 1440 || (width >= 640 && width < 1100) ? 314 : 266;
  const least = compact ? 2 : width >= 1440 || columns === 1 ? 4 : width >= 1100 || columns === 2 ? 3 : 2;
  const cell =
    STEPS.find((step) => step >= least && step * FIRST_COLUMNS >= panel) ?? STEPS[STEPS.length - 1];
  if (compact) return { columns, cell, ...COMPACT };
  return { columns, cell, height: matrixHeight(width, columns, cell), plot };
}

/**
 * @param {number} width of the widget
 * @param {number} columns
 * @param {number} cell
 */
function matrixHeight(width, columns, cell) {
  if (columns === 1 && width >= 640) {
    return Math.min(FIRST_ROWS * cell, Math.max(216, Math.min(400, Math.round(width / 3))));
  }
  if (columns === 2) return width >= 1440 ? 288 : 240;
  return cell === 2 ? 160 : Math.min(288, 72 * cell);
}

/**
 * Cell size in device pixels: whole, so that no canvas is ever scaled.
 *
 * @param {number} cell CSS pixels
 * @param {number} ratio device pixels a CSS pixel
 */
export function devicePixels(cell, ratio) {
  return Math.max(1, Math.round(cell * ratio));
}

/**
 * The largest cell at which the whole matrix fits, or the default where none does.
 *
 * @param {number} n_users
 * @param {number} n_items
 * @param {(cell: number) => {width: number, height: number}} room for cells at a cell size
 * @param {number} fallback
 */
export function fittingCell(n_users, n_items, room, fallback) {
  for (const cell of STEPS.toReversed()) {
    const { width, height } = room(cell);
    const tallest = Math.max(height, cell >= LABELLED ? SMALL_HEIGHT : 0);
    if (cell > fallback && n_users * cell <= tallest && n_items * cell <= width) return cell;
  }
  return fallback;
}

/**
 * @param {Viewport} viewport
 * @param {number} n_users
 * @param {number} n_items
 * @returns {Viewport}
 */
export function clamp(viewport, n_users, n_items) {
  const rows = Math.max(1, Math.min(viewport.rows, n_users));
  const columns = Math.max(1, Math.min(viewport.columns, n_items));
  return {
    ...viewport,
    rows,
    columns,
    user: within(viewport.user, 0, n_users - rows),
    item: within(viewport.item, 0, n_items - columns),
  };
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function within(value, low, high) {
  return Math.max(low, Math.min(high, Math.round(value)));
}

/**
 * @param {Viewport} viewport
 * @returns {Rect}
 */
export function rectOf({ user, item, rows, columns }) {
  return { users: [user, user + rows], items: [item, item + columns] };
}

/**
 * @param {number} cell
 * @param {number} steps up the ladder, or down where negative
 */
export function nextCell(cell, steps) {
  const at = STEPS.findIndex((step) => step >= cell);
  return STEPS[within((at < 0 ? STEPS.length - 1 : at) + steps, 0, STEPS.length - 1)];
}

/**
 * Move as little as needed to have a cell in view.
 *
 * @param {Viewport} viewport
 * @param {number} user
 * @param {number} item
 * @returns {Viewport}
 */
export function reveal(viewport, user, item) {
  const { rows, columns } = viewport;
  return {
    ...viewport,
    user: Math.max(Math.min(viewport.user, user), user - rows + 1),
    item: Math.max(Math.min(viewport.item, item), item - columns + 1),
  };
}

/**
 * @param {Rect} outer
 * @param {Rect} inner
 */
export function contains(outer, inner) {
  return (
    outer.users[0] <= inner.users[0] &&
    outer.users[1] >= inner.users[1] &&
    outer.items[0] <= inner.items[0] &&
    outer.items[1] >= inner.items[1]
  );
}

/**
 * The window to ask for: what is in view and half as much again on each side, within what one request may hold.
 *
 * @param {Rect} view
 * @param {number} n_users
 * @param {number} n_items
 * @returns {Rect}
 */
export function windowAround(view, n_users, n_items) {
  return {
    users: widen(view.users, n_users, MOST_ROWS),
    items: widen(view.items, n_items, MOST_COLUMNS),
  };
}

/**
 * @param {Range} range
 * @param {number} size
 * @param {number} most
 * @returns {Range}
 */
function widen([start, stop], size, most) {
  const shown = stop - start;
  const margin = Math.max(0, Math.floor(Math.min(shown / 2, (most - shown) / 2)));
  const first = Math.max(0, start - margin);
  return [first, Math.min(size, stop + margin, first + most)];
}
