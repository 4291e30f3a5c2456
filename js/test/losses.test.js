import assert from "node:assert/strict";
import { test } from "node:test";
import { Losses } from "../losses.js";
import { losses } from "./samples.js";

test("epochs that came twice or late are there once and in order", () => {
  const history = new Losses();
  history.merge(losses([0, 1], [1, 0.9], [1, 0.95]));
  history.merge(losses([3], [0.7], [0.9]));
  history.merge(losses([1, 2], [0.91, 0.8], [0.95, 0.92]));
  assert.deepEqual(
    history.rows.map((row) => row.epoch),
    [0, 1, 2, 3],
  );
  assert.ok(Math.abs(history.rows[1].train - 0.91) < 1e-6, "what came last counts");
  assert.equal(history.last?.epoch, 3);
});

test("the best epoch is the earliest with the least test loss", () => {
  const history = new Losses();
  history.merge(losses([0, 1, 2, 3], [4, 3, 2, 1], [1, 0.75, 0.75, 0.875]));
  assert.equal(history.best?.epoch, 1);
});

test("without a test loss no epoch is best", () => {
  const history = new Losses();
  history.merge(losses([0, 1], [1, 0.5], [Number.NaN, Number.NaN]));
  assert.equal(history.best, undefined);
});

test("an empty delivery changes nothing", () => {
  const history = new Losses();
  const { version } = history;
  history.merge(losses([], [], []));
  assert.equal(history.version, version);
});

test("the best epoch goes by validation where there is one, otherwise by test", () => {
  const rows = new Losses();
  rows.merge(losses([0, 1, 2], [3, 2, 1], [3, 2, 1]));
  assert.deepEqual([rows.decider, rows.best?.epoch], ["test", 2]);
  rows.clear();
  rows.merge({ ...losses([0, 1, 2], [3, 2, 1], [3, 2, 1]), validation_mse: Float32Array.of(3, 1, 2) });
  assert.deepEqual([rows.decider, rows.best?.epoch], ["validation", 1]);
});

test("losses that come again, with new ones between and behind, stand once and in order", () => {
  const l = new Losses();
  l.merge(losses([0, 2, 5], [9, 9, 9], [9, 9, 9]));
  l.merge(losses([0, 1, 2, 4, 5, 6], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]));
  l.merge(losses([3, 1], [7, 8], [7, 8]));
  assert.deepEqual(
    l.rows.map(({ epoch, train }) => [epoch, train]),
    [0, 1, 2, 3, 4, 5, 6].map((epoch, k) => [epoch, [1, 8, 3, 7, 4, 5, 6][k]]),
  );
});
