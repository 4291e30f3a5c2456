import assert from "node:assert/strict";
import { test } from "node:test";
import { predict } from "../prediction.js";
import { Steady } from "../steady.js";
import { logOdds, MOST, predictionAt, termsOf } from "../terms.js";
import { moment } from "./samples.js";

/** Numbers that look random and are the same each time. */
function draw(/** @type {number} */ n, seed = 1) {
  return Float32Array.from({ length: n }, (_, k) => Math.sin(seed * 91.7 + k * 12.9));
}

/** @returns {import("../types.js").Factors} */
function factors(/** @type {number} */ n_factors, more = {}) {
  return {
    n_factors,
    rating_range: null,
    global_mean: 3.5,
    user_idx: Int32Array.of(4, 9),
    item_idx: Int32Array.of(1, 2, 3),
    user_factors: draw(2 * n_factors, 1),
    item_factors: draw(3 * n_factors, 2),
    user_bias: draw(2, 3),
    item_bias: draw(3, 4),
    ...more,
  };
}

test("the terms add up to the prediction, whatever the number of factors", () => {
  for (const n of [0, 1, MOST, MOST + 1, 40]) {
    for (const rating_range of /** @type {any[]} */ ([null, [0, 1]])) {
      const source = factors(n, { rating_range });
      const { first, factors: others, sum } = termsOf(source, 1, 2);
      const total = [...first, ...others].reduce((value, { product }) => value + product, 0);
      assert.ok(Math.abs(total - sum) < 1e-9);
      const out = new Float32Array(1);
      predict(source, [1], [2], out);
      const shown = rating_range ? 1 / (1 + Math.exp(-sum)) : sum;
      assert.ok(Math.abs(out[0] - shown) < 1e-5);
      assert.ok(others.length <= MOST);
    }
  }
});

test("factors that add or take most come first, the rest are one", () => {
  const { factors: others } = termsOf(factors(30), 0, 1);
  const sizes = others.slice(0, MOST - 1).map(({ product }) => Math.abs(product));
  assert.deepEqual(
    sizes,
    [...sizes].sort((a, b) => b - a),
  );
  assert.equal(others[MOST - 1].name, `${30 - MOST + 1} more factors`);
  const { factors: few } = termsOf(factors(3), 0, 1);
  assert.deepEqual(few.map(({ name }) => name).sort(), ["factor 1", "factor 2", "factor 3"]);
});

test("a model without constant and biases has no terms of them", () => {
  const none = { global_mean: 0, user_bias: new Float32Array(2), item_bias: new Float32Array(3) };
  assert.deepEqual(termsOf(factors(2, none), 0, 0).first, []);
  assert.equal(termsOf(factors(2, { ...none, user_bias: draw(2) }), 0, 0).first.length, 3);
});

test("the prediction of a moment is found by index", () => {
  const source = factors(4);
  const out = new Float32Array(1);
  predict(source, [1], [0], out);
  assert.equal(predictionAt(moment(source), 9, 1), out[0]);
  assert.ok(Number.isNaN(predictionAt(moment(source), 5, 1)));
  assert.ok(Number.isNaN(predictionAt(moment(null), 9, 1)));
});

test("log-odds are what the logistic function makes a rating of", () => {
  const odds = logOdds(2, [1, 5]);
  assert.ok(Math.abs(1 + 4 / (1 + Math.exp(-odds)) - 2) < 1e-12);
  assert.deepEqual(
    [logOdds(1, [0, 1]), logOdds(0, [0, 1])],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
});

test("a steady domain holds all it has seen, never shrinks and begins anew with another key", () => {
  for (const grain of [1, 0.5]) {
    const steady = new Steady(5, grain);
    let before = steady.widen("a", [3, 3]);
    assert.ok(before.low < before.high);
    for (let k = 0; k < 200; k++) {
      const value = 3 + k * Math.sin(k * 7.3) * 0.02;
      const { low, high, step } = steady.widen("a", [value, Number.NaN, Number.POSITIVE_INFINITY]);
      assert.ok(low <= value + 1e-5 && value <= high + 1e-5);
      assert.ok(low <= before.low + 1e-9 && high >= before.high - 1e-9, `${k}`);
      assert.ok((high - low) / step <= 5 + 2);
      before = { low, high, step };
    }
    const again = steady.widen("b", [0, 1]);
    assert.deepEqual([again.low, again.high], [0, 1]);
  }
});

test("what lies within a steady domain doesn't move it", () => {
  const steady = new Steady(4);
  const first = steady.widen("a", [0.13, 0.91]);
  for (const value of [0.2, 0.5, 0.9]) assert.deepEqual(steady.widen("a", [value]), first);
});
