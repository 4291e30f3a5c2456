/** What is known of a cell, in words. */

/** @import { Store } from "./store.js" */
/** @import { Cell } from "./stage.js" */
/** @import { CellText, FactorText, RatingText } from "./tooltip.js" */

import { UNKNOWN, UNSEEN } from "./cells.js";
import { fixed, noun, signed, titleParts } from "./format.js";
import { PARTS } from "./icons.js";

/**
 * @param {Store} store
 * @param {number} user position
 * @param {number} item position
 * @returns {RatingText}
 */
export function cellText(store, user, item) {
  const { n_validation, n_test } = store.summary;
  const { rating, part } = store.cells.at(user, item);
  const prediction = store.prediction(user, item);
  const rated = part < UNSEEN;
  const predicted = !Number.isNaN(prediction);
  // Where nothing trains and nothing predicts, there is no word of it.
  const none = store.has_status || store.source ? "–" : "";
  const { name, year } = itemName(store, item);
  return {
    title: name,
    detail: [year, userText(store, user), epochText(store)].filter(Boolean).join(", "),
    rating: rated ? fixed(rating, 1) : part === UNKNOWN ? "…" : "none",
    part: rated && n_validation + n_test > 0 ? /** @type {0 | 1 | 2} */ (part) : null,
    prediction: predicted ? withDeviation(prediction, store.deviation(user, item)) : none,
    residual: rated && predicted ? signed(rating - prediction, 2) : none,
    ...versus(store, user, item),
  };
}

/**
 * What the pinned run predicts, where there is one.
 *
 * @param {Store} store
 * @param {number} user position
 * @param {number} item position
 */
function versus(store, user, item) {
  const other = store.pinnedPrediction(user, item);
  return Number.isNaN(other) ? {} : { versus: { run: store.pinned?.run ?? 0, prediction: fixed(other, 2) } };
}

/**
 * @param {Store} store
 * @param {Cell} cell of a map of factors
 * @param {number} value
 * @returns {FactorText}
 */
export function factorText(store, { user, item, factor = 0 }, value) {
  const { name, year } = user >= 0 ? { name: userText(store, user), year: "" } : itemName(store, item);
  return {
    title: name,
    detail: [year, epochText(store)].filter(Boolean).join(", "),
    factor: `factor ${factor + 1}`,
    value: Number.isNaN(value) ? "–" : signed(value, 3),
  };
}

/**
 * @param {number} prediction
 * @param {number} deviation NaN where the model doesn't know
 */
function withDeviation(prediction, deviation) {
  const text = fixed(prediction, 2);
  return Number.isNaN(deviation) ? text : `${text} ± ${fixed(deviation, 2)}`;
}

/** @param {Store} store */
function epochText({ has_status, shownEpoch }) {
  return has_status ? `epoch ${shownEpoch}` : "";
}

/**
 * @param {Store} store
 * @param {number} item position
 */
function itemName({ items, summary }, item) {
  const { name, year } = titleParts(items.title(item));
  return { name: name || `${noun(summary.columns.item)} ${items.id(item)}`, year };
}

/**
 * @param {Store} store
 * @param {number} user position
 */
function userText({ users, summary }, user) {
  const name = users.title(user);
  const id = `${noun(summary.columns.user)} ${users.id(user)}`;
  const known = [name && name !== users.id(user) ? name : "", users.detail(user)].filter(Boolean).join(", ");
  return known ? `${id} (${known})` : id;
}

/**
 * As a screen reader says it.
 *
 * @param {CellText} text
 */
export function spoken(text) {
  const words = [[text.title, text.detail].filter(Boolean).join(", ")];
  if ("factor" in text) return [...words, `${text.factor} ${text.value}`].join("; ");
  const { rating, part, prediction, residual, versus: other } = text;
  if (rating === "none" || rating === "…") words.push("not rated");
  else if (text.label) words.push(`${text.label} ${rating}`);
  else words.push(part === null ? `rated ${rating}` : `rated ${rating}, ${PARTS[part]}`);
  const known = (/** @type {string} */ value) => value !== "–" && value !== "";
  if (known(prediction)) words.push(`prediction ${prediction}`);
  if (known(residual)) words.push(`residual ${residual}`);
  if (other) words.push(`run ${other.run} ${other.prediction}`);
  return words.join("; ");
}
