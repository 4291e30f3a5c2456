import assert from "node:assert/strict";
import { test } from "node:test";
import { spread, tickStep, ticks } from "../ticks.js";

test("ticks are round numbers, no more than asked for", () => {
  for (const span of [0.013, 0.5, 1, 7, 60, 100, 12345]) {
    const step = tickStep(span, 6);
    assert.ok(span / step <= 6 + 1e-9);
    assert.ok([1, 2, 5].some((digit) => Math.abs(Math.log10(step / digit) % 1) < 1e-9));
  }
  assert.equal(tickStep(3, 10, true), 1);
});

test("ticks lie in the domain, without the noise of floating point", () => {
  assert.deepEqual(ticks(0.55, 1.07, 0.1), [0.6, 0.7, 0.8, 0.9, 1]);
  assert.deepEqual(ticks(0, 60, 20), [0, 20, 40, 60]);
  assert.deepEqual(ticks(0.3, 0.3, 1), []);
});

test("labels that have room stay where they belong", () => {
  assert.deepEqual(spread([10, 50, 90], 14, 0, 100), [10, 50, 90]);
});

test("labels that would touch are parted, keep their order and stay inside", () => {
  for (const wanted of [
    [50, 51],
    [51, 50],
    [50, 50, 50],
    [0, 1, 2],
    [99, 100, 100],
    [10, 12, 60, 61, 62],
  ]) {
    const placed = spread(wanted, 14, 0, 100);
    const order = wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b] || a - b);
    for (let k = 1; k < order.length; k++) assert.ok(placed[order[k]] - placed[order[k - 1]] >= 14 - 1e-9);
    for (const place of placed) assert.ok(place >= -1e-9 && place <= 100 + 1e-9, `${wanted} to ${placed}`);
  }
});
