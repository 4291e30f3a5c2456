import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, inWords } from "../selection.js";
import { Store } from "../store.js";
import { settings, state, summary, windowData } from "./samples.js";

/** Position 0 is user 5 and item 4, position 1 user 4 and item 3. */
function store(
  selected = { user: /** @type {number | null} */ (null), item: /** @type {number | null} */ (null) },
) {
  const made = new Store(settings(), state(), summary());
  made.addWindow(windowData([0, 2], [0, 2], []));
  made.selected = selected;
  return made;
}

test("a cell of a matrix selects its user and its item, by index", () => {
  assert.deepEqual(choose(store(), { user: 0, item: 1 }), { user: 5, item: 3 });
});

test("the same cell again, and no cell, take the selection back", () => {
  const selected = { user: 5, item: 3 };
  assert.deepEqual(choose(store(selected), { user: 0, item: 1 }), { user: null, item: null });
  assert.deepEqual(choose(store(selected), null), { user: null, item: null });
  assert.deepEqual(choose(store(selected), { user: 1, item: 1 }), { user: 4, item: 3 });
});

test("a map of factors selects one side and leaves the other", () => {
  const selected = { user: 5, item: 3 };
  assert.deepEqual(choose(store(selected), { user: 1, item: -1, factor: 0 }), { user: 4, item: 3 });
  assert.deepEqual(choose(store(selected), { user: 0, item: -1, factor: 2 }), { user: null, item: 3 });
  assert.deepEqual(choose(store(selected), { user: -1, item: 1, factor: 0 }), { user: 5, item: null });
});

test("a cell whose row has not come yet selects nothing", () => {
  const selected = { user: 5, item: 3 };
  assert.deepEqual(choose(store(selected), { user: 4, item: 1 }), selected);
});

test("the selection stands where its user and item stand, and says who they are", () => {
  const s = store({ user: 4, item: 4 });
  assert.deepEqual(s.selection, { user: 1, item: 0 });
  assert.equal(inWords(s), "Selected: user u1, Title 0");
  assert.equal(inWords(store()), "Nothing is selected");
  assert.deepEqual(store({ user: 0, item: null }).selection, { user: -1, item: -1 });
});
