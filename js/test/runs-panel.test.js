import assert from "node:assert/strict";
import { test } from "node:test";

import { Losses } from "../losses.js";
import { inDetail, inShort, liveRows } from "../runs-panel.js";

const settings = {
  model: "biased_mf",
  split: "random",
  shares: [0.8, 0.2],
  seed: 0,
  n_factors: 12,
  learning_rate: 0.08,
  regularization: 0.1,
  batch_size: 256,
  epochs: 25,
  early_stopping: null,
  engine: "auto",
};
const row = {
  run: 1,
  name: "",
  settings,
  engine: "sgd",
  best_epoch: 4,
  test_rmse: 0.9,
  ndcg: 0.05,
  seconds: 1,
  is_live: false,
  is_shown: true,
  curve: [],
};

test("a run goes by its model and factors, and by what else tells it from the one before", () => {
  assert.equal(inShort(settings), "biased_mf, 12 factors");
  assert.equal(inShort({ ...settings, n_factors: 1 }), "biased_mf, 1 factor");
  assert.equal(inShort({ ...settings, n_factors: null }), "biased_mf");
  assert.equal(inDetail(row, undefined), "rate 0.08, reg 0.1");
  const other = {
    ...row,
    engine: "als",
    settings: { ...settings, seed: 3, split: "leave_one_out", shares: [] },
  };
  assert.equal(inDetail(other, row), "rate 0.08, reg 0.1, seed 3, split leave one out, engine als");
});

/** @param {number} epoch of the best test loss */
function losses(epoch) {
  const made = new Losses();
  made.merge({
    epoch_number: Int32Array.of(epoch),
    train_mse: Float32Array.of(0.5),
    validation_mse: Float32Array.of(Number.NaN),
    test_mse: Float32Array.of(0.64),
  });
  return made;
}

test("the run under way is told as the losses stand, and its ranking only of the epoch it is of", () => {
  const live = { ...row, run: 2, is_live: true };
  const rowsWith = (/** @type {Losses} */ seen) =>
    liveRows({ run_table: [row, live], losses: seen, settings });
  const [kept, now] = rowsWith(losses(4));
  assert.equal(kept, row);
  assert.equal(now.best_epoch, 4);
  assert.ok(Math.abs((now.test_rmse ?? 0) - 0.8) < 1e-6);
  assert.equal(now.ndcg, 0.05);
  assert.equal(rowsWith(losses(5))[1].ndcg, null);
  const [, untrained] = rowsWith(new Losses());
  assert.deepEqual([untrained.best_epoch, untrained.test_rmse], [0, null]);
});
