/** The observed ratings seen so far, in tiles, so that what was fetched once is drawn at once. */

/** @import { Rect, WindowData } from "./types.js" */

const TILE = 64;
const MOST_TILES = 1024;

/** Values of `part` beside 0 train, 1 validation, 2 test. */
export const UNSEEN = 254;
export const UNKNOWN = 255;

/**
 * @typedef {Object} Tile
 * @property {Float32Array} ratings
 * @property {Uint8Array} parts
 */

export class Cells {
  constructor() {
    /** @type {Map<string, Tile>} in the order of last use */
    this.tiles = new Map();
    this.version = 0;
  }

  clear() {
    this.tiles.clear();
    this.version++;
  }

  /** @param {WindowData} data */
  add({ users, items, cell, rating, part }) {
    const columns = items[1] - items[0];
    this.forEachTile({ users, items }, true, (tile, { rows, width, inner }) => {
      for (let r = 0; r < rows; r++) tile?.parts.fill(UNSEEN, inner + r * TILE, inner + r * TILE + width);
    });
    for (let k = 0; k < cell.length; k++) {
      const row = users[0] + Math.floor(cell[k] / columns);
      const column = items[0] + (cell[k] % columns);
      const tile = this.tiles.get(key(Math.floor(row / TILE), Math.floor(column / TILE)));
      if (!tile) continue;
      const at = (row % TILE) * TILE + (column % TILE);
      tile.ratings[at] = rating[k];
      tile.parts[at] = part[k];
    }
    this.version++;
  }

  /**
   * Copy a rectangle into dense arrays.
   *
   * @param {Rect} rect
   * @param {Float32Array} ratings (rows * columns), meaningful where `parts` is below UNSEEN
   * @param {Uint8Array} parts (rows * columns)
   * @returns {boolean} whether all of it is known
   */
  read(rect, ratings, parts) {
    const columns = rect.items[1] - rect.items[0];
    let known = true;
    this.forEachTile(rect, false, (tile, { row, rows, column, width, inner }) => {
      for (let r = 0; r < rows; r++) {
        const to = (row + r) * columns + column;
        if (!tile) {
          parts.fill(UNKNOWN, to, to + width);
          known = false;
          continue;
        }
        const from = inner + r * TILE;
        const span = tile.parts.subarray(from, from + width);
        if (known && span.includes(UNKNOWN)) known = false;
        parts.set(span, to);
        ratings.set(tile.ratings.subarray(from, from + width), to);
      }
    });
    return known;
  }

  /**
   * @param {number} user position
   * @param {number} item position
   * @returns {{rating: number, part: number}} part says whether there is a rating at all
   */
  at(user, item) {
    const tile = this.tiles.get(key(Math.floor(user / TILE), Math.floor(item / TILE)));
    if (!tile) return { rating: Number.NaN, part: UNKNOWN };
    const at = (user % TILE) * TILE + (item % TILE);
    return { rating: tile.ratings[at], part: tile.parts[at] };
  }

  /**
   * @param {Rect} rect
   * @param {boolean} make
   * @param {(tile: Tile | undefined, span: {row: number, rows: number, column: number, width: number,
   *   inner: number}) => void} visit row and column count from the rectangle's own corner; inner is the
   *   first cell's place in the tile
   */
  forEachTile({ users, items }, make, visit) {
    for (let top = Math.floor(users[0] / TILE); top * TILE < users[1]; top++) {
      const row = Math.max(users[0], top * TILE);
      const rows = Math.min(users[1], (top + 1) * TILE) - row;
      for (let left = Math.floor(items[0] / TILE); left * TILE < items[1]; left++) {
        const column = Math.max(items[0], left * TILE);
        const width = Math.min(items[1], (left + 1) * TILE) - column;
        const inner = (row % TILE) * TILE + (column % TILE);
        visit(this.tile(top, left, make), {
          row: row - users[0],
          rows,
          column: column - items[0],
          width,
          inner,
        });
      }
    }
  }

  /**
   * @param {number} top
   * @param {number} left
   * @param {boolean} make
   */
  tile(top, left, make) {
    const name = key(top, left);
    let tile = this.tiles.get(name);
    if (tile) {
      this.tiles.delete(name);
      this.tiles.set(name, tile);
    } else if (make) {
      tile = { ratings: new Float32Array(TILE * TILE), parts: new Uint8Array(TILE * TILE).fill(UNKNOWN) };
      this.tiles.set(name, tile);
      if (this.tiles.size > MOST_TILES)
        this.tiles.delete(/** @type {string} */ (this.tiles.keys().next().value));
    }
    return tile;
  }
}

/**
 * @param {number} top
 * @param {number} left
 */
function key(top, left) {
  return `${top},${left}`;
}
