import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, cellAt, follow, placeOf, plotOf } from "../factor-plot.js";
import { Stage } from "../stage.js";

/** @param {number} n_factors */
const table = (n_factors) => ({ n_factors, values: new Float32Array(0) });

function stage(ratio = 1, n_users = 610, n_items = 9724) {
  const made = new Stage(n_users, n_items, () => Math.round(32 * ratio));
  made.layout({ width: 430, cell: 3, height: 216, ratio });
  return made;
}

for (const ratio of [1, 1.25, 2]) {
  for (const users of [true, false]) {
    test(`a factor's own middle leads back to it, ${users ? "users" : "items"} at ${ratio}`, () => {
      const s = stage(ratio);
      s.moveTo({ user: 100, item: 2000 });
      const plot = plotOf(s, users, table(16));
      assert.equal(users ? plot.columns : plot.rows, 16);
      assert.ok(plot.left + plot.columns * plot.width <= 430 * ratio);
      assert.ok(plot.top + plot.rows * plot.height <= s.height * ratio);
      const own = users ? { user: 107, item: -1 } : { user: -1, item: 2007 };
      for (const factor of [0, 15]) {
        const { left, top, right, bottom } = boxOf(s, plot, { ...own, factor });
        const middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
        assert.deepEqual(cellAt(s, plot, middle), { ...own, factor });
      }
    });
  }
}

test("users go down as in the matrix, items across as in the matrix", () => {
  const s = stage();
  const { cell } = s.plot;
  const [users, items] = [plotOf(s, true, table(8)), plotOf(s, false, table(8))];
  assert.deepEqual([users.height, users.rows], [cell, s.viewport.rows]);
  assert.deepEqual([items.width, items.columns], [cell, s.viewport.columns]);
});

test("more factors than there are pixels are shown as far as they go", () => {
  const { rows, height } = plotOf(stage(), false, table(1000));
  assert.deepEqual([rows, height], [216, 1]);
});

test("a point outside is no cell", () => {
  const s = stage(1, 10, 6);
  const plot = plotOf(s, true, table(2));
  assert.equal(cellAt(s, plot, { x: 400, y: 40 }), null);
  assert.equal(cellAt(s, plot, { x: 40, y: 2 }), null);
});

test("keys walk along the factors and along the users or items, and stop at the ends", () => {
  const s = stage();
  const plot = plotOf(s, true, table(4));
  let cell = follow(s, plot, { user: 0, item: -1, factor: 0 }, { by: "cell", users: 1, items: 1 });
  assert.deepEqual(cell, { user: 1, item: -1, factor: 1 });
  cell = follow(s, plot, cell, { by: "cell", users: 0, items: 10 });
  assert.equal(cell.factor, 3);
  cell = follow(s, plot, cell, { by: "end", users: 1, items: -1 });
  assert.deepEqual(cell, { user: 609, item: -1, factor: 0 });
  const { row } = placeOf(s, plot, cell);
  assert.ok(row >= 0 && row < s.viewport.rows, "the view followed");
});
