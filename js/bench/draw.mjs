// Times what a frame costs in JS for a window: decode, predict, colour, paint. Run with `node bench/draw.mjs`.
import { performance } from "node:perf_hooks";
import { stdout } from "node:process";
import { RATING_STOPS, ramp } from "../colors.js";
import { cellColors, paint } from "../matrix-picture.js";
import { predict, RowOf } from "../prediction.js";
import { decodeFrame } from "../wire.js";

const BUDGET = 16;
const ROUNDS = 200;

/** @param {number} size */
function noise(size) {
  return Float32Array.from({ length: size }, () => Math.random() - 0.5);
}

/** @param {Record<string, [Int32Array | Float32Array, number[]]>} arrays */
function packed(arrays) {
  return {
    arrays: Object.entries(arrays).map(([name, [array, shape]]) => ({
      name,
      dtype: array instanceof Int32Array ? "int32" : "float32",
      shape,
    })),
    buffers: Object.values(arrays).map(
      ([array]) => new DataView(array.buffer, array.byteOffset, array.byteLength),
    ),
  };
}

/**
 * @param {number} rows
 * @param {number} columns
 * @param {number} n_factors
 * @param {number} cell device pixels
 */
function measure(rows, columns, n_factors, cell) {
  const user_idx = Int32Array.from({ length: rows }, (_, k) => k);
  const item_idx = Int32Array.from({ length: columns }, (_, k) => k);
  const message = {
    n_factors,
    global_mean: 3.5,
    ...packed({
      user_idx: [user_idx, [rows]],
      item_idx: [item_idx, [columns]],
      user_factors: [noise(rows * n_factors), [rows, n_factors]],
      item_factors: [noise(columns * n_factors), [columns, n_factors]],
      user_bias: [noise(rows), [rows]],
      item_bias: [noise(columns), [columns]],
    }),
  };
  const parts = Uint8Array.from({ length: rows * columns }, (_, k) => (k % 3 ? 254 : k % 2 ? 0 : 2));
  const block = {
    rows,
    columns,
    ratings: noise(rows * columns),
    parts,
    predictions: new Float32Array(rows * columns),
  };
  const pixels = new Uint32Array(rows * columns * cell * cell);
  const palette = {
    dark: false,
    ratings: ramp(RATING_STOPS.light),
    stops: [],
    ground: 1,
    line: 2,
    train: 3,
    validation: 4,
    test: 5,
    ink: "",
    quiet: "",
    page: "",
    font: "",
  };
  /** @type {import("../matrix-picture.js").Picture} */
  const picture = {
    grid: { rows, columns, cell, gap: 0 },
    ratio: 1,
    labelled: false,
    palette,
    rating_scale: [0.5, 5],
  };
  const users = new RowOf(rows);
  const items = new RowOf(columns);
  const times = [];
  for (let round = 0; round < ROUNDS + 20; round++) {
    const start = performance.now();
    const { source } = decodeFrame(message);
    if (!source) throw new Error("the sample frame has factors");
    users.set(source.user_idx);
    items.set(source.item_idx);
    predict(
      source,
      user_idx.map((k) => users.get(k)),
      item_idx.map((k) => items.get(k)),
      block.predictions,
    );
    paint("predictions", block, picture, cellColors("predictions", block, picture), pixels);
    if (round >= 20) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { median: times[ROUNDS / 2], slow: times[Math.floor(ROUNDS * 0.95)] };
}

stdout.write("  users x items  factors  cell   median ms   95% ms\n");
for (const [rows, columns, n_factors, cell] of [
  [72, 144, 12, 4],
  [72, 144, 32, 8],
  [400, 400, 32, 1],
  [400, 400, 32, 2],
  [400, 400, 32, 4],
  [400, 400, 128, 2],
]) {
  const { median, slow } = measure(rows, columns, n_factors, cell);
  const size = `${rows} x ${columns}`.padStart(15);
  const over = slow > BUDGET ? `  over ${BUDGET} ms` : "";
  stdout.write(
    `${size}${String(n_factors).padStart(9)}${String(cell).padStart(6)}` +
      `${median.toFixed(2).padStart(12)}${slow.toFixed(2).padStart(9)}${over}\n`,
  );
}
