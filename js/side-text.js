/** Words and lines that the panels of a user and of an item have in common. */

/** @import { Line } from "./choice-list.js" */
/** @import { Named, Rated, Side } from "./inspection.js" */
/** @import { Store } from "./store.js" */
/** @import { Palette } from "./theme.js" */

import { colorOf, cssColor } from "./colors.js";
import { count, fixed, noun, titleParts } from "./format.js";
import { PARTS } from "./icons.js";

/**
 * In place of lists that are not here.
 *
 * @param {Store} store
 */
export function waiting({ isLive }) {
  return isLive ? "Asking the kernel …" : "There is no kernel to ask of it: run the cell again.";
}

/**
 * Of which epoch the lists are.
 *
 * @param {Store} store
 */
export function when({ inspection, isLive, cursor, state, progress }) {
  const epoch = inspection.answer?.epoch ?? 0;
  if (!isLive) return `at epoch ${epoch}, the last known`;
  const restored = progress?.restored ?? null;
  return cursor === null && restored === null && state.status === "running" ? "now" : `at epoch ${epoch}`;
}

/**
 * "836 ratings, mean 3.28, 164 in test"
 *
 * @param {Store} store
 * @param {Side} side
 */
export function sideNote({ summary }, { n_ratings, mean, n_held_out, detail }) {
  const part = summary.n_test || !summary.n_validation ? "test" : "validation";
  const held = summary.n_test + summary.n_validation > 0;
  const one = summary.columns.rating === null ? "interaction" : "rating";
  return [
    `${count(n_ratings)} ${n_ratings === 1 ? one : `${one}s`}`,
    mean === null ? "" : `mean ${fixed(mean, 2)}`,
    held ? `${count(n_held_out)} in ${part}` : "",
    detail.replaceAll("|", ", "),
  ]
    .filter(Boolean)
    .join(", ");
}

/**
 * @param {Store} store
 * @param {Side & Named} side
 * @param {"user" | "item"} kind of what is listed
 * @param {Palette} palette
 * @returns {Line[]}
 */
export function ratedLines({ summary }, { rated }, kind, palette) {
  const [low, high] = summary.rating_scale;
  const scale = { table: palette.ratings, low, high };
  const implicit = summary.columns.rating === null;
  const parted = summary.n_test + summary.n_validation > 0;
  return (rated ?? []).map((one) => {
    const part = PARTS[one.part];
    return {
      ...nameOfEither(one, noun(summary.columns[kind])),
      index: one.index,
      lead: implicit ? "" : fixed(one.rating, 1),
      color: implicit ? "" : cssColor(colorOf(scale, one.rating)),
      value: "",
      part: parted ? part : /** @type {const} */ (""),
      mark: parted ? part : "",
      weight: /** @type {const} */ (""),
    };
  });
}

/** The lines of the last ratings, which most answers don't change. */
export class RatedLines {
  constructor() {
    /** @type {Rated[] | null} */
    this.rated = null;
    /** @type {Palette | null} */
    this.palette = null;
    /** @type {Line[]} */
    this.lines = [];
  }

  /**
   * @param {Store} store
   * @param {Side & Named} side
   * @param {"user" | "item"} kind of what is listed
   * @param {Palette} palette
   */
  of(store, side, kind, palette) {
    if (side.rated !== this.rated || palette !== this.palette)
      this.lines = ratedLines(store, side, kind, palette);
    this.rated = side.rated;
    this.palette = palette;
    return this.lines;
  }
}

/**
 * @param {Rated} one
 * @param {string} kind
 */
function nameOfEither({ id, title }, kind) {
  const { name, year } = titleParts(title);
  return { name: name && name !== id ? name : `${kind} ${id}`, quiet: year };
}
