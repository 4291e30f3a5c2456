import assert from "node:assert/strict";
import { test } from "node:test";
import { Losses } from "../losses.js";
import { coarseToFine, keptEpochs, nearestOf, Past, size } from "../past.js";
import { PastRequests } from "../past-requests.js";
import { Store } from "../store.js";
import { frame, losses, moment, progress, settings, state, summary } from "./samples.js";

/** @param {number} value */
function predicting(value) {
  return moment({
    user_idx: Int32Array.of(0),
    item_idx: Int32Array.of(0),
    predictions: Float32Array.of(value),
  });
}

const BYTES = size(predicting(0));

test("the past stays within its room, its first and last epoch longest", () => {
  const past = new Past(10 * BYTES);
  for (let epoch = 0; epoch <= 100; epoch++) past.add(epoch, predicting(epoch));
  assert.ok(past.bytes <= 10 * BYTES);
  assert.equal(past.bytes, past.moments.size * BYTES);
  assert.ok(past.has(0) && past.has(100));
});

test("an epoch that comes twice counts once", () => {
  const past = new Past();
  past.add(3, predicting(1));
  past.add(3, predicting(2));
  assert.equal(past.bytes, BYTES);
  assert.equal(past.nearest(9)?.epoch, 3);
  past.clear();
  assert.deepEqual([past.bytes, past.nearest(9)], [0, null]);
});

test("tables that are also the source's count once", () => {
  const values = new Float32Array(8);
  const one = predicting(1);
  one.tables.user = { n_factors: 2, values };
  const source = /** @type {any} */ (one.source);
  source.user_factors = values;
  assert.equal(size(one), BYTES + 32);
});

test("kept are every so many epochs, the first, the best and the last", () => {
  const all = new Losses();
  all.merge(losses([0, 1, 2, 3, 4, 5, 6, 7], [9, 8, 7, 6, 5, 4, 3, 2], [9, 8, 7, 1, 5, 4, 3, 2]));
  assert.deepEqual(keptEpochs(all, 4), [0, 3, 4, 7]);
  assert.deepEqual(keptEpochs(all, 1).length, 8);
  assert.deepEqual(keptEpochs(all, 0), []);
});

test("few of the epochs are spread over all", () => {
  const order = coarseToFine([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(order.slice(0, 3), [8, 0, 4]);
  assert.deepEqual(order.slice(3, 5), [2, 6]);
  assert.deepEqual([coarseToFine([]), coarseToFine([5])], [[], [5]]);
});

test("the nearest epoch, of two the earlier", () => {
  assert.deepEqual([nearestOf([0, 4, 8], 6), nearestOf([0, 4, 8], 7), nearestOf([0, 4, 8], -1)], [4, 8, 0]);
});

/** A store after some epochs, of which the view has only the last frame. */
function trained(/** @type {number} */ n, /** @type {any} */ status = "finished") {
  const store = new Store(settings(), state({ status }), summary());
  const epochs = Array.from({ length: n + 1 }, (_, k) => k);
  store.addFrame(
    frame({
      progress: progress({ epoch: n }),
      losses: losses(epochs, epochs, epochs),
      source: predicting(n).source,
      stride: 1,
    }),
  );
  return store;
}

test("what is shown is the epoch asked for, or the nearest that is here, and the counter stays live", () => {
  const store = trained(8);
  store.seek(3);
  assert.deepEqual([store.shownEpoch, store.epoch], [8, 8]);
  const { run } = /** @type {any} */ (store.progress);
  store.addPast({ run, epoch: 0, moment: predicting(0) });
  assert.equal(store.shownEpoch, 0);
  store.addPast({ run, epoch: 3, moment: predicting(3) });
  assert.deepEqual([store.shownEpoch, store.epoch], [3, 8]);
  const frames = store.frames;
  store.addFrame(
    frame({
      progress: progress({ epoch: 9 }),
      losses: losses([9], [1], [1]),
      source: predicting(9).source,
      stride: 1,
    }),
  );
  assert.deepEqual([store.shownEpoch, store.epoch, store.frames], [3, 9, frames], "nothing to draw anew");
  store.seek(null);
  assert.deepEqual([store.shownEpoch, store.source], [9, store.live.source]);
});

test("a new run has no past", () => {
  const store = trained(4);
  store.seek(4);
  store.addPast({ run: 99, epoch: 2, moment: predicting(2) });
  assert.ok(!store.past.has(2), "of another run");
  store.setState(state({ run: 2 }));
  assert.deepEqual([store.cursor, store.past.moments.size, store.shownEpoch], [null, 0, 0]);
});

test("past epochs are asked for at rest; while training only if one looks back", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {number[][]} */
  const asked = [];
  const end = new AbortController();
  const requests = new PastRequests(
    (epochs) => asked.push(epochs),
    () => {},
    end.signal,
  );
  const store = trained(4, "running");
  requests.want(store);
  assert.deepEqual(asked, []);
  store.seek(1);
  requests.want(store);
  assert.deepEqual(asked, [[1, 0, 2, 3]]);
  requests.want(store);
  t.mock.timers.tick(1000);
  requests.want(store);
  assert.equal(asked.length, 1, "once");
  const { run } = /** @type {any} */ (store.progress);
  store.addPast({ run, epoch: 1, moment: predicting(1) });
  store.seek(3);
  requests.want(store);
  assert.equal(asked.length, 1, "it is on its way");
  requests.forget();
  store.past.clear();
  requests.want(store);
  assert.deepEqual(asked[1], [3, 4, 0, 2, 1]);
  end.abort();
});

test("no more is asked for than there is room for", () => {
  /** @type {number[][]} */
  const asked = [];
  const requests = new PastRequests(
    (epochs) => asked.push(epochs),
    () => {},
    new AbortController().signal,
  );
  const store = trained(100);
  store.past.room = 5 * BYTES;
  requests.want(store);
  clearTimeout(requests.timer);
  assert.equal(asked[0].length, 4, "the last is here");
});
