/** What is selected: the user and the item that all views of a run point at. */

/** @import { Store } from "./store.js" */
/** @import { Cell } from "./stage.js" */
/** @import { Selected } from "./types.js" */

import { noun, titleParts } from "./format.js";

/**
 * What is selected once a cell was pressed. The cell of a matrix stands for its user and its item, that of a map of
 * factors for one of them; what was selected already is no longer.
 *
 * @param {Store} store
 * @param {Cell | null} cell null for nothing
 * @returns {Selected}
 */
export function choose({ users, items, selected }, cell) {
  if (!cell) return { user: null, item: null };
  const user = cell.user >= 0 ? users.indices[cell.user] : selected.user;
  const item = cell.item >= 0 ? items.indices[cell.item] : selected.item;
  // Their rows have not come from the kernel yet.
  if (user === -1 || item === -1) return selected;
  if (user !== selected.user || item !== selected.item) return { user, item };
  return { user: cell.user >= 0 ? null : user, item: cell.item >= 0 ? null : item };
}

/**
 * As a screen reader says it.
 *
 * @param {Store} store
 */
export function inWords({ users, items, selection, summary }) {
  const { user, item } = selection;
  const words = [];
  if (user >= 0) words.push(`${noun(summary.columns.user)} ${users.id(user)}`);
  if (item >= 0)
    words.push(titleParts(items.title(item)).name || `${noun(summary.columns.item)} ${items.id(item)}`);
  return words.length ? `Selected: ${words.join(", ")}` : "Nothing is selected";
}
