/** What is known of a cell, in words. */

/** @import { Store } from "./store.js" */
/** @import { CellText } from "./tooltip.js" */

import { UNKNOWN, UNSEEN } from "./cells.js";
import { fixed, noun, signed, titleParts } from "./format.js";
import { PARTS } from "./icons.js";

/**
 * @param {Store} store
 * @param {number} user position
 * @param {number} item position
 * @returns {CellText}
 */
export function cellText(store, user, item) {
  const { columns } = store.summary;
  const { name, year } = titleParts(store.items.title(item));
  const { rating, part } = store.cells.at(user, item);
  const prediction = store.prediction(user, item);
  const rated = part < UNSEEN;
  const predicted = !Number.isNaN(prediction);
  const named = `${noun(columns.item)} ${store.items.id(item)}`;
  const details = [year, userText(store, user), `epoch ${store.epoch}`];
  return {
    title: name || named,
    detail: details.filter(Boolean).join(", "),
    rating: rated ? fixed(rating, 1) : part === UNKNOWN ? "…" : "none",
    part: rated ? /** @type {0 | 1 | 2} */ (part) : null,
    prediction: predicted ? fixed(prediction, 2) : "–",
    residual: rated && predicted ? signed(rating - prediction, 2) : "–",
  };
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
export function spoken({ title, detail, rating, part, prediction, residual }) {
  const words = [`${title}, ${detail}`];
  words.push(part === null ? "not rated" : `rated ${rating}, ${PARTS[part]}`);
  if (prediction !== "–") words.push(`prediction ${prediction}`);
  if (residual !== "–") words.push(`residual ${residual}`);
  return words.join("; ");
}
