/** A prediction taken apart: what each term of the sum adds. */

/** @import { Factors, Moment } from "./types.js" */

import { predict } from "./prediction.js";

/** Factors that have a row of their own at most; what is left is one. */
export const MOST = 12;

/**
 * @typedef {Object} Term
 * @property {string} name
 * @property {number} user what it has of the user, NaN for nothing
 * @property {number} item what it has of the item, NaN for nothing
 * @property {number} product what it adds
 */

/**
 * @typedef {Object} Terms
 * @property {Term[]} first constant and biases; none where the model has none
 * @property {Term[]} factors those that add or take most first
 * @property {number} sum of all
 */

/**
 * @param {Factors} factors
 * @param {number} user row
 * @param {number} item row
 * @returns {Terms}
 */
export function termsOf(factors, user, item) {
  const { n_factors, global_mean, user_bias, item_bias } = factors;
  const nothing = Number.NaN;
  const biased = global_mean !== 0 || user_bias.some(Boolean) || item_bias.some(Boolean);
  const first = biased
    ? [
        { name: "global mean µ", user: nothing, item: nothing, product: global_mean },
        { name: "user bias", user: user_bias[user], item: nothing, product: user_bias[user] },
        { name: "item bias", user: nothing, item: item_bias[item], product: item_bias[item] },
      ]
    : [];
  const all = Array.from({ length: n_factors }, (_, k) => {
    const ofUser = factors.user_factors[user * n_factors + k];
    const ofItem = factors.item_factors[item * n_factors + k];
    return { name: `factor ${k + 1}`, user: ofUser, item: ofItem, product: ofUser * ofItem };
  }).sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const sum = [...first, ...all].reduce((total, { product }) => total + product, 0);
  if (all.length <= MOST) return { first, factors: all, sum };
  const rest = all.slice(MOST - 1);
  const product = rest.reduce((total, term) => total + term.product, 0);
  const name = `${rest.length} more factors`;
  return {
    first,
    factors: [...all.slice(0, MOST - 1), { name, user: nothing, item: nothing, product }],
    sum,
  };
}

/**
 * The log-odds that a rating stands for; infinite at the ends of the range.
 *
 * @param {number} rating
 * @param {[number, number]} range
 */
export function logOdds(rating, [low, high]) {
  const share = (rating - low) / (high - low);
  return Math.log(share / (1 - share));
}

/**
 * @param {Moment} moment
 * @param {number} user index
 * @param {number} item index
 * @returns {number} NaN where the moment knows nothing of them
 */
export function predictionAt({ source, rows }, user, item) {
  const out = new Float32Array(1).fill(Number.NaN);
  const at = { user: rows.user_idx.indexOf(user), item: rows.item_idx.indexOf(item) };
  if (source && at.user >= 0 && at.item >= 0) predict(source, [at.user], [at.item], out);
  return out[0];
}
