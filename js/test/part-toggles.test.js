import assert from "node:assert/strict";
import { test } from "node:test";
import { UNKNOWN, UNSEEN } from "../cells.js";
import { cellColors, paint } from "../matrix-picture.js";
import { hides, kindsOf } from "../part-toggles.js";
import { summary } from "./samples.js";

/** @import { Palette } from "../theme.js" */

const names = (/** @type {object} */ more, predicts = true) =>
  kindsOf(summary(more), predicts).map(({ name }) => name);

test("there is a toggle for each kind of cell that there is", () => {
  assert.deepEqual(names({}), ["train", "test", "unseen"]);
  assert.deepEqual(names({ n_validation: 1 }), ["train", "validation", "test", "unseen"]);
  assert.deepEqual(names({}, false), ["train", "test"]);
  assert.deepEqual(names({ n_test: 0 }), ["rated", "unseen"]);
  assert.deepEqual(names({ n_test: 0 }, false), []);
  assert.deepEqual(names({ n_ratings: 0, n_test: 0 }), []);
});

test("cells are hidden by their part", () => {
  const parts = Uint8Array.of(0, 2, UNSEEN, UNKNOWN);
  assert.equal(hides(parts, new Set()), null);
  assert.deepEqual([...(hides(parts, new Set([2, UNSEEN])) ?? [])], [0, 1, 1, 0]);
});

const GROUND = 7;
const table = Uint32Array.from({ length: 256 }, (_, k) => 1000 + k);
const palette = /** @type {Palette} */ (
  /** @type {unknown} */ ({
    ratings: table,
    diverging: table,
    deviations: table,
    ground: GROUND,
    bare: 8,
    line: 9,
  })
);
const picture = {
  grid: { rows: 1, columns: 4, cell: 3, gap: 0 },
  ratio: 1,
  labelled: false,
  palette,
  rating_scale: /** @type {[number, number]} */ ([0.5, 5]),
};

test("a hidden cell has the colour of the ground in every picture, and no mark", () => {
  const parts = Uint8Array.of(0, 2, UNSEEN, 0);
  const block = {
    rows: 1,
    columns: 4,
    ratings: Float32Array.of(1, 2, 0, 4),
    parts,
    shares: null,
    hidden: hides(parts, new Set([2, UNSEEN])),
    predictions: Float32Array.of(1, 2, 3, 4),
    deviations: null,
    differences: null,
    residuals: Float32Array.of(1, 1, Number.NaN, 1),
  };
  for (const kind of /** @type {const} */ (["ratings", "predictions", "residuals"])) {
    const ground = kind === "residuals" ? 8 : GROUND;
    const colors = cellColors(kind, block, picture);
    assert.deepEqual(
      [...colors].map((color) => color === ground),
      [false, true, true, false],
      kind,
    );
    const pixels = new Uint32Array(4 * 9);
    paint(kind, block, picture, colors, pixels);
    for (let y = 0; y < 3; y++)
      assert.ok(
        pixels.subarray(12 * y + 3, 12 * y + 9).every((pixel) => pixel === ground),
        kind,
      );
  }
  const shown = { ...block, hidden: null };
  const pixels = new Uint32Array(4 * 9);
  paint("ratings", shown, picture, cellColors("ratings", shown, picture), pixels);
  assert.equal(pixels[12 + 4], GROUND);
  assert.notEqual(pixels[3], GROUND);
});
