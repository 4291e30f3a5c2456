import assert from "node:assert/strict";
import { test } from "node:test";
import { bandOf, isFree, placeName } from "../loss-names.js";

const ROOM = { left: 10, right: 210, top: 0, bottom: 100 };
const NAME = { at: 50, width: 60 };

/** @param {{x: number, y: number}[][]} lines */
const beside = (...lines) => {
  const bands = lines.map((points) => bandOf(points, 220));
  return (/** @type {import("../loss-names.js").Area} */ area) => isFree(area, bands, []);
};

test("a line is where its points and what joins them are, and nowhere else", () => {
  const free = beside([
    { x: 20, y: 0 },
    { x: 120, y: 100 },
  ]);
  const at = (/** @type {number} */ x, /** @type {number} */ y) =>
    free({ left: x - 2, right: x + 2, top: y - 2, bottom: y + 2 });
  for (let x = 25; x < 115; x += 5) assert.ok(!at(x, x - 20), `on it at ${x}`);
  for (let x = 25; x < 115; x += 5) assert.ok(at(x, x - 30) && at(x, x - 10), `beside it at ${x}`);
  assert.ok(at(10, 0) && at(140, 100));
});

test("a name stands at the left above its line, where nothing runs", () => {
  assert.deepEqual(placeName(NAME, ROOM, null, beside()), { x: 10, side: "above", y: 45 });
});

test("a name gives way to a loss that falls through it, to the side or below", () => {
  const steep = beside([
    { x: 10, y: 0 },
    { x: 30, y: 44 },
    { x: 90, y: 56 },
    { x: 210, y: 56 },
  ]);
  const place = placeName(NAME, ROOM, null, steep);
  assert.equal(place.side, "above");
  assert.equal(place.x, 58);
  const flat = beside([
    { x: 10, y: 40 },
    { x: 210, y: 48 },
  ]);
  assert.equal(placeName(NAME, ROOM, null, flat).side, "below");
});

test("a name stays where it was while that is free, though others are", () => {
  const kept = { x: 90, side: /** @type {const} */ ("below") };
  assert.deepEqual(placeName(NAME, ROOM, kept, beside()), { ...kept, y: 64 });
  const through = beside([
    { x: 80, y: 60 },
    { x: 160, y: 60 },
  ]);
  assert.equal(placeName(NAME, ROOM, kept, through).x, 10);
});

test("a name stays in the frame, and off other texts", () => {
  assert.equal(placeName({ at: 8, width: 60 }, ROOM, null, beside()).side, "below");
  assert.equal(placeName(NAME, { ...ROOM, right: 120 }, { x: 90, side: "above" }, beside()).x, 10);
  const text = { left: 0, right: 40, top: 30, bottom: 70 };
  const place = placeName(NAME, ROOM, null, (area) => isFree(area, [], [text]));
  assert.ok(place.x > 40);
});

test("where nothing is free a name stands at the left", () => {
  assert.deepEqual(
    placeName(NAME, ROOM, null, () => false),
    { x: 10, side: "above", y: 45 },
  );
});
