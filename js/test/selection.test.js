import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, inWords, many, selectAll, selectAlso, selectOne } from "../selection.js";
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
  // Out of view, as the map knows them.
  const far = store({ user: 0, item: 1 });
  assert.equal(inWords(far), "Selected: user …, movie …");
  far.points = /** @type {any} */ ({
    user_idx: Int32Array.of(3, 0),
    user_ids: ["u3", "u0"],
    item_idx: Int32Array.of(1),
    item_ids: ["i1"],
    item_titles: ["Far Away (1999)"],
  });
  assert.equal(inWords(far), "Selected: user u0, Far Away");
  assert.deepEqual(store({ user: 0, item: null }).selection, { user: -1, item: -1 });
});

test("all that is selected is told by number, and the pair is among them", () => {
  const s = store();
  s.selected = { user: 4, item: 3, users: [4, 5], items: [] };
  assert.deepEqual([[...s.many.users], [...s.many.items]], [[4, 5], [3]]);
  assert.equal(inWords(s), "Selected: 2 users, 1 movie");
  assert.deepEqual(s.users.among(s.many.users, 0, 6), [0, 1]);
  assert.deepEqual(s.users.among(s.many.users, 1, 3), [0]);
  const before = s.selections;
  s.selected = { user: null, item: null };
  assert.ok(s.selections > before);
  assert.equal(s.many.users.size, 0);
});

test("of many, who was looked at closely remains so, or else the first is", () => {
  const before = { user: 7, item: 2 };
  assert.deepEqual(selectAll(before, { users: [5, 7], items: [9] }), {
    user: 7,
    item: 9,
    users: [5, 7],
    items: [9],
  });
  assert.deepEqual(selectAll(before, { users: [], items: [] }), {
    user: null,
    item: null,
    users: [],
    items: [],
  });
});

test("one alone leaves the other kind, and is taken back by itself", () => {
  const before = { user: 7, item: 2, users: [7, 8], items: [2] };
  const after = selectOne(before, "user", 8);
  assert.deepEqual([[...many(after).users], [...many(after).items]], [[8], [2]]);
  assert.deepEqual([...many(selectOne(after, "user", 8)).users], []);
  assert.deepEqual([...many(selectOne(after, "item", 2)).items], []);
});

test("one more is added, or taken out", () => {
  const more = selectAlso({ user: 7, item: null }, "user", 8);
  assert.deepEqual([more.user, [...many(more).users]], [7, [7, 8]]);
  const less = selectAlso(more, "user", 7);
  assert.deepEqual([less.user, [...many(less).users]], [8, [8]]);
});
