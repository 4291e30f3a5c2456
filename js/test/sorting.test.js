import assert from "node:assert/strict";
import { test } from "node:test";
import { orderInWords, orderOptions } from "../sorting.js";
import { Store } from "../store.js";
import { frame, losses, progress, settings, state, summary, told, windowData } from "./samples.js";

/** @param {Partial<import("../types.js").Summary>} more */
function store(more = {}) {
  const s = new Store(settings(), state(), summary(more));
  s.addWindow(windowData([0, 6], [0, 5], [[0, 0, 4, 0]]));
  return s;
}

const source = {
  n_factors: 1,
  rating_range: null,
  global_mean: 3,
  user_idx: Int32Array.of(0),
  item_idx: Int32Array.of(0),
  user_factors: Float32Array.of(1),
  item_factors: Float32Array.of(1),
  user_bias: Float32Array.of(0),
  item_bias: Float32Array.of(0),
};

/** @param {Store} s */
function train(s) {
  s.addFrame(frame({ progress: progress(), losses: losses([], [], []), source }));
  const values = { n_factors: 1, values: Float32Array.of(1) };
  s.shown.tables = { user: values, item: values };
}

/** @param {Store} s @param {"user" | "item"} side */
const open = (s, side) => orderOptions(s, side).flatMap(({ text, disabled }) => (disabled ? [] : [text]));
/** @param {Store} s @param {"user" | "item"} side */
const shut = (s, side) => orderOptions(s, side).flatMap(({ text, disabled }) => (disabled ? [text] : []));

test("before the model is there, what it would tell is offered with the reason why not", () => {
  const s = store();
  assert.deepEqual(open(s, "item"), ["activity", "mean rating", "id", "title"]);
  assert.deepEqual(shut(s, "item"), [
    "similarity (comes with the model)",
    "a user’s predictions (select a user first)",
  ]);
  assert.ok(!open(s, "user").includes("title"));
});

test("once it is there, factors and the selected user sort the items", () => {
  const s = store();
  train(s);
  assert.deepEqual(shut(s, "item"), ["a user’s predictions (select a user first)"]);
  s.selected = { user: 3, item: null };
  assert.deepEqual(shut(s, "item"), []);
  // Index 3 stands at position 2.
  assert.equal(open(s, "item").at(-1), "predictions of user u2");
  s.selected = { user: null, item: 1 };
  assert.equal(open(s, "user").at(-1), "predictions of Title 3 (1993)");
});

test("a model without factors says so", () => {
  const s = store();
  train(s);
  s.shown.tables = { user: null, item: null };
  assert.ok(shut(s, "user").includes("similarity (this model has no factors)"));
});

test("the one whose predictions sort stays on offer beside the one that is selected now", () => {
  const s = store();
  train(s);
  s.sorting = { user: told(), item: told({ by: "predictions", of: 1, name: "u4", epoch: 2 }) };
  s.selected = { user: 3, item: null };
  assert.deepEqual(open(s, "item").slice(-2), ["predictions of user u4", "predictions of user u2"]);
  s.selected = { user: 1, item: null };
  assert.equal(open(s, "item").at(-1), "predictions of user u4");
  s.selected = { user: null, item: null };
  assert.deepEqual(shut(s, "item"), []);
});

test("implicit feedback has no mean, plain data no model", () => {
  const columns = { user: "u", item: "i", rating: null, timestamp: null };
  const s = store({ columns });
  s.has_status = false;
  assert.deepEqual(
    orderOptions(s, "item").map(({ by }) => by),
    ["activity", "id", "title"],
  );
});

test("an order in words has whose it is", () => {
  assert.equal(orderInWords(told(), "user"), "activity");
  assert.equal(orderInWords(told({ by: "similarity", epoch: 0 }), "user"), "similarity");
  const order = told({ by: "predictions", of: 7, name: "480", epoch: 12 });
  assert.equal(orderInWords(order, "user"), "predictions of user 480");
});

test("a window in another order makes what was known by position void", () => {
  const s = store();
  s.past.add(3, s.live);
  const { serial } = s;
  const turned = { user: told(), item: told({ serial: 1, by: "id" }) };
  const data = { ...windowData([0, 3], [0, 2], [[1, 1, 5, 2]]), order: turned };
  assert.deepEqual(s.addWindow(data), { user: false, item: true });
  assert.equal(s.items.id(4), "");
  assert.equal(s.users.id(5), "u5");
  assert.deepEqual([s.cells.at(0, 0).part, s.cells.at(1, 1).part, s.cells.at(5, 4).part], [254, 2, 255]);
  assert.ok(!s.past.has(3) && s.serial > serial);
  assert.deepEqual(s.addWindow(data), { user: false, item: false });
  assert.equal(s.sorting.item.by, "id");
});

test("new data stands by activity again", () => {
  const s = store();
  s.sorting = { user: told({ serial: 2, by: "id" }), item: told() };
  s.setSummary(summary({ data: 2 }));
  assert.equal(s.sorting.user.by, "activity");
});
