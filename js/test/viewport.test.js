import assert from "node:assert/strict";
import { test } from "node:test";
import {
  arrangement,
  clamp,
  contains,
  devicePixels,
  fittingCell,
  nextCell,
  rectOf,
  reveal,
  STEPS,
  windowAround,
} from "../viewport.js";

test("three matrices stand in a row from 640 CSS pixels of the widget on, in cells that grow with it", () => {
  const widths = [480, 639, 640, 1000, 1099, 1100, 1439, 1440, 1600];
  assert.deepEqual(
    widths.map((width) => arrangement(width).columns),
    [1, 1, 3, 3, 3, 3, 3, 3, 3],
  );
  assert.deepEqual(
    [480, 640, 900, 1000, 1100, 1439, 1440, 1600].map((width) => arrangement(width).cell),
    [4, 2, 2, 2, 3, 3, 4, 4],
  );
  assert.deepEqual(
    [480, 900, 1200, 1600].map((width) => arrangement(width).plot),
    [266, 314, 266, 314],
  );
});

test("a row never has more columns than there are matrices", () => {
  for (const width of [640, 1200, 1600]) {
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((n) => arrangement(width, n).columns),
      [1, 1, 2, 3, 3],
    );
  }
});

for (const n_matrices of [0, 1, 2, 3]) {
  test(`what is in view at first lies in the window that comes with ${n_matrices} matrices, 96 x 160`, () => {
    for (let width = 480; width <= 2400; width += 7) {
      const { columns, cell, height } = arrangement(width, n_matrices);
      const panel = (width - 24 - (columns - 1) * (width < 1100 ? 16 : 24)) / columns;
      assert.ok(height / cell <= 96, `rows at ${width}`);
      assert.ok(panel / cell <= 160, `columns at ${width}`);
    }
  });
}

test("cells are whole device pixels on every screen", () => {
  for (const ratio of [0.75, 1, 1.1, 1.25, 1.5, 2, 3]) {
    for (const cell of STEPS)
      assert.ok(devicePixels(cell, ratio) >= 1 && Number.isInteger(devicePixels(cell, ratio)));
  }
});

test("zoom goes up and down the ladder and stops at its ends", () => {
  assert.equal(nextCell(4, 1), 5);
  assert.equal(nextCell(4, -1), 3);
  assert.equal(nextCell(40, 1), 40);
  assert.equal(nextCell(1, -2), 1);
});

test("a small matrix takes the largest cell it fits in, a large one the default", () => {
  const room = () => ({ width: 500, height: 240 });
  assert.equal(fittingCell(10, 6, room, 4), 32);
  assert.equal(fittingCell(5, 5, room, 4), 40);
  assert.equal(fittingCell(610, 9724, room, 4), 4);
  assert.equal(fittingCell(20, 30, room, 4), 12);
});

test("the view never leaves the matrix and is never larger than it", () => {
  const view = { user: 600, item: -20, rows: 72, columns: 125, cell: 3 };
  assert.deepEqual(rectOf(clamp(view, 610, 9724)), { users: [538, 610], items: [0, 125] });
  assert.deepEqual(rectOf(clamp(view, 10, 6)), { users: [0, 10], items: [0, 6] });
});

test("the view follows the keyboard's cell as little as it can", () => {
  const view = { user: 10, item: 10, rows: 5, columns: 5, cell: 26 };
  assert.deepEqual(reveal(view, 12, 12), view);
  assert.equal(reveal(view, 15, 12).user, 11);
  assert.equal(reveal(view, 9, 12).user, 9);
  assert.equal(reveal(view, 12, 30).item, 26);
});

test("a request holds the view with half as much on each side, inside the matrix", () => {
  const asked = windowAround({ users: [100, 172], items: [1000, 1144] }, 610, 9724);
  assert.deepEqual(asked, { users: [64, 208], items: [928, 1216] });
  const corner = windowAround({ users: [0, 72], items: [0, 144] }, 610, 9724);
  assert.deepEqual(corner.users[0], 0);
  assert.ok(contains(corner, { users: [0, 72], items: [0, 144] }));
});

test("no request asks for more than 512 x 1024, and every one holds the view", () => {
  for (const [rows, columns] of [
    [60, 144],
    [400, 900],
    [512, 1024],
  ]) {
    for (const user of [0, 77, 5000 - rows]) {
      const view = {
        users: /** @type {[number, number]} */ ([user, user + rows]),
        items: /** @type {[number, number]} */ ([9, 9 + columns]),
      };
      const asked = windowAround(view, 5000, 20000);
      assert.ok(asked.users[1] - asked.users[0] <= 512);
      assert.ok(asked.items[1] - asked.items[0] <= 1024);
      assert.ok(contains(asked, view), JSON.stringify([view, asked]));
    }
  }
});

test("compact, matrices are small and within the window that is there at first", () => {
  for (const width of [640, 900, 1000]) {
    const { columns, cell, height, plot } = arrangement(width, 3, true);
    assert.deepEqual({ columns, cell, height, plot }, { columns: 3, cell: 2, height: 146, plot: 172 });
    assert.ok((width - 24 - 32) / 3 <= cell * 160);
  }
  assert.ok(arrangement(480, 3, true).cell < arrangement(480, 3).cell);
});
