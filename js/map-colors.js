/** What the colours of the items on the factor map stand for. */

/** @import { Points } from "./types.js" */

import { colorOf, unpackPixel } from "./colors.js";
import { tickStep } from "./ticks.js";

/** @typedef {"mean rating" | "activity" | "genre"} By */

/**
 * Seven hues after Okabe and Ito, "Color Universal Design" (2008), moved apart until any two of them, and the last, which
 * is for all else, are told apart with any colour vision; `test/colors.test.js` holds it.
 */
export const GENRE_COLORS = {
  light: ["#0059a4", "#b44301", "#1b9150", "#a46190", "#d39317", "#08a9fa", "#461b64", "#b09995"],
  dark: ["#0074b7", "#e75e38", "#4edd99", "#c982ab", "#f8d560", "#c2ebfa", "#c3aefa", "#5a5f5e"],
};

const NO_MEAN = "#9a9fa8";

/**
 * @param {Points} points
 * @param {boolean} rated whether there are ratings: of implicit feedback there are none
 * @returns {By[]} what there is to colour by
 */
export function choices({ genres }, rated) {
  return [
    ...(rated ? [/** @type {By} */ ("mean rating")] : []),
    "activity",
    ...(genres.length ? [/** @type {By} */ ("genre")] : []),
  ];
}

/**
 * From the ratings' own scale as much as most means take, in whole steps.
 *
 * @param {Float32Array} means NaN where there is none
 * @param {readonly [number, number]} scale of the ratings
 * @returns {[number, number]}
 */
export function meanDomain(means, [low, high]) {
  const sorted = means.filter((mean) => Number.isFinite(mean)).sort();
  if (!sorted.length || !(high > low)) return [low, high];
  const step = tickStep(high - low, 10);
  const at = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))];
  const first = low + Math.floor((at(0.02) - low) / step + 1e-6) * step;
  const last = Math.min(high, low + Math.ceil((at(0.98) - low) / step - 1e-6) * step);
  return last > first ? [first, last] : [first, Math.min(high, first + step)];
}

/**
 * @param {Points} points
 * @param {By} by
 * @param {{scale: readonly [number, number], table: Uint32Array, dark: boolean}} look scale of the ratings
 * @returns {string[]} a colour for each item
 */
export function itemColors(points, by, { scale, table, dark }) {
  const { item_mean, item_count, item_genre } = points;
  if (by === "genre") {
    const hues = dark ? GENRE_COLORS.dark : GENRE_COLORS.light;
    return Array.from(item_genre, (genre) => hues[genre < 0 ? hues.length - 1 : genre]);
  }
  if (by === "activity") {
    const [low, high] = countDomain(item_count).map((count) => Math.log1p(count));
    return Array.from(item_count, (count) => css(colorOf({ table, low, high }, Math.log1p(count))));
  }
  const [low, high] = meanDomain(item_mean, scale);
  return Array.from(item_mean, (mean) =>
    Number.isFinite(mean) ? css(colorOf({ table, low, high }, mean)) : NO_MEAN,
  );
}

/**
 * @param {Int32Array} counts
 * @returns {[number, number]}
 */
export function countDomain(counts) {
  return counts.length
    ? [counts.reduce((a, b) => Math.min(a, b)), counts.reduce((a, b) => Math.max(a, b))]
    : [0, 1];
}

/** @param {number} pixel */
function css(pixel) {
  return `rgb(${unpackPixel(pixel).join(" ")})`;
}
