import assert from "node:assert/strict";
import { test } from "node:test";
import { Stage } from "../stage.js";

/** @param {number} ratio */
function stage(ratio = 1, n_users = 610, n_items = 9724) {
  const made = new Stage(n_users, n_items, () => Math.round(32 * ratio));
  made.layout({ width: 576, cell: 4, height: 240, ratio });
  return made;
}

for (const ratio of [1, 1.25, 2]) {
  test(`a cell's own middle leads back to it at ${ratio} device pixels`, () => {
    const s = stage(ratio);
    for (let k = 0; k < 8; k++) {
      const { user, item, rows, columns } = s.viewport;
      for (const cell of [
        { user, item },
        { user: user + rows - 1, item: item + columns - 1 },
      ]) {
        const { left, top, right, bottom } = s.boxOf(cell);
        assert.deepEqual(s.cellAt({ x: (left + right) / 2, y: (top + bottom) / 2 }), cell);
        assert.ok(right <= 576 + 1e-9 && bottom <= s.height + 1e-9, "cells lie inside the frame");
      }
      s.zoom(1, null);
    }
  });

  test(`zooming keeps what lies under the pointer there, at ${ratio}`, () => {
    const s = stage(ratio);
    s.moveTo({ user: 300, item: 4000 });
    const pointer = { x: 333, y: 150 };
    const cell = s.cellAt(pointer);
    for (const steps of [1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1]) {
      s.zoom(steps, pointer);
      assert.deepEqual(s.cellAt(pointer), cell, `at ${s.viewport.cell} px`);
    }
  });
}

test("the frame keeps its height as the zoom changes, but for the band of names", () => {
  const s = stage();
  const heights = new Set();
  for (let k = 0; k < 12; k++) {
    heights.add(`${s.labelled} ${s.height}`);
    s.zoom(1, null);
  }
  assert.equal(heights.size, 2);
});

test("ten users and six items are shown whole, with room for names and values", () => {
  const s = stage(1, 10, 6);
  assert.deepEqual(s.rect, { users: [0, 10], items: [0, 6] });
  assert.ok(s.labelled);
  assert.equal(s.canZoom.out, false);
});

test("a zoom chosen by hand survives a resize, the default follows the width", () => {
  const s = stage();
  const first = s.viewport.cell;
  s.layout({ width: 430, cell: 3, height: 216, ratio: 1 });
  assert.notEqual(s.viewport.cell, first);
  s.zoom(1, null);
  const chosen = s.viewport.cell;
  s.layout({ width: 576, cell: 4, height: 240, ratio: 1 });
  assert.equal(s.viewport.cell, chosen);
});

test("keys walk by cells, pages and to the ends, and the view follows", () => {
  const s = stage();
  const { rows } = s.viewport;
  let cell = s.follow({ user: 0, item: 0 }, { by: "cell", users: -1, items: 0 });
  assert.deepEqual(cell, { user: 0, item: 0 });
  cell = s.follow(cell, { by: "page", users: 1, items: 0 });
  assert.deepEqual(cell, { user: rows, item: 0 });
  assert.ok(s.shows(cell));
  cell = s.follow(cell, { by: "end", users: 1, items: 1 });
  assert.deepEqual(cell, { user: 609, item: 9723 });
  assert.ok(s.shows(cell));
});

test("a point outside the cells is no cell", () => {
  const s = stage(1, 10, 6);
  assert.equal(s.cellAt({ x: 570, y: 200 }), null);
  assert.equal(s.cellAt({ x: 60, y: 20 }), null);
});
