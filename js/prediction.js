/**
 * Predictions of what is on screen, from the factors a frame carries:
 * global mean + user bias + item bias + user factors . item factors, on the rating scale, unclipped.
 */

/** @import { Block, Factors, Source } from "./types.js" */

/** Finds a user's or item's row in the factor arrays by its index. */
export class RowOf {
  /** @param {number} size */
  constructor(size) {
    this.rows = new Int32Array(size).fill(-1);
    this.indices = new Int32Array(0);
  }

  /** @param {Int32Array} indices */
  set(indices) {
    if (same(this.indices, indices)) return;
    for (const index of this.indices) this.rows[index] = -1;
    indices.forEach((index, row) => {
      this.rows[index] = row;
    });
    this.indices = indices.slice();
  }

  /**
   * @param {number} index
   * @returns {number} -1 where there is none
   */
  get(index) {
    return index < 0 ? -1 : this.rows[index];
  }
}

/**
 * @param {Int32Array} a
 * @param {Int32Array} b
 */
function same(a, b) {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** Items side by side in a tile: with two users at a time, eight sums stay in registers. */
const TILE = 4;

/**
 * @param {Source} source
 * @param {ArrayLike<number>} users rows in the source, -1 where unknown
 * @param {ArrayLike<number>} items rows in the source, -1 where unknown
 * @param {Float32Array} out (users * items), NaN where unknown
 */
export function predict(source, users, items, out) {
  if ("predictions" in source) {
    lookUp(source, source.predictions, users, items, out);
    return;
  }
  multiply(source, users, items, out);
  if (source.rating_range) squash(out, source.rating_range);
}

/**
 * How sure each prediction is: the standard deviation of the rating.
 *
 * @param {Source} source
 * @param {ArrayLike<number>} users rows in the source, -1 where unknown
 * @param {ArrayLike<number>} items rows in the source, -1 where unknown
 * @param {Float32Array} out (users * items), NaN where unknown
 * @returns {boolean} false where the model doesn't know
 */
export function deviate(source, users, items, out) {
  if (!("predictions" in source) || !source.deviations) return false;
  lookUp(source, source.deviations, users, items, out);
  return true;
}

/**
 * From log-odds to ratings, in place.
 *
 * @param {Float32Array} values
 * @param {[number, number]} range
 */
function squash(values, [low, high]) {
  for (let k = 0; k < values.length; k++) values[k] = low + (high - low) / (1 + Math.exp(-values[k]));
}

/**
 * @param {Block} block
 * @param {Float32Array} values (users, items) of the block
 * @param {ArrayLike<number>} users
 * @param {ArrayLike<number>} items
 * @param {Float32Array} out
 */
function lookUp({ item_idx }, values, users, items, out) {
  let at = 0;
  for (let r = 0; r < users.length; r++) {
    for (let c = 0; c < items.length; c++, at++) {
      const known = users[r] >= 0 && items[c] >= 0;
      out[at] = known ? values[users[r] * item_idx.length + items[c]] : Number.NaN;
    }
  }
}

/**
 * @param {Factors} factors
 * @param {ArrayLike<number>} users
 * @param {ArrayLike<number>} items
 * @param {Float32Array} out
 */
function multiply(factors, users, items, out) {
  const { n_factors } = factors;
  const columns = items.length;
  const { base, tiles } = itemTiles(factors, items);
  const pair = new Float64Array(2 * n_factors);
  for (let r = 0; r < users.length; r += 2) {
    const single = r + 1 === users.length;
    const bias = loadUser(factors, users[r], pair, 0);
    const next = single ? Number.NaN : loadUser(factors, users[r + 1], pair, 1);
    const upper = r * columns;
    const lower = upper + columns;
    for (let c = 0; c < columns; c += TILE) {
      let a0 = base[c] + bias;
      let a1 = base[c + 1] + bias;
      let a2 = base[c + 2] + bias;
      let a3 = base[c + 3] + bias;
      let b0 = base[c] + next;
      let b1 = base[c + 1] + next;
      let b2 = base[c + 2] + next;
      let b3 = base[c + 3] + next;
      let at = c * n_factors;
      for (let k = 0; k < 2 * n_factors; k += 2) {
        const p = pair[k];
        const q = pair[k + 1];
        const t0 = tiles[at++];
        const t1 = tiles[at++];
        const t2 = tiles[at++];
        const t3 = tiles[at++];
        a0 += p * t0;
        a1 += p * t1;
        a2 += p * t2;
        a3 += p * t3;
        b0 += q * t0;
        b1 += q * t1;
        b2 += q * t2;
        b3 += q * t3;
      }
      store(out, upper + c, columns - c, a0, a1, a2, a3);
      if (!single) store(out, lower + c, columns - c, b0, b1, b2, b3);
    }
  }
}

/**
 * Item factors in the order the sums read them: tile by tile, in each factor by factor, as doubles.
 *
 * @param {Factors} factors
 * @param {ArrayLike<number>} items
 */
function itemTiles({ n_factors, global_mean, item_factors, item_bias }, items) {
  const padded = Math.ceil(items.length / TILE) * TILE;
  const base = new Float64Array(padded);
  const tiles = new Float64Array(padded * n_factors);
  for (let c = 0; c < items.length; c++) {
    const item = items[c];
    base[c] = item < 0 ? Number.NaN : global_mean + item_bias[item];
    if (item < 0) continue;
    const first = Math.floor(c / TILE) * TILE * n_factors + (c % TILE);
    for (let k = 0; k < n_factors; k++) tiles[first + k * TILE] = item_factors[item * n_factors + k];
  }
  return { base, tiles };
}

/**
 * @param {Factors} factors
 * @param {number} user row, -1 where unknown
 * @param {Float64Array} pair two users' factors, interleaved
 * @param {0 | 1} place
 * @returns {number} the user's bias, NaN where unknown
 */
function loadUser({ n_factors, user_factors, user_bias }, user, pair, place) {
  if (user < 0) return Number.NaN;
  for (let k = 0; k < n_factors; k++) pair[2 * k + place] = user_factors[user * n_factors + k];
  return user_bias[user];
}

/**
 * @param {Float32Array} out
 * @param {number} at
 * @param {number} room columns left in the row
 * @param {number} s0
 * @param {number} s1
 * @param {number} s2
 * @param {number} s3
 */
function store(out, at, room, s0, s1, s2, s3) {
  out[at] = s0;
  if (room > 1) out[at + 1] = s1;
  if (room > 2) out[at + 2] = s2;
  if (room > 3) out[at + 3] = s3;
}

/**
 * The range of the predictions on screen.
 *
 * @param {Float32Array} predictions
 * @returns {[number, number] | null} least and greatest, null where none is known
 */
export function extent(predictions) {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of predictions) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}
