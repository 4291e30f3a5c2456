/** What is selected: the users and the items that all views of a run point at. */

/** @import { Store } from "./store.js" */
/** @import { Cell } from "./stage.js" */
/** @import { Selected } from "./types.js" */

import { count, noun } from "./format.js";
import { itemText, userName } from "./names.js";

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
 * @param {Selected} selected
 * @returns {{users: Set<number>, items: Set<number>}} indices of all that are selected
 */
export function many({ user, item, users = [], items = [] }) {
  return {
    users: new Set(user === null ? users : [user, ...users]),
    items: new Set(item === null ? items : [item, ...items]),
  };
}

/**
 * Select many. Of each kind the one that was looked at closely remains so where it is among them; else it is the first.
 *
 * @param {Selected} before
 * @param {{users: number[], items: number[]}} all indices
 * @returns {Selected}
 */
export function selectAll(before, { users, items }) {
  const pinned = (/** @type {number | null} */ one, /** @type {number[]} */ all) =>
    one !== null && all.includes(one) ? one : (all[0] ?? null);
  return { user: pinned(before.user, users), item: pinned(before.item, items), users, items };
}

/**
 * Select a user or an item alone, and of the other kind what was selected; or, once more, take it back.
 *
 * @param {Selected} before
 * @param {"user" | "item"} kind
 * @param {number} index
 * @returns {Selected}
 */
export function selectOne(before, kind, index) {
  const { users, items } = many(before);
  const all = kind === "user" ? users : items;
  const alone = all.size === 1 && all.has(index) ? [] : [index];
  return kind === "user"
    ? selectAll(before, { users: alone, items: [...items] })
    : selectAll(before, { users: [...users], items: alone });
}

/**
 * Select a user or an item beside the others, or take it out of them.
 *
 * @param {Selected} before
 * @param {"user" | "item"} kind
 * @param {number} index
 * @returns {Selected}
 */
export function selectAlso(before, kind, index) {
  const { users, items } = many(before);
  const all = kind === "user" ? users : items;
  if (!all.delete(index)) all.add(index);
  return selectAll(before, { users: [...users], items: [...items] });
}

/**
 * As a screen reader says it.
 *
 * @param {Store} store
 */
export function inWords(store) {
  const { selected, summary, many } = store;
  const { user, item } = selected;
  if (many.users.size > 1 || many.items.size > 1) {
    const counted = (/** @type {number} */ n, /** @type {string} */ one) =>
      n ? [`${count(n)} ${one}${n === 1 ? "" : "s"}`] : [];
    const all = [
      ...counted(many.users.size, noun(summary.columns.user)),
      ...counted(many.items.size, noun(summary.columns.item)),
    ];
    return `Selected: ${all.join(", ")}`;
  }
  const words = [
    ...(user === null ? [] : [userName(store, user)]),
    ...(item === null ? [] : [itemText(store, item).name]),
  ];
  return words.length ? `Selected: ${words.join(", ")}` : "Nothing is selected";
}
