/** What the model recommends to who sits before it: what is asked of the kernel, and what it answers. */

/** @import { Named } from "./inspection.js" */
/** @import { Buffer } from "./types.js" */
/** @import { Store } from "./store.js" */

import { unpack } from "./wire.js";

/** @typedef {[item: number, rating: number | null]} YourRating null where an item is yet to be rated */

/**
 * @typedef {Object} YouQuestion
 * @property {YourRating[]} ratings
 * @property {number} n length of the list
 * @property {number | null} epoch null: now
 * @property {number} serial comes with the answer
 */

/**
 * @typedef {Object} YouAnswer
 * @property {number} serial
 * @property {number} epoch
 * @property {string} reason why there is no list, or empty
 * @property {(Named & {prediction: number})[]} rated
 * @property {(Named & {score: number, n_ratings: number})[] | null} top null where there is none
 */

/**
 * @param {any} packed
 * @param {Buffer[]} buffers
 * @returns {YouAnswer}
 */
export function decodeYou(packed, buffers) {
  const arrays = /** @type {any} */ (unpack(packed, buffers));
  const { serial, epoch, reason, rated, top } = packed;
  const named = (/** @type {any} */ { ids, titles }, /** @type {Int32Array} */ indices) =>
    ids.map((/** @type {string} */ id, /** @type {number} */ k) => ({
      index: indices[k],
      id,
      title: titles?.[k] ?? "",
    }));
  return {
    serial,
    epoch,
    reason,
    rated: named(rated, arrays.rated_idx).map((/** @type {Named} */ one, /** @type {number} */ k) => ({
      ...one,
      prediction: arrays.rated_predictions?.[k] ?? Number.NaN,
    })),
    top:
      top &&
      named(top, arrays.top_idx).map((/** @type {Named} */ one, /** @type {number} */ k) => ({
        ...one,
        score: arrays.top_scores[k],
        n_ratings: arrays.top_counts[k],
      })),
  };
}

/** Ratings that fit in a row of buttons. */
const MOST = 10;
const STEPS = 5;

/**
 * The ratings to choose from: whole numbers where those are few, else some that are evenly spread.
 *
 * @param {readonly [number, number]} scale
 * @returns {number[]} ascending
 */
export function ratingChoices([low, high]) {
  const first = Math.ceil(low);
  const n = Math.floor(high) - first + 1;
  if (n >= 2 && n <= MOST) return Array.from({ length: n }, (_, k) => first + k);
  if (!(high > low)) return Number.isFinite(low) ? [low] : [];
  return Array.from({ length: STEPS }, (_, k) => low + (k * (high - low)) / (STEPS - 1));
}

/** Milliseconds between two questions, while training and at rest, and after which an answer is lost. */
const SPARING = 200;
const PAUSE = 30;
const PATIENCE = 5000;

/** Asks what is recommended: one question at a time, at once where other ratings are given. */
export class YouRequests {
  /**
   * @param {(question: YouQuestion) => void} ask
   * @param {() => void} again looks whether there is something to ask
   * @param {() => number} now milliseconds
   * @param {AbortSignal} signal
   */
  constructor(ask, again, now, signal) {
    this.ask = ask;
    this.again = again;
    this.now = now;
    this.serial = 0;
    this.since = Number.NEGATIVE_INFINITY;
    this.waiting = false;
    this.about = "";
    this.moment = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /**
   * @param {Store} store
   * @param {number} n length of the list
   */
  want(store, n) {
    const { your_ratings, progress, summary, state } = store;
    if (!store.isLive) return;
    const about = JSON.stringify([your_ratings, n, summary.data, summary.edits, progress?.run]);
    const epoch = store.pastEpoch;
    const live = [progress?.epoch, progress?.batch, progress?.restored, store.source !== null];
    const moment = JSON.stringify(epoch ?? live);
    const other = about !== this.about;
    if (!other && moment === this.moment && !this.waiting) return;
    const pause = this.waiting ? PATIENCE : state.status === "running" ? SPARING : PAUSE;
    const left = this.since + pause - this.now();
    clearTimeout(this.timer);
    if (!other && left > 0) {
      this.timer = setTimeout(this.again, left);
      return;
    }
    this.about = about;
    this.moment = moment;
    this.since = this.now();
    this.waiting = true;
    this.serial++;
    this.ask({ ratings: your_ratings, n, epoch, serial: this.serial });
  }

  /**
   * @param {YouAnswer} answer
   * @returns {boolean} whether it is that of the last question
   */
  answered({ serial }) {
    if (serial !== this.serial) return false;
    this.waiting = false;
    return true;
  }
}
