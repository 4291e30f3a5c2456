/** Why a rating is predicted as it is: its terms, how sure the model is, and the prediction over the epochs. */

/** @import { Store } from "./store.js" */
/** @import { Palette } from "./theme.js" */
/** @import { WaterfallData } from "./waterfall.js" */

import { UNSEEN } from "./cells.js";
import { colorOf, cssColor } from "./colors.js";
import { Course } from "./course.js";
import { html, setAttributes, setText } from "./dom.js";
import { EditRow } from "./edit-row.js";
import { fixed, signed } from "./format.js";
import { PARTS } from "./icons.js";
import { axisText, lastShown } from "./loss-scale.js";
import { itemText, userName } from "./names.js";
import { deviate } from "./prediction.js";
import { Steady } from "./steady.js";
import { logOdds, predictionAt, termsOf } from "./terms.js";
import { Waterfall } from "./waterfall.js";

const COURSE = 72;

export class CellPanel {
  /**
   * @param {string} id
   * @param {(change: import("./edit-row.js").Change) => void} edit
   * @param {AbortSignal} signal
   */
  constructor(id, edit, signal) {
    this.title = html("span", { class: "rw-title" });
    this.note = html("span", { class: "rw-note" });
    this.empty = html("p", { class: "rw-say" });
    this.waterfall = new Waterfall();
    this.why = html("p", { class: "rw-say" });
    this.edit = new EditRow(`${id}-edit`, edit, signal);
    this.course = new Course({ height: COURSE });
    this.residual = html("span");
    this.over = html(
      "div",
      { class: "rw-list-head" },
      html("span", {}, "This prediction over the epochs"),
      this.residual,
    );
    this.body = html("div", {}, this.waterfall.drawing, this.why, this.over, this.course.drawing);
    this.section = html(
      "section",
      { class: "rw-panel rw-inspector", "aria-label": "Inspector", id },
      html("div", { class: "rw-panel-head" }, this.title, this.note),
      this.empty,
      this.edit.element,
      this.body,
    );
    this.terms = new Steady(5, 1 / 2);
    this.ratings = new Steady(3);
    this.width = 0;
    this.key = "";
  }

  measure() {
    this.width = this.section.clientWidth;
  }

  /**
   * @param {Store} store
   * @param {Palette} palette
   */
  update(store, palette) {
    const { selected, inspection, losses, cells, past, frames, epochs, progress, summary, edit_list } = store;
    const key = JSON.stringify([
      selected,
      [inspection.version, losses.version, cells.version, past.version, frames],
      [epochs, progress?.epoch, store.shownEpoch, summary.data, store.isLive, store.source === null],
      [this.width, palette.dark],
      [summary.n_validation, edit_list?.refused],
    ]);
    if (key === this.key || this.width <= 0) return;
    this.key = key;
    const { user, item } = selected;
    const rated = user === null || item === null ? null : ratingOf(store, user, item);
    this.edit.update(store, user, item, rated);
    const words = user === null || item === null ? ask(user, item) : missing(store, user, item);
    setText(this.empty, words);
    setAttributes(this.empty, { hidden: words === "" });
    setAttributes(this.body, { hidden: words !== "" });
    const named = [
      user === null ? "" : userName(store, user),
      item === null ? "" : itemText(store, item).name,
    ];
    setText(this.note, named.filter(Boolean).join(" × "));
    if (words !== "" || user === null || item === null) {
      setText(this.title, "Inspector");
      return;
    }
    this.draw(store, palette, user, item);
  }

  /**
   * @param {Store} store
   * @param {Palette} palette
   * @param {number} user index
   * @param {number} item index
   */
  draw(store, palette, user, item) {
    const { summary, losses, inspection } = store;
    const prediction = predictionAt(store.shown, user, item);
    const truth = ratingOf(store, user, item);
    const deviation = deviationAt(store, user, item);
    const sure = Number.isNaN(deviation) ? "" : ` ± ${fixed(deviation, 2)}`;
    setText(this.title, `Why ${fixed(prediction, 2)}?`);
    const data = waterfallData(store, { user, item, prediction, truth, deviation }, palette, this.terms);
    this.waterfall.update(data, this.width, inWords(data, prediction, sure));
    setText(this.why, why(store));
    setAttributes(this.why, { hidden: why(store) === "" });
    setText(this.residual, truth ? `residual ${signed(truth.rating - prediction, 2)}` : "");

    const pair = `${user} ${item} ${summary.data} ${store.progress?.run}`;
    const values = courseOf(store, user, item);
    const level = truth ? [truth.rating] : [];
    const domain = this.ratings.widen(pair, [...values.values(), ...level]);
    const known = inspection.answer?.user?.index === user && inspection.answer.item?.index === item;
    const best = losses.best && losses.best.epoch > 0 ? losses.best.epoch : null;
    this.course.update(
      {
        values,
        end: lastShown(store.epoch, store.epochs),
        domain,
        sides: [axisText(domain.low, domain.step), axisText(domain.high, domain.step)],
        truth: truth && { value: truth.rating, part: PARTS[truth.part] },
        best,
        shown: store.shownEpoch,
        text: (value) => fixed(value, 2),
      },
      this.width,
      `This prediction over the epochs: ${fixed(prediction, 2)} at epoch ${store.shownEpoch}${known ? "" : ", others are on their way"}`,
    );
  }
}

/**
 * @param {number | null} user
 * @param {number | null} item
 */
function ask(user, item) {
  if (user === null && item === null) return "Click a cell to see why it is predicted so.";
  return `Click a cell, or select ${user === null ? "a user" : "an item"} as well, to see why it is predicted so.`;
}

/**
 * Why there is nothing to show, or nothing.
 *
 * @param {Store} store
 * @param {number} user index
 * @param {number} item index
 */
function missing(store, user, item) {
  if (!store.source) return store.summary.no_predictions || "Predictions come with the model.";
  if (!Number.isNaN(predictionAt(store.shown, user, item))) return "";
  return store.isLive ? "Asking the kernel …" : "There is no kernel to ask of it: run the cell again.";
}

/** @param {Store} store */
function why({ source }) {
  if (!source) return "";
  if ("predictions" in source)
    return source.deviations
      ? "The mean of many samples of factors, so no factor has a share of its own; the line tells how sure it is."
      : "This model is no dot product: layers make the prediction, and no factor has a share of its own.";
  if (!source.rating_range) return "";
  const [low, high] = source.rating_range;
  return `Terms are log-odds: the logistic function turns their sum into a prediction from ${low} to ${high}.`;
}

/**
 * @param {Store} store
 * @param {number} user index
 * @param {number} item index
 * @returns {{rating: number, part: number} | null} null where there is none, or none is known of
 */
export function ratingOf(store, user, item) {
  const at = { user: store.users.indices.indexOf(user), item: store.items.indices.indexOf(item) };
  if (at.user >= 0 && at.item >= 0) {
    const { rating, part } = store.cells.at(at.user, at.item);
    if (part < UNSEEN) return { rating, part };
  }
  const { answer } = store.inspection;
  return answer?.user?.index === user && answer.item?.index === item ? answer.pair : null;
}

/**
 * @param {Store} store
 * @param {number} user index
 * @param {number} item index
 */
function deviationAt({ source, user_rows, item_rows }, user, item) {
  const out = new Float32Array(1).fill(Number.NaN);
  if (source) deviate(source, [user_rows.get(user)], [item_rows.get(item)], out);
  return out[0];
}

/**
 * The prediction at the epochs of which it is known: what the kernel told, and what is here.
 *
 * @param {Store} store
 * @param {number} user index
 * @param {number} item index
 * @returns {Map<number, number>}
 */
export function courseOf(store, user, item) {
  /** @type {Map<number, number>} */
  const values = new Map();
  const { answer } = store.inspection;
  const run = store.progress?.run ?? store.state.run;
  if (answer?.user?.index === user && answer.item?.index === item && answer.run === run) {
    const { epochs, predictions } = answer.course;
    epochs.forEach((epoch, k) => {
      values.set(epoch, predictions[k]);
    });
  }
  for (const [epoch, moment] of store.past.moments) {
    if (values.has(epoch)) continue;
    const value = predictionAt(moment, user, item);
    if (!Number.isNaN(value)) values.set(epoch, value);
  }
  const now = predictionAt(store.live, user, item);
  if (!Number.isNaN(now)) values.set(store.progress?.restored ?? store.epoch, now);
  return values;
}

/**
 * @param {Store} store
 * @param {{user: number, item: number, prediction: number, truth: {rating: number, part: number} | null,
 *   deviation: number}} of
 * @param {Palette} palette
 * @param {Steady} steady
 * @returns {WaterfallData}
 */
function waterfallData(store, { user, item, prediction, truth, deviation }, palette, steady) {
  const { source, summary, user_rows, item_rows } = store;
  const [least, most] = summary.rating_scale;
  const color = cssColor(colorOf({ table: palette.ratings, low: least, high: most }, prediction));
  const factors = source && !("predictions" in source) ? source : null;
  const range = factors?.rating_range ?? null;
  const {
    first,
    factors: others,
    sum,
  } = factors
    ? termsOf(factors, user_rows.get(user), item_rows.get(item))
    : { first: [], factors: [], sum: prediction };
  const terms = [...first, ...others];
  const implicit = summary.columns.rating === null;
  const at = truth ? (range ? logOdds(truth.rating, range) : truth.rating) : Number.NaN;
  const reached = [sum, at];
  let total = 0;
  for (const { product } of terms) {
    total += product;
    reached.push(total);
  }
  if (!Number.isNaN(deviation)) reached.push(prediction - deviation, prediction + deviation);
  // A sum that starts from a constant on the rating scale begins at the edge; others begin at 0.
  const fromEdge = !range && (first.length > 0 || terms.length === 0);
  reached.push(...(fromEdge ? (terms.length === 0 ? [least, most] : []) : [0]));
  const pair = `${user} ${item} ${summary.data} ${store.progress?.run} ${terms.length} ${fromEdge}`;
  const domain = steady.widen(pair, reached);
  return {
    terms,
    has_constant: first.length > 0,
    start: fromEdge ? domain.low : 0,
    totals: [
      ...(range ? [{ name: "sum", at: sum, text: signed(sum, 2), strong: false, color: "" }] : []),
      { name: "prediction", at: range ? sum : prediction, text: fixed(prediction, 2), strong: true, color },
    ],
    deviation: Number.isNaN(deviation) ? null : deviation,
    truth: truth && {
      at,
      text: implicit
        ? `taken (${PARTS[truth.part]})`
        : `rated ${fixed(truth.rating, 1)} (${PARTS[truth.part]})`,
      part: PARTS[truth.part],
    },
    domain,
    unit: range ? "log-odds" : "",
  };
}

/**
 * @param {WaterfallData} data
 * @param {number} prediction
 * @param {string} sure
 */
function inWords({ terms, truth, unit }, prediction, sure) {
  const words = [`Prediction ${fixed(prediction, 2)}${sure}`, ...(truth ? [truth.text] : [])];
  const told = terms.map(({ name, product }) => `${name} ${signed(product, 2)}`);
  if (told.length) words.push(`${unit ? `terms in ${unit}` : "terms"}: ${told.join(", ")}`);
  return words.join("; ");
}
