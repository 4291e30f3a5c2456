import assert from "node:assert/strict";
import { test } from "node:test";
import { UNKNOWN } from "../cells.js";
import { Store } from "../store.js";
import { frame, losses, moment, progress, settings, state, summary, windowData } from "./samples.js";

const idle = state();

function store() {
  return new Store(settings(), idle, summary());
}

/** Factors of the users and items with these indices: a user's factor is its index, an item's bias is its index. */
function factors(/** @type {number[]} */ users, /** @type {number[]} */ items) {
  return {
    n_factors: 1,
    rating_range: null,
    global_mean: 3,
    user_idx: Int32Array.from(users),
    item_idx: Int32Array.from(items),
    user_factors: Float32Array.from(users),
    item_factors: Float32Array.from(items, () => 10),
    user_bias: Float32Array.from(users, () => 0),
    item_bias: Float32Array.from(items),
  };
}

test("the last frame that is to be answered is known, though newer ones are not to be", () => {
  const s = store();
  for (const number of [1, 2, 3]) {
    s.addFrame(
      frame({
        wants_answer: number === 2,
        progress: progress({ frame: number }),
        losses: losses([], [], []),
        source: null,
      }),
    );
  }
  assert.equal(s.asked, 2);
});

test("the losses of every frame are kept, though only the newest frame is shown", () => {
  const s = store();
  s.addFrame(frame({ progress: progress({ frame: 1 }), losses: losses([0], [1], [1]), source: null }));
  s.addFrame(
    frame({
      progress: progress({ frame: 2, epoch: 1 }),
      losses: losses([1], [0.9], [0.95]),
      source: null,
    }),
  );
  assert.equal(s.losses.rows.length, 2);
  assert.equal(s.progress?.frame, 2);
  assert.equal(s.epoch, 1);
});

test("a new run begins with empty curves", () => {
  const s = store();
  s.addFrame(
    frame({ progress: progress({ epoch: 5 }), losses: losses([0, 5], [1, 0.5], [1, 0.8]), source: null }),
  );
  s.addFrame(frame({ progress: progress({ run: 2 }), losses: losses([0], [1.5], [1.5]), source: null }));
  assert.deepEqual(
    s.losses.rows.map((row) => [row.epoch, row.train]),
    [[0, 1.5]],
  );
});

test("a status moves the counter where its frame comes later, and never back", () => {
  const s = store();
  s.addFrame(
    frame({
      progress: progress({ run: 1, epoch: 5 }),
      losses: losses([0, 5], [1, 0.5], [1, 0.8]),
      source: null,
    }),
  );
  s.setState(state({ status: "paused", epoch: 6, batch: 3 }));
  assert.deepEqual([s.epoch, s.progress?.batch], [6, 3]);
  s.setState(state({ status: "running", epoch: 2 }));
  assert.equal(s.epoch, 6);
  s.setState(state({ run: 2 }));
  assert.deepEqual([s.epoch, s.losses.rows.length], [0, 0]);
});

test("predictions go from positions to indices to the rows of the frame", () => {
  const s = store();
  s.addWindow(windowData([0, 3], [0, 2], []));
  // Position 0 is user 5 and item 4, position 1 is user 4 and item 3.
  s.addFrame(frame({ progress: progress(), losses: losses([], [], []), source: factors([4, 5], [3, 4]) }));
  assert.equal(s.prediction(0, 0), 3 + 4 + 50);
  assert.equal(s.prediction(1, 0), 3 + 4 + 40);
  assert.equal(s.prediction(0, 1), 3 + 3 + 50);
  assert.ok(Number.isNaN(s.prediction(2, 0)), "in the window, not in the frame");
  assert.ok(Number.isNaN(s.prediction(4, 0)), "not in the window");
});

test("before the model is built there are no predictions", () => {
  const s = store();
  s.addFrame(frame({ progress: progress(), losses: losses([0], [1], [1]), source: null }));
  assert.equal(s.predictions({ users: [0, 1], items: [0, 1] }, new Float32Array(1)), false);
});

test("a reset keeps the matrix, new data empties it", () => {
  const s = store();
  s.addWindow(windowData([0, 6], [0, 5], [[0, 0, 4, 0]]));
  assert.equal(s.setSummary(summary({ run: 2 })), false);
  assert.equal(s.cells.at(0, 0).rating, 4);
  assert.equal(s.setSummary(summary({ run: 2, n_users: 7 })), true);
  assert.equal(s.cells.at(0, 0).part, UNKNOWN);
  assert.equal(s.users.size, 7);
});

test("a late window of a larger matrix is ignored", () => {
  const s = store();
  s.addWindow(windowData([4, 8], [0, 2], []));
  assert.equal(s.cells.at(4, 0).part, UNKNOWN);
});

test("the planned epochs are the settings' until a frame says otherwise", () => {
  const s = store();
  assert.equal(s.epochs, 60);
  s.addFrame(frame({ progress: progress({ epochs: 80 }), losses: losses([], [], []), source: null }));
  assert.equal(s.epochs, 80);
});

test("the frame that came with the widget counts only until a status is of later", () => {
  const first = frame({
    progress: progress({ frame: 0, epoch: 2 }),
    losses: losses([0, 2], [1, 0.5], [1, 0.8]),
    source: null,
  });
  const early = new Store(settings(), state({ epoch: 2 }), summary());
  early.addFirstFrame(first);
  assert.deepEqual([early.epoch, early.losses.rows.length], [2, 2]);
  const late = new Store(settings(), state({ epoch: 9 }), summary());
  late.addFirstFrame(first);
  assert.deepEqual([late.epoch, late.progress], [9, null]);
});

test("on other axes of the map, the past is asked for anew", () => {
  const s = store();
  const told = { progress: progress(), losses: losses([], [], []) };
  s.addFrame({ ...frame(told), map_version: 1 });
  s.addPast({ serial: s.serial, epoch: 0, moment: moment(factors([1], [1])) });
  s.addFrame({ ...frame(told), map_version: 1 });
  assert.ok(s.past.has(0));
  const { serial } = s;
  s.addFrame({ ...frame(told), map_version: 2 });
  assert.ok(!s.past.has(0));
  assert.ok(s.serial > serial);
});

test("what a pinned run predicts is told by index, whatever the order, until other data comes", () => {
  const s = store();
  s.addWindow(windowData([0, 2], [0, 2], []));
  const [users, items] = [[...s.users.indices.slice(0, 2)], [...s.items.indices.slice(0, 2)]];
  const before = s.frames;
  s.setPinned({
    run: 1,
    source: factors([...users].reverse(), items),
    rows: { user_idx: Int32Array.from([...users].reverse()), item_idx: Int32Array.from(items) },
  });
  assert.ok(s.frames > before);
  assert.equal(s.pinnedPrediction(1, 0), 3 + users[1] * 10 + items[0]);
  const out = new Float32Array(4);
  assert.ok(s.pinnedPredictions({ users: [0, 2], items: [0, 2] }, out));
  assert.equal(out[3], 3 + users[1] * 10 + items[1]);
  s.setSummary({ ...summary(), data: 99 });
  assert.ok(Number.isNaN(s.pinnedPrediction(1, 0)));
});
