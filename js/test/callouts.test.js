import assert from "node:assert/strict";
import { test } from "node:test";

import { callouts, noteOnBest } from "../callouts.js";
import { Losses } from "../losses.js";
import { EpochMeasures } from "../measures.js";
import { state, summary } from "./samples.js";

/** @param {number[]} train RMSE @param {number[]} held */
function losses(train, held) {
  const made = new Losses();
  made.merge({
    epoch_number: Int32Array.from(train, (_, k) => k),
    train_mse: Float32Array.from(train, (loss) => loss ** 2),
    validation_mse: new Float32Array(train.length).fill(Number.NaN),
    test_mse: Float32Array.from(held, (loss) => loss ** 2),
  });
  return made;
}

/** @param {object} [more] */
const kinds = (/** @type {Losses} */ of, more = {}) =>
  callouts({
    state: state(),
    summary: summary({ baselines: [{ name: "global mean", test_rmse: 1.04 }] }),
    measures: new EpochMeasures(),
    losses: of,
    ...more,
  }).map(({ kind }) => kind);

test("of a run that goes well nothing is said", () => {
  assert.deepEqual(kinds(new Losses()), []);
  assert.deepEqual(kinds(losses([1.05], [1.05])), []);
  assert.deepEqual(kinds(losses([1.05, 0.9, 0.85, 0.8, 0.78], [1.05, 0.95, 0.92, 0.91, 0.905])), []);
});

test("a test loss that rises while the train loss falls is overfitting, not while both fall or rise", () => {
  assert.deepEqual(kinds(losses([1.05, 0.9, 0.7, 0.6, 0.5], [1.05, 0.95, 0.96, 0.98, 1.0])), ["overfitting"]);
  assert.deepEqual(kinds(losses([1.05, 0.9, 0.9, 0.91, 0.92], [1.05, 0.95, 0.96, 0.98, 1.0])), []);
});

test("what no baseline is worse than is said, and before that it overfits", () => {
  const of = losses([1.05, 0.9, 0.7, 0.6, 0.5], [1.06, 1.05, 1.1, 1.2, 1.3]);
  assert.deepEqual(kinds(of), ["baseline", "overfitting"]);
  const untrained = losses([1.05, 1.0], [1.06, 1.05]);
  assert.deepEqual(kinds(untrained), []);
});

test("a loss that grows, or that became no number, goes before all else", () => {
  const grows = losses([1.0, 1.2, 1.4, 1.6], [1.0, 1.2, 1.4, 1.6]);
  assert.deepEqual(kinds(grows)[0], "diverged");
  const failed = state({ status: "failed", message: "the train loss became nan: the training diverged" });
  assert.deepEqual(kinds(losses([1.0, 0.9], [1.0, 0.95]), { state: failed }), ["diverged"]);
  const other = state({ status: "failed", message: "out of memory" });
  assert.deepEqual(kinds(losses([1.0, 0.9], [1.0, 0.95]), { state: other }), []);
});

test("lists that are the same for all, and cold items, are spoken of", () => {
  const measures = new EpochMeasures();
  const well = losses([1.05, 0.9, 0.85, 0.8, 0.78], [1.05, 0.95, 0.92, 0.91, 0.905]);
  measures.add({ epoch: 4, alike: 0.95, ndcg: 0.1 });
  assert.deepEqual(kinds(well, { measures }), ["alike"]);
  measures.add({ epoch: 4, alike: 0.3, ndcg: 0.1 });
  const cold = summary({ n_items: 100, n_cold_items: 8, n_cold_users: 0 });
  const [one] = callouts({ state: state(), losses: well, measures, summary: cold });
  assert.match(one.what, /^8 items in the test part/);
});

test("who chose the best epoch is said", () => {
  assert.match(noteOnBest("test"), /optimistic/);
  assert.doesNotMatch(noteOnBest("validation"), /optimistic/);
});
