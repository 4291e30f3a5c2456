import assert from "node:assert/strict";
import { test } from "node:test";
import { choices, countDomain, GENRE_COLORS, itemColors, meanDomain } from "../map-colors.js";
import { dotsOf, enclosed, nearest, nextDot, pathOf, toScreen } from "../map-geometry.js";
import { covers, overlap, placeNames } from "../map-names.js";
import { MapScale, reachOf, roundUp } from "../map-scale.js";
import { moment } from "./samples.js";

const SIZE = { width: 400, height: 200 };

/** Numbers that look random and are the same each time. */
function numbers(seed = 1) {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

/**
 * @param {[number, number][]} items
 * @param {[number, number][]} [users]
 */
const places = (items, users = []) => ({
  user_idx: Int32Array.from(users, (_, k) => 100 + k),
  item_idx: Int32Array.from(items, (_, k) => 10 + k),
  users: Float32Array.from(users.flat()),
  items: Float32Array.from(items.flat()),
});

/** @param {number} n */
function cloud(n, seed = 3) {
  const next = numbers(seed);
  return dotsOf(places(Array.from({ length: n }, () => [4 * next() - 2, 2 * next() - 1])), SIZE, 1);
}

test("the origin is in the middle, up is up, and a step is as long across as up", () => {
  assert.deepEqual(toScreen(0, 0, SIZE, 2), { x: 200, y: 100 });
  assert.deepEqual(toScreen(1, 1, SIZE, 2), { x: 250, y: 50 });
  assert.equal(toScreen(0, 2, SIZE, 2).y, 0);
});

test("points know who they are, which lie outside, and those without a place are left out", () => {
  const dots = dotsOf(
    places(
      [
        [0, 0],
        [9, 0],
        [Number.NaN, 1],
      ],
      [[0.5, -0.5]],
    ),
    SIZE,
    1,
  );
  assert.deepEqual(
    dots.map(({ kind, index, k, inside }) => [kind, index, k, inside]),
    [
      ["item", 10, 0, true],
      ["item", 11, 1, false],
      ["user", 100, 0, true],
    ],
  );
});

test("the nearest point within reach is found, and none that lies outside", () => {
  const dots = dotsOf(
    places([
      [0, 0],
      [0.1, 0],
      [9, 0],
    ]),
    SIZE,
    1,
  );
  assert.equal(nearest(dots, { x: 207, y: 101 })?.index, 11);
  assert.equal(nearest(dots, { x: 250, y: 100 }), null);
  assert.equal(nearest(dots, { x: 250, y: 100 }, Number.POSITIVE_INFINITY)?.index, 11);
  assert.equal(nearest(dots, { x: 1100, y: 100 }), null);
});

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`an arrow leads to a point in its direction, or nowhere, and from any point to every other (${seed})`, () => {
    const dots = cloud(60, seed);
    const ways = [
      { x: 1, y: 0 },
      { x: -1, y: 0 },
      { x: 0, y: 1 },
      { x: 0, y: -1 },
    ];
    const inside = dots.filter((dot) => dot.inside);
    const reached = new Set(inside.slice(0, 1));
    for (const from of reached) {
      for (const way of ways) {
        const to = nextDot(dots, from, way);
        if (to === from) continue;
        const ahead = (to.x - from.x) * way.x + (to.y - from.y) * way.y;
        const aside = Math.abs((to.x - from.x) * way.y - (to.y - from.y) * way.x);
        assert.ok(to.inside && ahead > 0 && ahead >= aside);
        reached.add(to);
      }
    }
    assert.equal(reached.size, inside.length);
  });
}

test("a line encloses what lies within it, whichever way it runs, in its bays not", () => {
  const dots = dotsOf(
    places([
      [0, 0],
      [0.5, 0],
      [-0.5, 0.5],
      [9, 0],
    ]),
    SIZE,
    1,
  );
  const bay = [
    { x: 120, y: 20 },
    { x: 280, y: 20 },
    { x: 280, y: 180 },
    { x: 230, y: 180 },
    { x: 230, y: 60 },
    { x: 120, y: 60 },
  ];
  const inside = (/** @type {{x: number, y: number}[]} */ line) =>
    enclosed(dots, line).map(({ index }) => index);
  assert.deepEqual(inside(bay), [11, 12]);
  assert.deepEqual(inside(bay.toReversed()), [11, 12]);
  assert.deepEqual(inside([{ x: 0, y: 0 }]), []);
});

test("a path goes by epoch through the moments that know of the point", () => {
  const at = (/** @type {[number, number]} */ place) => ({ ...moment(null), map: places([[9, 9], place]) });
  /** @type {[number, import("../types.js").Moment][]} */
  const moments = [
    [5, at([3, 4])],
    [0, at([1, 2])],
    [2, moment(null)],
    [3, at([Number.NaN, 0])],
  ];
  assert.deepEqual(pathOf(moments, "item", 11), [
    { epoch: 0, x: 1, y: 2 },
    { epoch: 5, x: 3, y: 4 },
  ]);
  assert.deepEqual(pathOf(moments, "user", 11), []);
});

test("the scale holds still while points travel, and grows in steps", () => {
  const scale = new MapScale();
  const bounds = [0.9, 0.95, 0.7, 0.4, 1.2, 1.4, 1.2].map((reach) => {
    scale.update(1, 3, reach, 4);
    return scale.bound;
  });
  assert.deepEqual(bounds, [1, 1, 1, 1, 1.5, 1.5, 1.5]);
});

test("before training there is room for it; another run and far smaller factors begin anew", () => {
  const scale = new MapScale();
  const bounds = [
    [1, 0, 0.1],
    [1, 1, 0.45],
    [1, 2, 0.05],
    [2, 4, 0.3],
    [2, 4, 0],
    [3, 0, 2],
    [4, 0, 0.5],
  ].map(([run, epoch, reach]) => {
    scale.update(run, epoch, reach, 4);
    return scale.bound;
  });
  assert.deepEqual(bounds, [0.5, 0.5, 0.05, 0.3, 0.3, 3, 1]);
});

test("the scale is at most half as much again as wanted", () => {
  const next = numbers();
  for (let k = 0; k < 200; k++) {
    const value = 10 ** (6 * next() - 3);
    const up = roundUp(value);
    assert.ok(up >= value * (1 - 1e-6) && up <= ((value * 5) / 3) * (1 + 1e-6), `${value} ${up}`);
  }
});

test("most points are inside, and neither a few far out nor NaN count", () => {
  const near = new Float32Array(200).fill(0.5);
  near[0] = 100;
  near[2] = Number.NaN;
  assert.equal(reachOf([near], 1), 0.5);
  assert.equal(reachOf([Float32Array.of(4, 1)], 2), 2);
  assert.equal(reachOf([Float32Array.of(4, 1)], 8), 1);
  assert.equal(reachOf([], 1), 0);
});

/** @param {{text: string}} candidate */
const measure = ({ text }) => 6 * text.length;

for (const seed of [1, 2, 3, 4]) {
  test(`names lie apart, on the map, over no point, and are 12 at most (${seed})`, () => {
    const points = cloud(80, seed);
    const wanted = points.map(({ index, x, y }) => ({ key: `${index}`, text: `name ${index}`, x, y }));
    const named = placeNames(wanted, points, measure, SIZE, 12);
    assert.ok(named.length > 3 && named.length <= 12);
    const areas = named.map(({ candidate, x, y }) => ({
      left: x,
      right: x + measure(candidate),
      top: y - 6.5,
      bottom: y + 6.5,
    }));
    areas.forEach((area, k) => {
      assert.ok(area.left >= 0 && area.right <= SIZE.width && area.top >= 0 && area.bottom <= SIZE.height);
      assert.ok(!covers(area, points));
      for (const other of areas.slice(k + 1)) assert.ok(!overlap(area, other));
    });
  });
}

test("what is needed is named though it covers points, what is wanted first is named first", () => {
  const points = [
    { x: 100, y: 100 },
    { x: 115, y: 100 },
    { x: 85, y: 100 },
  ];
  const one = { key: "a", text: "abcdef", x: 100, y: 100 };
  assert.deepEqual(placeNames([one], points, measure, SIZE, 12), []);
  assert.equal(placeNames([{ ...one, needed: true }], points, measure, SIZE, 12)[0].x, 106);
  const other = { key: "b", text: "abcdef", x: 101, y: 104 };
  const [first, ...more] = placeNames([one, other], [], measure, SIZE, 1);
  assert.deepEqual([first.candidate.key, more.length], ["a", 0]);
});

test("a name goes to the left of its point where there is no room at its right", () => {
  const [{ x }] = placeNames([{ key: "a", text: "abcdef", x: 390, y: 50 }], [], measure, SIZE, 12);
  assert.equal(x, 390 - 6 - 36);
});

/** @returns {import("../types.js").Points} */
const points = (more = {}) => ({
  user_idx: Int32Array.of(100),
  item_idx: Int32Array.of(10, 11, 12),
  user_count: Int32Array.of(9),
  item_count: Int32Array.of(300, 20, 2),
  user_mean: Float32Array.of(3),
  item_mean: Float32Array.of(4.4, 2.6, Number.NaN),
  item_genre: Int32Array.of(1, -1, 0),
  user_ids: ["u"],
  item_ids: ["a", "b", "c"],
  user_titles: null,
  item_titles: null,
  usual_users: 1,
  usual_items: 3,
  genres: ["Drama", "War"],
  ...more,
});
const look = {
  scale: /** @type {[number, number]} */ ([0.5, 5]),
  table: Uint32Array.from({ length: 256 }, (_, k) => k),
  dark: false,
};

test("there are colours of what is known alone", () => {
  assert.deepEqual(choices(points(), true), ["mean rating", "activity", "genre"]);
  assert.deepEqual(choices(points({ genres: [] }), false), ["activity"]);
});

test("mean ratings have the colours of the scale between whole steps, genres one each, activity by its logarithm", () => {
  assert.deepEqual(meanDomain(points().item_mean, [0.5, 5]), [2.5, 4.5]);
  assert.deepEqual(meanDomain(Float32Array.of(3, 3), [1, 5]), [3, 3.5]);
  assert.deepEqual(meanDomain(Float32Array.of(Number.NaN), [1, 5]), [1, 5]);
  const [high, low, none] = itemColors(points(), "mean rating", look);
  assert.match(none, /^#/);
  const red = (/** @type {string} */ color) => Number(/\d+/.exec(color)?.[0]);
  assert.ok(red(high) > 230 && red(low) < 25);
  const genres = itemColors(points(), "genre", look);
  assert.deepEqual(genres, [GENRE_COLORS.light[1], GENRE_COLORS.light[7], GENRE_COLORS.light[0]]);
  assert.deepEqual(countDomain(points().item_count), [2, 300]);
  assert.deepEqual(itemColors(points(), "activity", look).map(red), [255, 108, 0]);
});

test("the hues of genres are told apart from the ground and from each other, in both themes", () => {
  for (const hues of Object.values(GENRE_COLORS)) assert.equal(new Set(hues).size, 8);
});
