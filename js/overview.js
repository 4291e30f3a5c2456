/** The whole matrix: what its bins are, what is in them, and how they are told of. */

/** @import { Binned, BinnedMoment, Binning, Rect, Summary } from "./types.js" */
/** @import { Block } from "./matrix-picture.js" */
/** @import { Cell, Room } from "./stage.js" */
/** @import { Store } from "./store.js" */
/** @import { RatingText } from "./tooltip.js" */

import { UNKNOWN, UNSEEN } from "./cells.js";
import { count, fixed, noun, signed } from "./format.js";
import { PARTS } from "./icons.js";
import { hides } from "./part-toggles.js";
import { predict } from "./prediction.js";
import { Stage } from "./stage.js";
import { devicePixels } from "./viewport.js";

/** CSS pixels of a bin. */
const BIN = 3;

/** Milliseconds after which what was asked for is taken to be lost. */
const PATIENCE = 3000;

/**
 * @param {Room} room
 * @param {Pick<Summary, "n_users" | "n_items">} summary
 * @returns {{rows: number, columns: number, cell: number}} as many bins as fit, and their size in CSS pixels
 */
export function binsIn({ width, height, ratio }, { n_users, n_items }) {
  const fit = (/** @type {number} */ room, /** @type {number} */ cell) =>
    Math.max(1, Math.floor((room * ratio) / devicePixels(cell, ratio)));
  // Of few users, or few items, each has its own row, as large as there is room for.
  let cell = BIN;
  while (cell < 12 && fit(height, cell + 1) >= n_users && fit(width, cell + 1) >= n_items) cell++;
  return {
    rows: Math.min(n_users, fit(height, cell)),
    columns: Math.min(n_items, fit(width, cell)),
    cell,
  };
}

/**
 * The positions that a bin holds.
 *
 * @param {number} bin
 * @param {number} n_bins
 * @param {number} n
 * @returns {[start: number, stop: number]}
 */
export function rangeOf(bin, n_bins, n) {
  return [Math.ceil((bin * n) / n_bins), Math.ceil(((bin + 1) * n) / n_bins)];
}

/**
 * @param {number} position -1 for none
 * @param {number} n_bins
 * @param {number} n
 */
export function binOf(position, n_bins, n) {
  return position < 0 ? -1 : Math.floor((position * n_bins) / n);
}

/**
 * The ratings of a bin.
 *
 * @param {Binned} binned
 * @param {readonly number[]} parts that count
 * @param {number} k number of the bin
 * @returns {{ratings: number, mean: number, share: number}} share that is not for training
 */
export function ratingsOf({ rows, columns, count, mean }, parts, k) {
  let [ratings, sum, held] = [0, 0, 0];
  for (const part of parts) {
    const at = part * rows * columns + k;
    if (count[at] === 0) continue;
    ratings += count[at];
    sum += count[at] * mean[at];
    if (part > 0) held += count[at];
  }
  return { ratings, mean: sum / ratings, share: held / ratings };
}

/**
 * The mean residual of a bin. A part of which the sample has none in it doesn't count.
 *
 * @param {Binned} binned
 * @param {BinnedMoment} moment
 * @param {readonly number[]} parts that count
 * @param {number} k number of the bin
 * @returns {number} NaN where there is none
 */
export function residualOf({ rows, columns, count }, { residuals }, parts, k) {
  let [ratings, sum] = [0, 0];
  for (const part of parts) {
    const mean = residuals[part]?.[k] ?? Number.NaN;
    if (Number.isNaN(mean)) continue;
    const many = count[part * rows * columns + k];
    ratings += many;
    sum += many * mean;
  }
  return sum / ratings;
}

/** @param {ReadonlySet<number>} hidden */
const shownParts = (hidden) => [0, 1, 2].filter((part) => !hidden.has(part));

/**
 * Fill a block with the bins, as if they were cells.
 *
 * @param {Binned | null} binned
 * @param {ReadonlySet<number>} hidden parts that don't count
 * @param {Block} block
 */
export function readBins(binned, hidden, block) {
  const n = block.rows * block.columns;
  block.ratings = new Float32Array(n);
  block.parts = new Uint8Array(n).fill(binned ? UNSEEN : UNKNOWN);
  block.shares = new Float32Array(n);
  block.hidden = null;
  if (!binned) return;
  const parts = shownParts(hidden);
  for (let k = 0; k < n; k++) {
    const { ratings, mean, share } = ratingsOf(binned, parts, k);
    if (ratings === 0) continue;
    block.ratings[k] = mean;
    block.shares[k] = share;
    block.parts[k] = 0;
  }
  block.hidden = hides(block.parts, new Set([...hidden].filter((part) => part === UNSEEN)));
}

/**
 * Fill in what the model makes of the bins.
 *
 * @param {Binned | null} binned
 * @param {BinnedMoment | null} moment
 * @param {ReadonlySet<number>} hidden parts that don't count
 * @param {Block} block
 */
export function readBinnedMoment(binned, moment, hidden, block) {
  const n = block.rows * block.columns;
  block.deviations = null;
  block.differences = null;
  block.predictions = null;
  block.residuals = null;
  if (moment?.source) {
    // Row and column of a bin are those of the source.
    block.predictions = new Float32Array(n);
    predict(moment.source, moment.source.user_idx, moment.source.item_idx, block.predictions);
  }
  if (!binned || !moment?.residuals.some(Boolean)) return;
  const parts = shownParts(hidden);
  block.residuals = Float32Array.from({ length: n }, (_, k) => residualOf(binned, moment, parts, k));
}

/** The whole matrix while it is looked at. */
export class Overview {
  /**
   * @param {Store} store
   * @param {Room} room
   */
  constructor(store, room) {
    this.store = store;
    this.asked = "";
    this.since = 0;
    this.stage = this.layout(room);
  }

  /** @param {Room} room */
  layout(room) {
    const { rows, columns, cell } = binsIn(room, this.store.summary);
    const stage = new Stage(rows, columns, () => 0);
    stage.chosen = true;
    stage.viewport.cell = cell;
    stage.layout(room);
    this.stage = stage;
    return stage;
  }

  get shape() {
    return { rows: this.stage.n_users, columns: this.stage.n_items };
  }

  /**
   * Whether something is of these bins, in the order that counts now.
   *
   * @param {Binning} binning
   */
  fits({ rows, columns, order }) {
    const { sorting } = this.store;
    const { n_users, n_items } = this.stage;
    const isSorted = order.user === sorting.user.serial && order.item === sorting.item.serial;
    return rows === n_users && columns === n_items && isSorted;
  }

  /** @returns {Binned | null} */
  get binned() {
    const { binned } = this.store;
    return binned && this.fits(binned) ? binned : null;
  }

  /** @returns {BinnedMoment | null} */
  get moment() {
    return this.store.shown.overviews?.find((one) => this.fits(one)) ?? null;
  }

  /**
   * Ask for these bins where they are not here, again where the answer was lost.
   *
   * @param {(shape: {rows: number, columns: number}) => void} ask
   * @param {number} now milliseconds
   * @returns {boolean} whether something is awaited
   */
  want(ask, now) {
    const { live } = this.store;
    const isHere = this.binned && (!live.source || live.overviews?.some((one) => this.fits(one)));
    if (isHere || !this.store.isLive) return false;
    const { rows, columns } = this.shape;
    const key = `${rows} ${columns}`;
    if (key === this.asked && now - this.since < PATIENCE) return true;
    this.asked = key;
    this.since = now;
    ask(this.shape);
    return true;
  }

  /**
   * The positions that a bin holds.
   *
   * @param {Cell} bin
   * @returns {Rect}
   */
  rectOf({ user, item }) {
    const { n_users, n_items } = this.store.summary;
    return {
      users: rangeOf(user, this.stage.n_users, n_users),
      items: rangeOf(item, this.stage.n_items, n_items),
    };
  }

  /**
   * The bin of a user and an item by their positions, -1 for none.
   *
   * @param {Cell} cell
   * @returns {Cell}
   */
  binOf({ user, item }) {
    const { n_users, n_items } = this.store.summary;
    return {
      user: binOf(user, this.stage.n_users, n_users),
      item: binOf(item, this.stage.n_items, n_items),
    };
  }

  /** How many users and items share a cell, in words. */
  get binning() {
    const { n_users, n_items } = this.store.summary;
    const users = among(n_users, this.stage.n_users, "user");
    return `binned: ${users} × ${among(n_items, this.stage.n_items, "item")} a cell`;
  }

  /** The same, and how many of a bin's cells are predicted, where that is not all. */
  predictionsInWords() {
    const n = this.moment?.n_cells ?? 0;
    return n > 0 ? `${this.binning}, ${n} of them predicted` : this.binning;
  }

  /**
   * The same, and how many ratings have residuals, where that is not all.
   *
   * @param {Summary} summary
   */
  residualsInWords({ n_ratings }) {
    const n = this.moment?.n_residuals ?? 0;
    return n > 0 && n < n_ratings ? `${this.binning}, of ${count(n)} ratings` : this.binning;
  }

  /**
   * What is in a bin; NaN where that is not known.
   *
   * @param {Cell} bin
   */
  contentOf({ user, item }) {
    const { binned, moment } = this;
    const at = user * this.stage.n_items + item;
    const parts = [0, 1, 2];
    const { ratings, mean } = binned ? ratingsOf(binned, parts, at) : { ratings: 0, mean: Number.NaN };
    const out = new Float32Array(1).fill(Number.NaN);
    if (moment?.source) predict(moment.source, [user], [item], out);
    const residual = binned && moment ? residualOf(binned, moment, parts, at) : Number.NaN;
    return { ratings, mean, prediction: out[0], residual };
  }

  /**
   * What is known of a bin, in words.
   *
   * @param {Cell} bin
   * @returns {RatingText}
   */
  text(bin) {
    const { store } = this;
    const { users, items } = this.rectOf(bin);
    const { columns } = store.summary;
    const { binned } = this;
    const n = this.stage.n_users * this.stage.n_items;
    const at = bin.user * this.stage.n_items + bin.item;
    const counts = PARTS.flatMap((name, part) => {
      const many = binned?.count[part * n + at] ?? 0;
      return many ? [`${count(many)} ${name}`] : [];
    });
    const { ratings, mean, prediction, residual } = this.contentOf(bin);
    const cells = (users[1] - users[0]) * (items[1] - items[0]);
    const held = store.summary.n_validation + store.summary.n_test > 0;
    const rated = `${count(ratings)} of ${count(cells)} ${cells === 1 ? "cell" : "cells"} rated`;
    const none = store.has_status || store.source ? "–" : "";
    return {
      title: span(noun(columns.item), items),
      detail: [
        span(noun(columns.user), users),
        held && counts.length ? `${rated} (${counts.join(", ")})` : rated,
        store.has_status ? `epoch ${store.shownEpoch}` : "",
      ]
        .filter(Boolean)
        .join(", "),
      label: "mean rating",
      rating: ratings ? fixed(mean, 2) : "none",
      part: null,
      prediction: Number.isNaN(prediction) ? none : fixed(prediction, 2),
      residual: Number.isNaN(residual) ? none : signed(residual, 2),
    };
  }
}

/** @returns {Block} */
export function emptyBlock() {
  return {
    rows: 0,
    columns: 0,
    ratings: new Float32Array(0),
    parts: new Uint8Array(0),
    shares: null,
    hidden: null,
    predictions: null,
    deviations: null,
    differences: null,
    residuals: null,
  };
}

/**
 * @param {string} name
 * @param {[number, number]} range
 */
function span(name, [start, stop]) {
  return stop - start === 1
    ? `${name} no. ${count(start + 1)}`
    : `${name}s ${count(start + 1)}–${count(stop)}`;
}

/**
 * @param {number} n
 * @param {number} n_bins
 * @param {string} name
 */
function among(n, n_bins, name) {
  const [least, most] = [Math.floor(n / n_bins), Math.ceil(n / n_bins)];
  if (least === most) return `${count(most)} ${name}${most === 1 ? "" : "s"}`;
  return `${count(least)}–${count(most)} ${name}s`;
}
