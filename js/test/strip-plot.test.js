import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, cellAt, edges, fill, shows, stripOf } from "../strip-plot.js";

const VIEW = { user: 30, item: 200, rows: 72, columns: 123, cell: 4 };

for (const ratio of [1, 1.25, 2]) {
  for (const users of [true, false]) {
    test(`the cells of ${users ? "users" : "items"} fill the frame, and each leads back to itself, at ${ratio}`, () => {
      const strip = stripOf(users, VIEW, 30, { width: 363, height: 147, ratio });
      assert.equal(strip.columns, users ? 72 : 123);
      assert.equal(strip.xs[strip.columns], Math.floor(363 * ratio));
      assert.equal(strip.ys[strip.rows], Math.round(147 * ratio));
      for (const column of [0, 1, 40, strip.columns - 1]) {
        for (const factor of [0, 13, 29]) {
          const at = strip.first + column;
          const cell = users ? { user: at, item: -1, factor } : { user: -1, item: at, factor };
          assert.ok(shows(strip, cell));
          const { left, top, right, bottom } = boxOf(strip, cell);
          assert.deepEqual(cellAt(strip, { x: (left + right) / 2, y: (top + bottom) / 2 }), cell);
        }
      }
      assert.equal(cellAt(strip, { x: -1, y: 5 }), null);
      assert.equal(cellAt(strip, { x: 5, y: 148 }), null);
    });
  }
}

test("columns are whole pixels that differ by one at most, whatever their number", () => {
  for (const [n, size] of [
    [72, 363],
    [123, 363],
    [1, 40],
    [363, 363],
  ]) {
    const xs = edges(n, size);
    const widths = xs.slice(1).map((x, k) => x - xs[k]);
    assert.ok(Math.max(...widths) - Math.min(...widths) <= 1);
    assert.equal(
      widths.reduce((sum, width) => sum + width),
      size,
    );
  }
});

test("more factors or columns than pixels are shown as far as they go, few are not blown up", () => {
  const room = { width: 100, height: 50, ratio: 1 };
  const many = stripOf(false, VIEW, 200, room);
  assert.deepEqual([many.rows, many.columns], [50, 100]);
  const few = stripOf(true, { ...VIEW, rows: 1 }, 1, room);
  assert.deepEqual([few.xs.at(-1), few.ys.at(-1)], [64, 40]);
});

test("pixels have the colour of their cell, and ground between large cells", () => {
  const strip = stripOf(true, { ...VIEW, rows: 3 }, 2, { width: 70, height: 60, ratio: 1 });
  assert.equal(strip.gap, 1);
  const pixels = new Uint32Array(strip.xs[3] * strip.ys[2]);
  fill(strip, Uint32Array.of(1, 2, 3, 4, 5, 6), pixels, 9);
  const at = (/** @type {number} */ x, /** @type {number} */ y) => pixels[y * strip.xs[3] + x];
  for (let r = 0; r < 2; r++) {
    for (let c = 0; c < 3; c++) {
      for (const x of [strip.xs[c], strip.xs[c + 1] - 2]) {
        for (const y of [strip.ys[r], strip.ys[r + 1] - 2]) assert.equal(at(x, y), 3 * r + c + 1);
      }
      assert.equal(at(strip.xs[c + 1] - 1, strip.ys[r]), 9);
      assert.equal(at(strip.xs[c], strip.ys[r + 1] - 1), 9);
    }
  }
  assert.ok(!pixels.includes(0));
});
