import assert from "node:assert/strict";
import { test } from "node:test";
import { UNKNOWN, UNSEEN } from "../cells.js";
import { DIVERGING_STOPS, ramp } from "../colors.js";
import { errorsInWords } from "../matrices.js";
import { boundOf, cellColors, residualBound } from "../matrix-picture.js";

test("the colours of residuals end at about half of what ratings span", () => {
  const bounds = [
    [0.5, 5],
    [1, 5],
    [1, 10],
    [0, 100],
    [0, 1],
    [3, 3],
  ].map(([low, high]) => residualBound([low, high]));
  assert.deepEqual(bounds, [2, 2, 4, 50, 0.5, 1]);
});

test("a prediction too high and one too low differ, and none differs from no error", () => {
  const diverging = ramp(DIVERGING_STOPS.light);
  const palette = /** @type {any} */ ({ diverging, bare: 7, ground: 8 });
  const block = {
    rows: 1,
    columns: 4,
    ratings: Float32Array.of(1, 5, 3, Number.NaN),
    parts: Uint8Array.of(0, 0, 2, UNSEEN),
    shares: null,
    hidden: null,
    predictions: null,
    deviations: null,
    differences: null,
    residuals: Float32Array.of(-9, 9, 0, Number.NaN),
  };
  const colors = cellColors("residuals", block, /** @type {any} */ ({ palette, rating_scale: [1, 5] }));
  assert.deepEqual([...colors], [diverging[0], diverging[255], diverging[128], 7]);
});

test("the errors in view are told part by part", () => {
  const residuals = Float32Array.of(1, -3, 2, Number.NaN, 5, 5);
  const parts = Uint8Array.of(0, 0, 2, 0, UNSEEN, UNKNOWN);
  assert.equal(errorsInWords(residuals, parts), "here: train 2.24, test 2.00");
  assert.equal(errorsInWords(Float32Array.of(), Uint8Array.of()), "");
});

test("what two runs differ by is coloured in every cell, on a scale half as wide", () => {
  const diverging = ramp(DIVERGING_STOPS.light);
  const palette = /** @type {any} */ ({ diverging, bare: 7, ground: 8 });
  const block = {
    rows: 1,
    columns: 3,
    ratings: Float32Array.of(1, 5, Number.NaN),
    parts: Uint8Array.of(0, 2, UNSEEN),
    shares: null,
    hidden: null,
    predictions: null,
    deviations: null,
    differences: Float32Array.of(-1, 0, 1),
    residuals: null,
  };
  const picture = /** @type {any} */ ({ palette, rating_scale: [1, 5] });
  assert.equal(boundOf("differences", [1, 5]), 1);
  const colors = cellColors("differences", block, picture);
  assert.deepEqual([...colors], [diverging[0], diverging[128], diverging[255]]);
});
