import assert from "node:assert/strict";
import { test } from "node:test";

import { inMetric, ofBaseline, ofMse } from "../loss-metric.js";
import { Losses } from "../losses.js";
import { MeasureRequests } from "../measure-requests.js";
import { EpochMeasures } from "../measures.js";

const rows = [0, 1, 2].map((epoch) => ({ epoch, train: 4 - epoch, validation: Number.NaN, test: 4 }));

test("losses are told in the metric, absolute errors of the epochs that were measured", () => {
  const measures = new EpochMeasures();
  measures.add({ epoch: 1, train_mae: 0.7, validation_mae: null, test_mae: 0.8, ndcg: null });
  assert.deepEqual(inMetric(rows, "MSE", measures), rows);
  assert.deepEqual(
    inMetric(rows, "RMSE", measures).map(({ train, test }) => [train, test]),
    [
      [2, 2],
      [Math.sqrt(3), 2],
      [Math.sqrt(2), 2],
    ],
  );
  assert.deepEqual(inMetric(rows, "MAE", measures), [
    { epoch: 1, train: 0.7, validation: Number.NaN, test: 0.8 },
  ]);
  const baseline = { test_rmse: 0.9, test_mae: 0.7 };
  assert.deepEqual([ofBaseline(baseline, "RMSE"), ofBaseline(baseline, "MAE")], [0.9, 0.7]);
  assert.ok(Math.abs(ofBaseline(baseline, "MSE") - 0.81) < 1e-12);
  assert.deepEqual([ofMse(4, "RMSE"), ofMse(4, "MSE"), ofMse(4, "MAE")], [2, 4, Number.NaN]);
});

test("the ranking goes by epoch, whatever order it came in, and what is no number is left out", () => {
  const measures = new EpochMeasures();
  for (const [epoch, ndcg] of [
    [9, 0.3],
    [2, 0.1],
    [5, null],
  ]) {
    measures.add({ epoch: Number(epoch), ndcg });
  }
  assert.deepEqual(measures.ranking, [
    { epoch: 2, ndcg: 0.1 },
    { epoch: 9, ndcg: 0.3 },
  ]);
  assert.equal(measures.last?.ndcg, 0.3);
  measures.clear();
  assert.deepEqual(measures.ranking, []);
});

/** @param {string} status @param {number} last epoch */
function store(status, last, measures = new EpochMeasures()) {
  const losses = new Losses();
  losses.merge({
    epoch_number: Int32Array.from({ length: last + 1 }, (_, k) => k),
    train_mse: new Float32Array(last + 1).fill(1),
    validation_mse: new Float32Array(last + 1).fill(Number.NaN),
    test_mse: Float32Array.from({ length: last + 1 }, (_, k) => Math.abs(k - 2) + 1),
  });
  return /** @type {any} */ ({
    isLive: true,
    live: { source: {} },
    state: { status },
    progress: { run: 1 },
    stride: 1,
    losses,
    measures,
  });
}

test("at rest all epochs are asked for, the best first; while training the last, seldom", () => {
  /** @type {number[][]} */
  const asked = [];
  let now = 0;
  const end = new AbortController();
  const requests = new MeasureRequests(
    (epochs) => asked.push(epochs),
    () => {},
    () => now,
    end.signal,
  );
  requests.want(store("running", 3));
  assert.deepEqual(asked, [[3]]);
  requests.want(store("running", 4));
  assert.equal(asked.length, 1);
  now = 2000;
  requests.want(store("running", 5));
  assert.deepEqual(asked.at(-1), [5]);
  now = 4000;
  requests.answered();
  now = 5000;
  requests.want(store("running", 6));
  assert.deepEqual(asked.at(-1), [5], "what took two seconds is not asked for again for ten");
  requests.want(store("paused", 5));
  assert.deepEqual(asked.at(-1)?.slice(0, 2), [2, 5]);
  assert.deepEqual([...(asked.at(-1) ?? [])].sort(), [0, 1, 2, 3, 4, 5]);
  requests.want(store("paused", 5));
  assert.equal(asked.length, 3);
  const measured = new EpochMeasures();
  for (let epoch = 0; epoch <= 5; epoch++) measured.add({ epoch, ndcg: 0 });
  now = 1e6;
  requests.want(store("paused", 5, measured));
  assert.equal(asked.length, 3);
  end.abort();
});
