/** What users and items are called: those in view, those on the map, and those that the kernel told of. */

/** @import { Store } from "./store.js" */

import { noun, titleParts } from "./format.js";

/**
 * @param {Store} store
 * @param {number} index
 * @returns {string} "user 480"
 */
export function userName(store, index) {
  const at = store.users.indices.indexOf(index);
  const told = store.inspection.user(index) ?? onMap(store, "user", index);
  const id = at >= 0 ? store.users.id(at) : (told?.id ?? "");
  return `${noun(store.summary.columns.user)} ${id || "…"}`;
}

/**
 * @param {Store} store
 * @param {number} index
 * @returns {{name: string, year: string}}
 */
export function itemText(store, index) {
  const at = store.items.indices.indexOf(index);
  const told = store.inspection.item(index) ?? onMap(store, "item", index);
  const title = at >= 0 ? store.items.title(at) : (told?.title ?? "");
  const id = at >= 0 ? store.items.id(at) : (told?.id ?? "");
  const { name, year } = titleParts(title);
  return { name: name || `${noun(store.summary.columns.item)} ${id || "…"}`, year };
}

/**
 * @param {Store} store
 * @param {"user" | "item"} side
 * @param {number} index
 * @returns {{id: string, title: string} | null} null where it is not on the map
 */
function onMap({ points }, side, index) {
  const at = points ? points[`${side}_idx`].indexOf(index) : -1;
  if (!points || at < 0) return null;
  return { id: points[`${side}_ids`][at], title: points[`${side}_titles`]?.[at] ?? "" };
}
