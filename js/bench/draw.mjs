// Times what a frame costs in JS for a window: decode, predict, and colour and paint every matrix and both strips
// of factors. Run with `node bench/draw.mjs`.
import { performance } from "node:perf_hooks";
import { stdout } from "node:process";
import { colorAll, DEVIATION_STOPS, DIVERGING_STOPS, RATING_STOPS, ramp } from "../colors.js";
import { FactorScale } from "../factor-scale.js";
import { cellColors, paint } from "../matrix-picture.js";
import { predict, RowOf } from "../prediction.js";
import { fill, stripOf } from "../strip-plot.js";
import { decodeFrame } from "../wire.js";

const BUDGET = 16;
const ROUNDS = 200;
const WARM_UP = 20;

/** CSS pixels of a strip of factors. */
const STRIP = { width: 375, height: 120, ratio: 1 };

/** A frame of the training paints these; one that moves the window the ratings as well. */
const MOVING = /** @type {const} */ (["predictions", "residuals"]);
const ALL = /** @type {const} */ (["ratings", ...MOVING]);

const PALETTE = {
  dark: false,
  ratings: ramp(RATING_STOPS.light),
  diverging: ramp(DIVERGING_STOPS.light),
  deviations: ramp(DEVIATION_STOPS.light),
  stops: [],
  around: [],
  unsure: [],
  ground: 1,
  line: 2,
  train: 3,
  validation: 4,
  test: 5,
  bare: 6,
  ink: "",
  quiet: "",
  page: "",
  rule: "",
  font: "",
};

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
 * A frame as the kernel sends it.
 *
 * @param {number} rows
 * @param {number} columns
 * @param {number} n_factors
 */
function frameOf(rows, columns, n_factors) {
  const upTo = (/** @type {number} */ n) => Int32Array.from({ length: n }, (_, k) => k);
  return {
    n_factors,
    global_mean: 3.5,
    ...packed({
      user_idx: [upTo(rows), [rows]],
      item_idx: [upTo(columns), [columns]],
      user_factors: [noise(rows * n_factors), [rows, n_factors]],
      item_factors: [noise(columns * n_factors), [columns, n_factors]],
      user_bias: [noise(rows), [rows]],
      item_bias: [noise(columns), [columns]],
    }),
  };
}

/**
 * A window in which every second cell has no rating.
 *
 * @param {number} rows
 * @param {number} columns
 */
function blockOf(rows, columns) {
  const size = rows * columns;
  return {
    rows,
    columns,
    ratings: Float32Array.from({ length: size }, () => 0.5 + 4.5 * Math.random()),
    parts: Uint8Array.from({ length: size }, (_, k) => (k % 2 ? 254 : k % 5 ? 0 : 2)),
    shares: null,
    hidden: null,
    predictions: new Float32Array(size),
    deviations: null,
    differences: null,
    residuals: new Float32Array(size),
  };
}

/** @param {import("../matrix-picture.js").Block} block */
function subtract({ ratings, parts, predictions, residuals }) {
  if (!predictions || !residuals) return;
  for (let k = 0; k < parts.length; k++)
    residuals[k] = parts[k] < 254 ? ratings[k] - predictions[k] : Number.NaN;
}

/**
 * @param {number} rows
 * @param {number} columns
 * @param {number} n_factors
 * @param {number} cell device pixels
 */
function bench(rows, columns, n_factors, cell) {
  const message = frameOf(rows, columns, n_factors);
  const block = blockOf(rows, columns);
  /** @type {import("../matrix-picture.js").Picture} */
  const picture = {
    grid: { rows, columns, cell, gap: cell >= 3 ? 1 : 0 },
    ratio: 1,
    labelled: false,
    palette: PALETTE,
    rating_scale: [0.5, 5],
  };
  const pixels = ALL.map(() => new Uint32Array(rows * columns * cell * cell));
  const viewport = { user: 0, item: 0, rows, columns, cell, gap: 0 };
  const strips = [true, false].map((users) => stripOf(users, viewport, n_factors, STRIP));
  const images = strips.map(({ xs, ys, columns: x, rows: y }) => new Uint32Array(xs[x] * ys[y]));
  const users = new RowOf(rows);
  const items = new RowOf(columns);
  const scale = new FactorScale();

  /** @param {readonly import("../matrix-picture.js").PictureKind[]} kinds */
  function draw(kinds) {
    const { source, tables } = decodeFrame(message, message.buffers).moment;
    if (!source || !tables.user || !tables.item) throw new Error("the sample frame has factors");
    users.set(source.user_idx);
    items.set(source.item_idx);
    const rowsOf = (/** @type {RowOf} */ row, /** @type {Int32Array} */ of) => of.map((k) => row.get(k));
    predict(source, rowsOf(users, source.user_idx), rowsOf(items, source.item_idx), block.predictions);
    subtract(block);
    for (const [k, kind] of kinds.entries())
      paint(kind, block, picture, cellColors(kind, block, picture), pixels[k]);
    const factors = [tables.user.values, tables.item.values];
    scale.update(0, factors);
    for (const [k, strip] of strips.entries()) {
      const values = transposed(factors[k], strip, n_factors);
      const colors = new Uint32Array(values.length);
      colorAll({ table: PALETTE.diverging, low: -scale.bound, high: scale.bound }, values, colors, 1);
      fill(strip, colors, images[k], 1);
    }
  }
  return { frame: timed(() => draw(MOVING)), window: timed(() => draw(ALL)) };
}

/**
 * @param {Float32Array} table (n, n_factors)
 * @param {{rows: number, columns: number}} strip
 * @param {number} n_factors
 */
function transposed(table, { rows, columns }, n_factors) {
  const values = new Float32Array(rows * columns);
  for (let c = 0; c < columns; c++)
    for (let r = 0; r < rows; r++) values[r * columns + c] = table[c * n_factors + r];
  return values;
}

/** @param {() => void} draw */
function timed(draw) {
  const times = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const start = performance.now();
    draw();
    if (round >= WARM_UP) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { median: times[ROUNDS / 2], slow: times[Math.floor(ROUNDS * 0.95)] };
}

stdout.write("                                   a frame             the window moves\n");
stdout.write("  users x items  factors  cell   median ms   95% ms   median ms   95% ms\n");
for (const [rows, columns, n_factors, cell] of [
  [72, 144, 12, 4],
  [72, 144, 32, 8],
  [400, 400, 32, 1],
  [400, 400, 32, 2],
  [400, 400, 32, 4],
  [400, 400, 128, 2],
]) {
  const { frame, window } = bench(rows, columns, n_factors, cell);
  const size = `${rows} x ${columns}`.padStart(15);
  const over = window.slow > BUDGET ? `  over ${BUDGET} ms` : "";
  const figures = [frame.median, frame.slow, window.median, window.slow];
  const text = figures.map((ms, k) => ms.toFixed(2).padStart(k % 2 ? 9 : 12)).join("");
  stdout.write(`${size}${String(n_factors).padStart(9)}${String(cell).padStart(6)}${text}${over}\n`);
}
