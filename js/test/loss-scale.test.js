import assert from "node:assert/strict";
import { test } from "node:test";
import { axisText, lastShown, linePath, lossDomain } from "../loss-scale.js";

/** @param {number[]} train RMSE @param {number[]} test */
const rows = (train, test) =>
  train.map((loss, epoch) => ({ epoch, train: loss, validation: Number.NaN, test: test[epoch] }));

test("the baseline is in the frame from the start, and so are both lines", () => {
  assert.ok(lossDomain([], 1.04).high > 1.04);
  const { low, high } = lossDomain(rows([1.04, 0.7, 0.5], [1.05, 0.9, 0.95]), 1.04);
  assert.ok(low < 0.5 && high > 1.05);
});

test("the frame holds still while losses move within a tick", () => {
  const frames = new Set();
  for (let loss = 0.88; loss > 0.845; loss -= 0.001) {
    frames.add(JSON.stringify(lossDomain(rows([1.04, loss], [1.04, 0.9]), 1.04)));
  }
  assert.equal(frames.size, 1);
});

test("an untrained model far above the rest leaves the frame once the run is near the baseline", () => {
  assert.ok(lossDomain(rows([3.7], [3.7]), 1.04).high > 3.7);
  assert.ok(lossDomain(rows([3.7, 1.0], [3.7, 1.02]), 1.04).high < 1.5);
});

test("a loss that grows stays in sight", () => {
  assert.ok(lossDomain(rows([1, 2, 8], [1, 2, 9]), 1.04).high > 9);
});

test("infinite and missing losses do not break the frame", () => {
  const { low, high, step } = lossDomain(rows([1, Number.POSITIVE_INFINITY], [Number.NaN, Number.NaN]), null);
  assert.ok([low, high, step].every(Number.isFinite) && low < high);
});

test("a path leaves out what is missing", () => {
  assert.equal(
    linePath([
      { x: 0, y: 1 },
      { x: 1, y: Number.NaN },
      { x: 2, y: 3.123 },
    ]),
    "M0 1L2 3.1",
  );
  assert.equal(linePath([]), "");
});

test("a long history keeps its ends and extremes with few points", () => {
  const points = Array.from({ length: 20000 }, (_, k) => ({
    x: (k / 20000) * 400,
    y: k === 12345 ? -50 : Math.sin(k),
  }));
  const path = linePath(points);
  assert.ok(path.split("L").length < 2000);
  assert.ok(path.includes(" -50"), "the spike is there");
  assert.ok(path.startsWith("M0 0") && path.includes("L400 "));
});

test("the epoch axis ends at the planned epoch, unless that would press the curves flat", () => {
  assert.equal(lastShown(0, 30), 30);
  assert.equal(lastShown(45, 60), 60);
  assert.equal(lastShown(3, 100_000), 100);
  const ends = Array.from({ length: 2000 }, (_, epoch) => lastShown(epoch, 100_000));
  assert.ok(ends.every((end, epoch) => end >= epoch));
  assert.ok(new Set(ends).size <= 6);
  assert.equal(lastShown(90_000, 100_000), 100_000);
});

test("ticks have the digits their step needs", () => {
  assert.deepEqual([axisText(0.85, 0.05), axisText(1.5, 0.5), axisText(1900, 100)], ["0.85", "1.5", "1900"]);
});
