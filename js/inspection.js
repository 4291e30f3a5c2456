/** What the kernel tells of the selected user and item. */

/** @import { Buffer } from "./types.js" */

import { unpack } from "./wire.js";

/**
 * A user or an item as it is named.
 *
 * @typedef {Object} Named
 * @property {number} index
 * @property {string} id
 * @property {string} title empty where there are no titles
 */

/** @typedef {Named & {score: number, rating: number, hit: boolean}} Best the rating is the one held out, or NaN */
/** @typedef {Named & {rating: number, part: number}} Rated */
/** @typedef {Named & {score: number, n_ratings: number}} Similar */

/**
 * What is told of the user as of the item.
 *
 * @typedef {Object} Side
 * @property {string} detail
 * @property {number} n_ratings
 * @property {number} n_held_out of them in the part that is held out
 * @property {number | null} mean of the ratings
 * @property {Rated[] | null} rated the highest; null where they were not asked for
 * @property {{centers: Float32Array, counts: Int32Array}} bars of a histogram
 */

/**
 * @typedef {Object} OfUser
 * @property {number} n length of the list
 * @property {number} part that is held out: 2 test, 1 validation
 * @property {number} threshold the lowest rating that is a hit
 * @property {number} n_relevant hits there can be
 * @property {number | null} precision
 * @property {number | null} ndcg
 * @property {Best[] | null} top null where nothing predicts yet
 * @property {{epochs: Int32Array, precision: Float32Array, ndcg: Float32Array, rmse: Float32Array}} course
 */

/** @typedef {Named & Side & OfUser} InspectedUser */
/** @typedef {Named & Side & {similar: Similar[] | null}} InspectedItem */

/**
 * @typedef {Object} Answer
 * @property {number} serial of the question
 * @property {number} run
 * @property {number} epoch that the lists are of
 * @property {boolean} is_complete whether all epochs are told of
 * @property {InspectedUser | null} user
 * @property {InspectedItem | null} item
 * @property {{rating: number, part: number} | null} pair null where the user has not rated the item
 * @property {{epochs: Int32Array, predictions: Float32Array}} course of the prediction
 */

/** The last answer, and of an earlier one the ratings, which are the same at all epochs. */
export class Inspection {
  constructor() {
    this.clear();
  }

  clear() {
    /** @type {Answer | null} */
    this.answer = null;
    /** Whether its ratings are of before an edit. */
    this.expired = false;
    this.version = (this.version ?? 0) + 1;
  }

  /** Ratings have changed: they are shown until others come. */
  expire() {
    this.expired = this.answer !== null;
  }

  /** @param {Answer} answer */
  take(answer) {
    const before = this.answer;
    if (answer.user?.rated !== null && answer.item?.rated !== null) this.expired = false;
    this.answer = {
      ...answer,
      user: answer.user && withRatings(answer.user, before?.user),
      item: answer.item && withRatings(answer.item, before?.item),
    };
    this.version++;
  }

  /** @param {number | null} index */
  user(index) {
    const user = this.answer?.user;
    return user && user.index === index ? user : null;
  }

  /** @param {number | null} index */
  item(index) {
    const item = this.answer?.item;
    return item && item.index === index ? item : null;
  }
}

/**
 * @template {Named & Side} T
 * @param {T} told
 * @param {(Named & Side) | null | undefined} before
 * @returns {T}
 */
function withRatings(told, before) {
  if (told.rated || before?.index !== told.index) return told;
  return { ...told, rated: before.rated, bars: before.bars };
}

/**
 * @param {any} packed
 * @param {Buffer[]} buffers
 * @returns {Answer}
 */
export function decodeInspection(packed, buffers) {
  const arrays = /** @type {any} */ (unpack(packed, buffers));
  const { serial, run, epoch, is_complete, user, item, pair } = packed;
  const rated = (/** @type {"user" | "item"} */ side, /** @type {any} */ told) => ({
    ...told,
    title: told.title ?? "",
    rated:
      told.rated &&
      named(told.rated, arrays[`${side}_rated_idx`]).map((one, k) => ({
        ...one,
        rating: arrays[`${side}_rated_ratings`][k],
        part: arrays[`${side}_rated_parts`][k],
      })),
    bars: {
      centers: arrays.bars ?? new Float32Array(0),
      counts: arrays[`${side}_bars`] ?? new Int32Array(0),
    },
  });
  const floats = (/** @type {string} */ name) => arrays[name] ?? new Float32Array(0);
  const integers = (/** @type {string} */ name) => arrays[name] ?? new Int32Array(0);
  return {
    serial,
    run,
    epoch,
    is_complete,
    user: user && {
      ...rated("user", user),
      top:
        user.top &&
        named(user.top, arrays.top_idx).map((one, k) => ({
          ...one,
          score: arrays.top_scores[k],
          rating: arrays.top_ratings[k],
          hit: arrays.top_hits[k] === 1,
        })),
      course: {
        epochs: integers("user_epochs"),
        precision: floats("user_precision"),
        ndcg: floats("user_ndcg"),
        rmse: floats("user_rmse"),
      },
    },
    item: item && {
      ...rated("item", item),
      similar:
        item.similar &&
        named(item.similar, arrays.similar_idx).map((one, k) => ({
          ...one,
          score: arrays.similar_scores[k],
          n_ratings: arrays.similar_counts[k],
        })),
    },
    pair,
    course: { epochs: integers("pair_epochs"), predictions: floats("pair_predictions") },
  };
}

/**
 * @param {{ids: string[], titles: string[] | null}} texts
 * @param {Int32Array} indices
 * @returns {Named[]}
 */
function named({ ids, titles }, indices) {
  return ids.map((id, k) => ({ index: indices[k], id, title: titles?.[k] ?? "" }));
}
