import assert from "node:assert/strict";
import { test } from "node:test";
import { Cells, UNKNOWN, UNSEEN } from "../cells.js";
import { windowData } from "./samples.js";

/** @param {Cells} cells @param {[number, number]} users @param {[number, number]} items */
function read(cells, users, items) {
  const size = (users[1] - users[0]) * (items[1] - items[0]);
  const ratings = new Float32Array(size);
  const parts = new Uint8Array(size);
  const known = cells.read({ users, items }, ratings, parts);
  return { ratings, parts, known };
}

test("what was never fetched is unknown, what was fetched and not rated is unseen", () => {
  const cells = new Cells();
  cells.add(windowData([0, 2], [0, 2], [[1, 0, 4.5, 2]]));
  const { parts, ratings, known } = read(cells, [0, 3], [0, 2]);
  assert.deepEqual([...parts], [UNSEEN, UNSEEN, 2, UNSEEN, UNKNOWN, UNKNOWN]);
  assert.equal(ratings[2], 4.5);
  assert.equal(known, false);
  assert.equal(read(cells, [0, 2], [0, 2]).known, true);
});

test("windows add up, whatever their overlap and wherever they lie", () => {
  /** @type {[number, number, number, number][]} */
  const all = [];
  for (let user = 0; user < 200; user++) {
    for (let item = 0; item < 150; item++)
      if ((user * 31 + item * 17) % 7 === 0) all.push([user, item, user % 5, item % 3]);
  }
  const cells = new Cells();
  for (const [users, items] of /** @type {[[number, number], [number, number]][]} */ ([
    [
      [0, 130],
      [0, 90],
    ],
    [
      [60, 200],
      [40, 150],
    ],
    [
      [0, 70],
      [63, 150],
    ],
    [
      [127, 200],
      [0, 65],
    ],
  ])) {
    cells.add(windowData(users, items, all));
  }
  const { parts, ratings, known } = read(cells, [0, 200], [0, 150]);
  assert.equal(known, true);
  assert.equal(parts.filter((part) => part < UNSEEN).length, all.length);
  for (const [user, item, rating, part] of all) {
    assert.equal(parts[user * 150 + item], part);
    assert.equal(ratings[user * 150 + item], rating);
    assert.deepEqual(cells.at(user, item), { rating, part });
  }
});

test("a window fetched again replaces what it covers", () => {
  const cells = new Cells();
  cells.add(
    windowData(
      [0, 2],
      [0, 2],
      [
        [0, 0, 3, 0],
        [1, 1, 4, 0],
      ],
    ),
  );
  cells.add(windowData([0, 1], [0, 2], [[0, 1, 2, 2]]));
  assert.equal(cells.at(0, 0).part, UNSEEN);
  assert.deepEqual(cells.at(0, 1), { rating: 2, part: 2 });
  assert.equal(cells.at(1, 1).rating, 4);
});

test("memory stays bounded: the windows used longest ago are let go", () => {
  const cells = new Cells();
  for (let k = 0; k < 1100; k++) cells.add(windowData([0, 1], [k * 64, k * 64 + 1], [[0, k * 64, 1, 0]]));
  assert.ok(cells.tiles.size <= 1024);
  assert.equal(cells.at(0, 0).part, UNKNOWN);
  assert.equal(cells.at(0, 1099 * 64).part, 0);
});

test("the version tells that there is something new to draw", () => {
  const cells = new Cells();
  const before = cells.version;
  cells.add(windowData([0, 1], [0, 1], []));
  assert.notEqual(cells.version, before);
});
