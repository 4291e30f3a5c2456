import assert from "node:assert/strict";
import { test } from "node:test";
import { Losses } from "../losses.js";
import { coarseToFine, keptEpochs, nearestOf, Past, size } from "../past.js";
import { PastRequests } from "../past-requests.js";
import { inWords } from "../scrubber.js";
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

test("what is forgotten is not near", () => {
  const past = new Past();
  for (const epoch of [0, 3, 9]) past.add(epoch, predicting(epoch));
  assert.deepEqual([past.nearest(4)?.epoch, past.nearest(100)?.epoch], [3, 9]);
  past.keep(new Set([0, 9, 12]));
  assert.equal(past.nearest(4)?.epoch, 0);
  past.clear();
  assert.equal(past.nearest(4), null);
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
function trained(/** @type {number} */ n, /** @type {any} */ status = "finished", more = {}) {
  const store = new Store(settings(), state({ status }), summary());
  const epochs = Array.from({ length: n + 1 }, (_, k) => k);
  store.addFrame(
    frame({
      progress: progress({ epoch: n, ...more }),
      losses: losses(epochs, epochs, epochs),
      source: predicting(n).source,
      stride: 1,
    }),
  );
  return store;
}

test("what is shown is the epoch asked for, or the nearest that is here, and the counter stays live", () => {
  const store = trained(8);
  const { serial } = store;
  store.seek(3);
  assert.deepEqual([store.shownEpoch, store.epoch], [8, 8], "nothing of it is here yet");
  store.addPast({ serial, epoch: 0, moment: predicting(0) });
  assert.equal(store.shownEpoch, 0);
  store.addPast({ serial, epoch: 3, moment: predicting(3) });
  assert.deepEqual([store.shownEpoch, store.epoch], [3, 8]);
  const { frames } = store;
  store.addFrame(
    frame({
      progress: progress({ epoch: 9 }),
      losses: losses([9], [1], [1]),
      source: predicting(9).source,
      stride: 1,
    }),
  );
  assert.deepEqual([store.shownEpoch, store.epoch, store.frames], [3, 9, frames], "nothing to draw anew");
  store.forgetPast();
  store.addPast({ serial, epoch: 4, moment: predicting(4) });
  assert.equal(store.shownEpoch, 3, "of the window before");
  store.seek(null);
  assert.deepEqual([store.shownEpoch, store.source], [9, store.live.source]);
});

test("a new run has no past, and no weights that were put back", () => {
  const store = trained(4, "paused", { restored: 2 });
  assert.equal(store.shownEpoch, 2);
  store.seek(1);
  store.addPast({ serial: store.serial, epoch: 1, moment: predicting(1) });
  store.setState(state({ run: 2 }));
  assert.deepEqual([store.cursor, store.past.moments.size, store.shownEpoch], [null, 0, 0]);
});

/** Requests, and what was asked for. */
function scene() {
  const clock = { now: 0 };
  /** @type {number[][]} */
  const asked = [];
  const end = new AbortController();
  const requests = new PastRequests(
    (epochs) => asked.push(epochs),
    () => {},
    () => clock.now,
    end.signal,
  );
  return { clock, asked, requests, end };
}

/** @param {Store} store @param {number[]} epochs */
function answer(store, epochs) {
  for (const epoch of epochs) store.addPast({ serial: store.serial, epoch, moment: predicting(epoch) });
}

test("past epochs are asked for at rest; while training only if one looks back, and what is near", () => {
  const { asked, requests, end } = scene();
  const store = trained(30, "running");
  requests.want(store);
  assert.equal(asked.length, 0);
  store.seek(10);
  requests.want(store);
  assert.deepEqual(asked, [[10, 6, 7, 8, 9, 11, 12, 13, 14]]);
  requests.want(store);
  assert.equal(asked.length, 1, "once");
  answer(store, asked[0]);
  store.setState(state({ status: "paused", epoch: 30 }));
  requests.want(store);
  assert.equal(asked[1].length, 22, "all others");
  assert.deepEqual(asked[1].slice(0, 2), [30, 0]);
  end.abort();
});

test("an epoch that is looked at comes first, and an answer that is lost is asked for again", () => {
  const { asked, requests, clock, end } = scene();
  const store = trained(60);
  requests.want(store);
  assert.equal(asked[0].length, 24);
  requests.want(store);
  assert.equal(asked.length, 1);
  store.seek(17);
  requests.want(store);
  assert.equal(asked[1][0], 17);
  clock.now = 10_000;
  requests.want(store);
  assert.deepEqual(asked[2], asked[1]);
  end.abort();
});

test("the same epochs are asked for again after a reset and for another window", () => {
  const { asked, requests, end } = scene();
  const store = trained(4);
  requests.want(store);
  answer(store, asked[0]);
  requests.want(store);
  assert.equal(asked.length, 1);
  store.forgetPast();
  requests.want(store);
  assert.deepEqual(asked[1], asked[0]);
  store.setState(state({ run: 2 }));
  store.addFrame(
    frame({
      progress: progress({ run: 2, epoch: 4 }),
      losses: losses([0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
      source: predicting(4).source,
      stride: 1,
    }),
  );
  store.state = state({ run: 2, status: "finished" });
  requests.want(store);
  assert.deepEqual(asked[2], asked[0]);
  end.abort();
});

test("however small the room, each epoch can be looked at, and no more is here than there is room for", () => {
  const { asked, requests, end } = scene();
  const store = trained(40);
  store.past.room = 4 * BYTES;
  for (const cursor of [null, 7, 21, 40, 3]) {
    store.seek(cursor);
    requests.want(store);
    answer(store, asked.at(-1) ?? []);
    requests.want(store);
    assert.ok(store.past.moments.size <= 4);
    if (cursor !== null) assert.equal(store.shownEpoch, cursor);
  }
  end.abort();
});

test("the line says where one is, and nothing that moves while training runs", () => {
  const said = (/** @type {any} */ more) =>
    inWords({ cursor: null, restored: null, shown: 8, last: 8, ...more });
  assert.equal(said({}), "epoch 8, live");
  assert.equal(said({ last: null }), "live");
  assert.equal(said({ cursor: 3, shown: 3 }), "epoch 3 of 8");
  assert.equal(said({ cursor: 3, shown: 3, last: null }), "epoch 3");
  assert.equal(said({ cursor: 3 }), "epoch 3 of 8, on its way");
  assert.equal(said({ restored: 2 }), "epoch 2, put back");
});
