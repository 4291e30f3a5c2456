import assert from "node:assert/strict";
import { test } from "node:test";
import { FactorScale, reach, roundUp } from "../factor-scale.js";

/** @param {number} size */
const within = (size) => [Float32Array.of(-size, 0, size / 2)];

test("the colours hold still while factors grow into them, and go on to the next step", () => {
  const scale = new FactorScale();
  const bounds = [0.3, 0.4, 0.5, 0.55, 0.9, 0.8].map((size) => {
    scale.update(1, within(size));
    return scale.bound;
  });
  assert.deepEqual(bounds, [0.5, 0.5, 0.5, 1, 1, 1]);
});

test("a new run begins with colours of its own, and far smaller factors get closer ones", () => {
  const scale = new FactorScale();
  scale.update(1, within(4));
  scale.update(2, within(0.3));
  assert.equal(scale.bound, 0.5);
  scale.update(2, within(0.05));
  assert.equal(scale.bound, 0.05);
});

test("a few outliers and what is no number don't count", () => {
  const values = new Float32Array(2000).fill(0.5);
  values[7] = 100;
  values[8] = Number.NaN;
  assert.equal(reach([values]), 0.5);
  assert.equal(reach([]), 0);
});

test("bounds are 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual([0, 0.021, 0.05, 0.7, 1.01, 3, 60].map(roundUp), [1, 0.05, 0.05, 1, 2, 5, 100]);
});

test("factors that are all zero have colours around zero", () => {
  const scale = new FactorScale();
  scale.update(1, [new Float32Array(4)]);
  assert.equal(scale.bound, 1);
  scale.update(1, within(0.3));
  assert.equal(scale.bound, 1);
});
