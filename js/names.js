/** What the selected user and item are called, whether they are in view or the kernel told of them. */

/** @import { Store } from "./store.js" */

import { noun, titleParts } from "./format.js";

/**
 * @param {Store} store
 * @param {number} index
 * @returns {string} "user 480"
 */
export function userName(store, index) {
  const at = store.users.indices.indexOf(index);
  const id = at >= 0 ? store.users.id(at) : (store.inspection.user(index)?.id ?? "");
  return `${noun(store.summary.columns.user)} ${id || "…"}`;
}

/**
 * @param {Store} store
 * @param {number} index
 * @returns {{name: string, year: string}}
 */
export function itemText(store, index) {
  const at = store.items.indices.indexOf(index);
  const told = store.inspection.item(index);
  const title = at >= 0 ? store.items.title(at) : (told?.title ?? "");
  const id = at >= 0 ? store.items.id(at) : (told?.id ?? "");
  const { name, year } = titleParts(title);
  return { name: name || `${noun(store.summary.columns.item)} ${id || "…"}`, year };
}
