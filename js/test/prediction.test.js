import assert from "node:assert/strict";
import { test } from "node:test";
import { deviate, extent, predict, RowOf } from "../prediction.js";

/** @param {number} users @param {number} items @param {number} n_factors */
function example(users, items, n_factors) {
  let state = 7;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  const fill = (/** @type {number} */ size) => Float32Array.from({ length: size }, next);
  return {
    n_factors,
    rating_range: null,
    global_mean: 3.5,
    user_idx: Int32Array.from({ length: users }, (_, k) => k),
    item_idx: Int32Array.from({ length: items }, (_, k) => k),
    user_factors: fill(users * n_factors),
    item_factors: fill(items * n_factors),
    user_bias: fill(users),
    item_bias: fill(items),
  };
}

for (const n_factors of [0, 1, 2, 3, 4, 7, 12, 32]) {
  test(`with ${n_factors} factors it is the mean, the biases and the dot product`, () => {
    const factors = example(5, 9, n_factors);
    const users = [4, 0, 2];
    const items = [8, 1, 1, 5];
    const out = new Float32Array(12);
    predict(factors, users, items, out);
    users.forEach((user, r) => {
      items.forEach((item, c) => {
        let expected = 3.5 + factors.user_bias[user] + factors.item_bias[item];
        for (let k = 0; k < n_factors; k++) {
          expected += factors.user_factors[user * n_factors + k] * factors.item_factors[item * n_factors + k];
        }
        assert.ok(Math.abs(out[r * 4 + c] - expected) < 1e-5);
      });
    });
  });
}

test("predictions are not clipped to the rating scale", () => {
  const factors = { ...example(1, 1, 0), global_mean: 9 };
  const out = new Float32Array(1);
  predict(factors, [0], [0], out);
  assert.ok(out[0] > 5);
});

test("users and items that the frame does not hold have no prediction", () => {
  const out = new Float32Array(4);
  predict(example(2, 2, 3), [-1, 1], [0, -1], out);
  assert.deepEqual(
    [...out].map((value) => Number.isNaN(value)),
    [true, true, false, true],
  );
});

test("the extent leaves out what is not known", () => {
  assert.deepEqual(extent(Float32Array.of(Number.NaN, 2, -1, 4)), [-1, 4]);
  assert.equal(extent(Float32Array.of(Number.NaN)), null);
});

test("rows are found by index, and those of an earlier frame are forgotten", () => {
  const rows = new RowOf(10);
  rows.set(Int32Array.of(7, 3));
  assert.deepEqual([rows.get(7), rows.get(3), rows.get(0), rows.get(-1)], [0, 1, -1, -1]);
  rows.set(Int32Array.of(3, 9));
  assert.deepEqual([rows.get(7), rows.get(3), rows.get(9)], [-1, 0, 1]);
});

test("predictions of a block are looked up, not known where its rows or columns are not", () => {
  const block = {
    user_idx: Int32Array.of(3, 5),
    item_idx: Int32Array.of(1, 2, 4),
    predictions: Float32Array.of(1, 2, 3, 4, 5, 6),
  };
  const out = new Float32Array(6);
  predict(block, [1, -1], [2, 0, -1], out);
  assert.deepEqual([...out], [6, 4, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});

test("log-odds are squashed into the range of the ratings", () => {
  const factors = example(3, 5, 2);
  const plain = new Float32Array(15);
  predict(factors, [0, 1, 2], [0, 1, 2, 3, 4], plain);
  const squashed = new Float32Array(15);
  predict({ ...factors, rating_range: [1, 5] }, [0, 1, 2], [0, 1, 2, 3, 4], squashed);
  for (const [at, sum] of plain.entries()) {
    assert.ok(Math.abs(squashed[at] - (1 + 4 / (1 + Math.exp(-sum)))) < 1e-5);
  }
});

test("how sure a model is goes by the same rows as what it predicts", () => {
  const source = {
    user_idx: Int32Array.of(4, 7),
    item_idx: Int32Array.of(1, 2, 3),
    predictions: Float32Array.of(1, 2, 3, 4, 5, 6),
    deviations: Float32Array.of(10, 20, 30, 40, 50, 60),
  };
  const out = new Float32Array(4);
  assert.equal(deviate(source, [1, -1], [2, 0], out), true);
  assert.deepEqual([...out], [60, 40, Number.NaN, Number.NaN]);
  const { deviations, ...without } = source;
  assert.equal(deviations.length, 6);
  assert.equal(deviate(without, [1], [2], out), false);
});
