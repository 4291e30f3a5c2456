import assert from "node:assert/strict";
import { test } from "node:test";
import { UNKNOWN, UNSEEN } from "../cells.js";
import { mix, pack } from "../colors.js";
import { binOf, binsIn, emptyBlock, Overview, rangeOf, readBinnedMoment, readBins } from "../overview.js";
import { Store } from "../store.js";
import { decodeBinned, decodeFrame } from "../wire.js";
import { settings, state, summary, told, windowData } from "./samples.js";

const room = { width: 380, cell: 4, height: 288, ratio: 1 };

test("there are as many bins as fit, and never more than users and items", () => {
  for (const ratio of [1, 1.5, 2]) {
    const { rows, columns, cell } = binsIn({ ...room, ratio }, { n_users: 610, n_items: 9724 });
    const pixels = Math.round(cell * ratio);
    assert.equal(cell, 3);
    assert.equal(rows, Math.floor((room.height * ratio) / pixels));
    assert.equal(columns, Math.floor((room.width * ratio) / pixels));
  }
  const small = binsIn(room, { n_users: 20, n_items: 9724 });
  assert.deepEqual([small.rows, small.columns], [20, 126]);
  assert.equal(binsIn(room, { n_users: 30, n_items: 40 }).cell, 9);
});

test("bins follow each other, and each position lies in its own", () => {
  for (const [n, n_bins] of [
    [610, 96],
    [9724, 126],
    [7, 7],
    [10, 3],
    [1, 1],
  ]) {
    let next = 0;
    for (let bin = 0; bin < n_bins; bin++) {
      const [start, stop] = rangeOf(bin, n_bins, n);
      assert.equal(start, next);
      assert.ok(stop > start);
      for (let position = start; position < stop; position++) assert.equal(binOf(position, n_bins, n), bin);
      next = stop;
    }
    assert.equal(next, n);
  }
  assert.equal(binOf(-1, 5, 10), -1);
});

/** A bin of 1 x 2: in the first 3 train ratings of mean 4 and 1 test rating of 2, in the second none. */
const binned = {
  rows: 1,
  columns: 2,
  order: { user: 0, item: 0 },
  count: Int32Array.of(3, 0, 0, 0, 1, 0),
  mean: Float32Array.of(4, Number.NaN, Number.NaN, Number.NaN, 2, Number.NaN),
};

const read = (/** @type {number[]} */ hidden) => {
  const block = { ...emptyBlock(), rows: 1, columns: 2 };
  readBins(binned, new Set(hidden), block);
  return block;
};

test("parts that are hidden don't count in a bin", () => {
  assert.equal(read([]).ratings[0], 3.5);
  assert.equal(read([]).shares?.[0], 0.25);
  assert.equal(read([0]).ratings[0], 2);
  assert.equal(read([0]).shares?.[0], 1);
  assert.deepEqual([...read([]).parts], [0, UNSEEN]);
  assert.deepEqual([...read([0, 2]).parts], [UNSEEN, UNSEEN]);
  assert.equal(read([0]).hidden, null);
  assert.deepEqual([...(read([UNSEEN]).hidden ?? [])], [0, 1]);
  const unknown = { ...emptyBlock(), rows: 1, columns: 2 };
  readBins(null, new Set(), unknown);
  assert.deepEqual([...unknown.parts], [UNKNOWN, UNKNOWN]);
});

/** As the kernel packs it. */
function packed() {
  const arrays = /** @type {const} */ ([
    ["overview_0_user_factors", [1, 2], [1, 2]],
    ["overview_0_item_factors", [2, 2], [3, 4, 5, 6]],
    ["overview_0_user_bias", [1], [0.5]],
    ["overview_0_item_bias", [2], [1, 2]],
    ["overview_0_residuals_0", [1, 2], [1, Number.NaN]],
    ["overview_0_residuals_2", [1, 2], [-3, Number.NaN]],
  ]);
  const told = {
    rows: 1,
    columns: 2,
    order: { user: 0, item: 0 },
    n_cells: 0,
    n_residuals: 4,
    n_factors: 2,
    global_mean: 3,
  };
  const content = {
    frame: 1,
    run: 1,
    epoch: 0,
    batch: 0,
    n_batches: 1,
    epochs: 1,
    overviews: [told],
    arrays: arrays.map(([name, shape]) => ({ name, dtype: "float32", shape })),
  };
  const buffers = arrays.map(([, , values]) => Float32Array.from(values).buffer);
  return decodeFrame(content, buffers).moment;
}

test("a bin's prediction is the product of its means, its residual the mean of what is shown", () => {
  const moment = packed().overviews?.[0];
  assert.ok(moment);
  const block = { ...emptyBlock(), rows: 1, columns: 2 };
  readBinnedMoment(binned, moment, new Set(), block);
  assert.deepEqual([...(block.predictions ?? [])], [3 + 0.5 + 1 + 3 + 8, 3 + 0.5 + 2 + 5 + 12]);
  // Three of +1 and one of -3.
  assert.equal(block.residuals?.[0], 0);
  assert.ok(Number.isNaN(block.residuals?.[1]));
  readBinnedMoment(binned, moment, new Set([2]), block);
  assert.equal(block.residuals?.[0], 1);
  readBinnedMoment(null, null, new Set(), block);
  assert.deepEqual([block.predictions, block.residuals], [null, null]);
});

function store() {
  const s = new Store(settings(), state(), summary({ n_users: 2, n_items: 4 }));
  s.addWindow(windowData([0, 2], [0, 4], []));
  return s;
}

test("what is asked for is asked for once, again when it is lost, and not when it is here", () => {
  const s = store();
  const whole = new Overview(s, { width: 6, height: 3, cell: 3, ratio: 1 });
  /** @type {object[]} */
  const asked = [];
  const want = (/** @type {number} */ now) => whole.want((shape) => asked.push(shape), now);
  assert.ok(want(0));
  assert.ok(want(1000));
  assert.deepEqual(asked, [{ rows: 1, columns: 2 }]);
  want(4000);
  assert.equal(asked.length, 2);
  s.binned = binned;
  assert.ok(!want(5000));
  s.turnTo({ user: told({ serial: 1, by: "id" }), item: told() });
  assert.equal(whole.binned, null);
  assert.ok(want(9000));
});

test("a bin is told by who is in it, and leads to them", () => {
  const s = store();
  s.binned = binned;
  s.shown = packed();
  const whole = new Overview(s, { width: 6, height: 3, cell: 3, ratio: 1 });
  assert.equal(whole.binning, "binned: 2 users × 2 items a cell");
  assert.deepEqual(whole.rectOf({ user: 0, item: 1 }), { users: [0, 2], items: [2, 4] });
  assert.deepEqual(whole.binOf({ user: 1, item: -1 }), { user: 0, item: -1 });
  assert.deepEqual(whole.text({ user: 0, item: 0 }), {
    title: "movies 1–2",
    detail: "users 1–2, 4 of 4 cells rated (3 train, 1 test), epoch 0",
    label: "mean rating",
    rating: "3.50",
    part: null,
    prediction: "15.50",
    residual: "0.00",
  });
  assert.equal(whole.text({ user: 0, item: 1 }).rating, "none");
});

test("colours between two are mixed", () => {
  const [black, white] = [pack([0, 0, 0]), pack([255, 255, 255])];
  assert.equal(mix(black, white, 0), black);
  assert.equal(mix(black, white, 1), white);
  assert.equal(mix(black, white, 0.2), pack([51, 51, 51]));
});

test("bins are decoded as they were packed", () => {
  const arrays = [
    { name: "count", dtype: "int32", shape: [3, 1, 2] },
    { name: "mean", dtype: "float32", shape: [3, 1, 2] },
  ];
  const content = { rows: 1, columns: 2, order: binned.order, arrays };
  const decoded = decodeBinned(content, [binned.count.buffer, binned.mean.buffer]);
  assert.deepEqual(decoded, binned);
});
