import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFrame, decodePast, decodePoints, decodeWindow, unpack } from "../wire.js";

/** A buffer as Jupyter hands it over: a view into a larger message, at any offset. */
function inside(/** @type {Int32Array | Float32Array | Uint8Array} */ array, offset = 3) {
  const bytes = new Uint8Array(offset + array.byteLength + 5).fill(255);
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
  return new DataView(bytes.buffer, offset, array.byteLength);
}

const factors = Float32Array.of(1.5, -2.25, 3, 0.125);

for (const offset of [0, 1, 3, 4, 8]) {
  test(`arrays ${offset} bytes into a message are read with their offset and length`, () => {
    const packed = /** @type {any} */ ({ arrays: [{ name: "a", dtype: "float32", shape: [2, 2] }] });
    assert.deepEqual(unpack(packed, [inside(factors, offset)]).a, factors);
  });
}

test("a plain ArrayBuffer is read as well as a DataView", () => {
  const packed = /** @type {any} */ ({ arrays: [{ name: "a", dtype: "int32", shape: [3] }] });
  const buffer = Int32Array.of(7, -8, 9).buffer;
  assert.deepEqual(unpack(packed, [buffer]).a, Int32Array.of(7, -8, 9));
});

test("the buffers of a trait lie in its value", () => {
  const packed = /** @type {any} */ ({
    arrays: [{ name: "p", dtype: "uint8", shape: [2] }],
    buffers: [inside(Uint8Array.of(0, 2))],
  });
  assert.deepEqual(unpack(packed).p, Uint8Array.of(0, 2));
});

test("a buffer of another length than its shape is refused by name", () => {
  const packed = /** @type {any} */ ({ arrays: [{ name: "rating", dtype: "float32", shape: [5] }] });
  assert.throws(() => unpack(packed, [inside(factors)]), /rating .*came with 16 bytes/);
  assert.throws(() => unpack(packed, []), /rating has no buffer/);
});

test("a dtype nobody agreed on is refused", () => {
  const packed = /** @type {any} */ ({ arrays: [{ name: "a", dtype: "float64", shape: [1] }] });
  assert.throws(() => unpack(packed, [new DataView(new ArrayBuffer(8))]), /unknown dtype float64/);
});

test("a window keeps its names and gets its arrays", () => {
  const packed = {
    users: [2, 4],
    items: [1, 2],
    user_ids: ["a", "b"],
    item_ids: ["x"],
    item_titles: null,
    user_titles: null,
    user_details: null,
    arrays: [
      { name: "user_idx", dtype: "int32", shape: [2] },
      { name: "item_idx", dtype: "int32", shape: [1] },
      { name: "cell", dtype: "int32", shape: [1] },
      { name: "rating", dtype: "float32", shape: [1] },
      { name: "part", dtype: "uint8", shape: [1] },
    ],
  };
  const buffers = [
    inside(Int32Array.of(9, 8)),
    inside(Int32Array.of(7)),
    inside(Int32Array.of(1)),
    inside(Float32Array.of(4.5)),
    inside(Uint8Array.of(2)),
  ];
  const data = decodeWindow(packed, buffers);
  assert.deepEqual([...data.user_idx], [9, 8]);
  assert.deepEqual(
    [data.user_ids, data.item_titles, data.rating[0], data.part[0]],
    [["a", "b"], null, 4.5, 2],
  );
  assert.throws(() => decodeWindow({ ...packed, users: [2, 5] }, buffers), /3 x 1/);
});

test("a frame from before the model is built has losses and no source", () => {
  const {
    moment: { source: none },
    losses,
    progress,
  } = decodeFrame({
    frame: 4,
    run: 1,
    epoch: 0,
    batch: 0,
    n_batches: 10,
    epochs: 20,
    arrays: [
      { name: "epoch_number", dtype: "int32", shape: [1] },
      { name: "train_mse", dtype: "float32", shape: [1] },
    ],
    buffers: [inside(Int32Array.of(0)), inside(Float32Array.of(1.25))],
  });
  assert.equal(none, null);
  assert.equal(losses.train_mse[0], 1.25);
  assert.ok(Number.isNaN(losses.test_mse[0]), "a part that is not there has no loss");
  assert.deepEqual([progress.frame, progress.rate, progress.running_mse], [4, null, null]);
});

test("a frame with factors and no biases has biases of zero", () => {
  const {
    moment: { source },
  } = decodeFrame({
    n_factors: 2,
    global_mean: 3.5,
    arrays: [
      { name: "user_idx", dtype: "int32", shape: [2] },
      { name: "item_idx", dtype: "int32", shape: [2] },
      { name: "user_factors", dtype: "float32", shape: [2, 2] },
      { name: "item_factors", dtype: "float32", shape: [2, 2] },
    ],
    buffers: [inside(Int32Array.of(0, 1)), inside(Int32Array.of(0, 1)), inside(factors), inside(factors)],
  });
  assert.ok(source && "user_bias" in source);
  assert.deepEqual(source.user_bias, Float32Array.of(0, 0));
  assert.deepEqual(source.user_factors, factors);
});

test("predictions of a model that is no dot product come as a block", () => {
  const {
    moment: { source },
  } = decodeFrame({
    arrays: [
      { name: "user_idx", dtype: "int32", shape: [1] },
      { name: "item_idx", dtype: "int32", shape: [4] },
      { name: "predictions", dtype: "float32", shape: [1, 4] },
    ],
    buffers: [inside(Int32Array.of(7)), inside(Int32Array.of(0, 1, 2, 3)), inside(factors)],
  });
  assert.deepEqual(source, {
    user_idx: Int32Array.of(7),
    item_idx: Int32Array.of(0, 1, 2, 3),
    predictions: factors,
  });
});

test("a model that is no dot product sends its factors beside the block, each side with its own number", () => {
  const {
    moment: { source, tables, rows },
  } = decodeFrame({
    n_factors: 0,
    arrays: [
      { name: "user_idx", dtype: "int32", shape: [2] },
      { name: "item_idx", dtype: "int32", shape: [1] },
      { name: "predictions", dtype: "float32", shape: [2, 1] },
      { name: "user_factors", dtype: "float32", shape: [2, 2] },
      { name: "item_factors", dtype: "float32", shape: [1, 3] },
    ],
    buffers: [
      inside(Int32Array.of(7, 8)),
      inside(Int32Array.of(3)),
      inside(Float32Array.of(1, 2)),
      inside(factors),
      inside(Float32Array.of(1, 2, 3)),
    ],
  });
  assert.ok(source && "predictions" in source);
  assert.deepEqual([tables.user?.n_factors, tables.item?.n_factors], [2, 3]);
  assert.deepEqual(rows.item_idx, Int32Array.of(3));
});

test("a frame of losses alone has neither source nor factors", () => {
  const {
    moment: { source, tables },
  } = decodeFrame({ n_factors: 12, global_mean: 3.5, arrays: [], buffers: [] });
  assert.equal(source, null);
  assert.deepEqual(tables, { user: null, item: null });
});

test("places on the map come with a frame and with the past, of one side or of both", () => {
  const xy = Float32Array.of(1, 2, 3, 4);
  const arrays = [
    { name: "map_item_idx", dtype: "int32", shape: [2] },
    { name: "map_items", dtype: "float32", shape: [2, 2] },
  ];
  const buffers = [inside(Int32Array.of(7, 9)), inside(xy)];
  const packed = { n_factors: 0, global_mean: 0, arrays };
  const { moment, map_version } = decodeFrame({ ...packed, map_version: 3 }, buffers);
  assert.equal(map_version, 3);
  for (const { map } of [moment, decodePast({ ...packed, serial: 1, epoch: 0 }, buffers).moment]) {
    assert.deepEqual([map?.item_idx, map?.items], [Int32Array.of(7, 9), xy]);
    assert.equal(map?.user_idx.length, 0);
  }
  assert.equal(decodeFrame({ ...packed, arrays: [] }, []).moment.map, null);
});

test("points of the map keep their names and get their arrays; without a map there are none", () => {
  const packed = {
    arrays: [{ name: "item_idx", dtype: "int32", shape: [1] }],
    buffers: [inside(Int32Array.of(4))],
    genres: ["War"],
    usual_items: 1,
  };
  assert.deepEqual(decodePoints(packed), { item_idx: Int32Array.of(4), genres: ["War"], usual_items: 1 });
  assert.equal(decodePoints({}), null);
});
