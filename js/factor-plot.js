/** Where the cells of a map of factors lie, and the way between points and cells. */

/** @import { Move, Place } from "./gestures.js" */
/** @import { Cell, Stage } from "./stage.js" */
/** @import { FactorTable } from "./types.js" */
/** @import { Box } from "./tooltip.js" */

import { within } from "./viewport.js";

/** CSS pixels that a factor takes at most, unless so many as `MANY` leave more room. */
const WIDEST = 40;
const MANY = 16;

/** CSS pixels of a map of items before there are factors. */
const EMPTY = 160;

/** CSS pixels above the users, where only the factors' numbers stand. */
const NUMBER_BAND = 20;

const PARTED = 12;

/**
 * In device pixels.
 *
 * @typedef {Object} MapPlot
 * @property {boolean} users whether users go down, a column a factor; otherwise items across, a row a factor
 * @property {number} left
 * @property {number} top
 * @property {number} rows
 * @property {number} columns
 * @property {number} width of a cell
 * @property {number} height of a cell
 * @property {number} gap
 */

/**
 * @param {Stage} stage whose window of users and items it shares
 * @param {boolean} users
 * @param {FactorTable | null} table
 * @returns {MapPlot}
 */
export function plotOf(stage, users, table) {
  const { left, top: band, cell, ratio } = stage.plot;
  const k = table?.n_factors ?? 1;
  const room = users ? Math.floor(stage.room.width * ratio) - left : Math.round(stage.height * ratio) - band;
  // Until there are factors, the room for some.
  const usual = Math.round((table ? WIDEST : EMPTY) * ratio);
  const widest = stage.labelled && table ? cell : Math.max(usual, Math.floor(room / MANY));
  const size = Math.max(1, Math.min(Math.floor(room / k), widest));
  const shown = Math.max(1, Math.min(k, Math.floor(room / size)));
  const gap = Math.min(cell, size) >= PARTED * ratio ? Math.round(ratio) : 0;
  const top = users && stage.labelled ? Math.round(NUMBER_BAND * ratio) : band;
  const { rows, columns } = stage.viewport;
  return users
    ? { users, left, top, rows, columns: shown, width: size, height: cell, gap }
    : { users, left, top, rows: shown, columns, width: cell, height: size, gap };
}

/**
 * @param {Stage} stage
 * @param {MapPlot} plot
 * @param {Place} place
 * @returns {Cell | null} null outside the cells
 */
export function cellAt({ viewport, room }, { users, left, top, rows, columns, width, height }, { x, y }) {
  const row = Math.floor((y * room.ratio - top) / height);
  const column = Math.floor((x * room.ratio - left) / width);
  if (row < 0 || column < 0 || row >= rows || column >= columns) return null;
  return users
    ? { user: viewport.user + row, item: -1, factor: column }
    : { user: -1, item: viewport.item + column, factor: row };
}

/**
 * Row and column of a cell in the map.
 *
 * @param {Stage} stage
 * @param {MapPlot} plot
 * @param {Cell} cell
 */
export function placeOf({ viewport }, { users }, { user, item, factor = 0 }) {
  return users
    ? { row: user - viewport.user, column: factor }
    : { row: factor, column: item - viewport.item };
}

/**
 * @param {Stage} stage
 * @param {MapPlot} plot
 * @param {Cell} cell
 * @returns {Box} in CSS pixels from the canvas's corner
 */
export function boxOf(stage, plot, cell) {
  const { left, top, width, height } = plot;
  const { row, column } = placeOf(stage, plot, cell);
  const { ratio } = stage.room;
  const [x, y] = [left + column * width, top + row * height];
  return { left: x / ratio, top: y / ratio, right: (x + width) / ratio, bottom: (y + height) / ratio };
}

/**
 * Where a key leads; the view follows.
 *
 * @param {Stage} stage
 * @param {MapPlot} plot
 * @param {Cell} from
 * @param {Move} move
 * @returns {Cell}
 */
export function follow(stage, { users: own, rows, columns }, from, { by, users, items }) {
  const across = own ? items : users;
  const shown = own ? columns : rows;
  const far = by === "cell" ? 1 : shown;
  const factor = within((from.factor ?? 0) + across * far, 0, shown - 1);
  const start = { user: Math.max(0, from.user), item: Math.max(0, from.item) };
  const { user, item } = stage.follow(start, { by, users: own ? users : 0, items: own ? 0 : items });
  return own ? { user, item: -1, factor } : { user: -1, item, factor };
}
