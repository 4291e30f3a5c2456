import assert from "node:assert/strict";
import { test } from "node:test";
import { UNKNOWN, UNSEEN } from "../cells.js";
import { expand, frameCell, hatch, holeSize, punch } from "../pixels.js";

const GROUND = 9;

/** @param {Uint32Array} pixels @param {number} width */
const rows = (pixels, width) =>
  Array.from({ length: pixels.length / width }, (_, r) =>
    [...pixels.subarray(r * width, (r + 1) * width)].join(""),
  );

test("a cell becomes a square of whole pixels", () => {
  const grid = { rows: 2, columns: 2, width: 3, height: 3, gap: 0 };
  const pixels = new Uint32Array(36);
  expand(grid, Uint32Array.of(1, 2, 3, 4), pixels, GROUND);
  assert.deepEqual(rows(pixels, 6), ["111222", "111222", "111222", "333444", "333444", "333444"]);
});

test("a gap parts the cells on their right and below", () => {
  const grid = { rows: 1, columns: 2, width: 3, height: 3, gap: 1 };
  const pixels = new Uint32Array(18);
  expand(grid, Uint32Array.of(1, 2), pixels, GROUND);
  assert.deepEqual(rows(pixels, 6), ["119229", "119229", "999999"]);
});

test("a test cell has a hole in its middle, a validation cell a slit, a train cell neither", () => {
  const grid = { rows: 1, columns: 4, cell: 3, gap: 0 };
  const pixels = new Uint32Array(36).fill(1);
  punch(grid, Uint8Array.of(0, 1, 2, UNSEEN), pixels, GROUND);
  assert.deepEqual(rows(pixels, 12), ["111111111111", "111999191111", "111111111111"]);
});

test("a hole is centred to the pixel, about a third wide, and leaves a rim", () => {
  assert.equal(holeSize(1), 0);
  assert.equal(holeSize(2), 0);
  for (let size = 3; size <= 80; size++) {
    const hole = holeSize(size);
    assert.equal((size - hole) % 2, 0, `${size} and ${hole} have one middle`);
    assert.ok(hole >= 1 && hole < size);
    assert.ok(Math.abs(hole - size / 3) <= 1, `${hole} is about a third of ${size}`);
  }
});

test("what is unknown is hatched, and the hatch runs on from cell to cell", () => {
  const grid = { rows: 1, columns: 3, cell: 2, gap: 0 };
  const pixels = new Uint32Array(12).fill(1);
  const parts = Uint8Array.of(UNKNOWN, 0, UNKNOWN);
  hatch(grid, (k) => parts[k] === UNKNOWN, pixels, { ground: 7, line: 8, step: 4 });
  assert.deepEqual(rows(pixels, 6), ["871187", "771177"]);
});

test("a frame lies inside its cell and leaves the value's place", () => {
  const grid = { rows: 1, columns: 2, cell: 6, gap: 1 };
  const pixels = new Uint32Array(72).fill(1);
  frameCell(grid, 1, pixels, { inset: 1, width: 1, color: 5 });
  assert.deepEqual(rows(pixels, 12).slice(0, 5), [
    "111111111111",
    "111111155511",
    "111111151511",
    "111111155511",
    "111111111111",
  ]);
});
