import assert from "node:assert/strict";
import { test } from "node:test";
import {
  colorAll,
  colorOf,
  luminance,
  pack,
  parseHex,
  RATING_STOPS,
  ramp,
  unpackPixel,
  wantsLightInk,
} from "../colors.js";

/** @param {number} pixel */
const light = (pixel) => luminance(unpackPixel(pixel));

for (const [theme, stops] of Object.entries(RATING_STOPS)) {
  test(`ratings, ${theme}: lightness runs one way only, so that the order can be seen without colour`, () => {
    const table = ramp(stops);
    const sign = theme === "light" ? -1 : 1;
    // Steps of four levels: one level may be less than what 8 bits a channel can tell.
    for (let k = 4; k < table.length; k++) {
      assert.ok(sign * (light(table[k]) - light(table[k - 4])) > 0, `at ${k}`);
    }
  });

  test(`ratings, ${theme}: the stops are where they belong`, () => {
    const table = ramp(stops);
    assert.deepEqual([...unpackPixel(table[0])], [...parseHex(stops[0])]);
    assert.deepEqual([...unpackPixel(table[255])], [...parseHex(stops[8])]);
  });
}

test("a pixel lies in memory as red, green, blue, alpha", () => {
  const bytes = new Uint8Array(Uint32Array.of(pack([1, 2, 3])).buffer);
  assert.deepEqual([...bytes], [1, 2, 3, 255]);
});

test("values beyond the scale take the colour of its end, unknown ones their own", () => {
  const scale = { table: ramp(RATING_STOPS.light), low: 0.5, high: 5 };
  const out = new Uint32Array(5);
  colorAll(scale, Float32Array.of(-3, 0.5, 5, 11, Number.NaN), out, 42);
  assert.deepEqual([...out], [scale.table[0], scale.table[0], scale.table[255], scale.table[255], 42]);
});

test("one value and many get the same colours", () => {
  const scale = { table: ramp(RATING_STOPS.dark), low: 1, high: 5 };
  const values = Float32Array.from({ length: 50 }, (_, k) => k / 8);
  const out = new Uint32Array(50);
  colorAll(scale, values, out, 0);
  values.forEach((value, k) => {
    assert.equal(out[k], colorOf(scale, value));
  });
});

test("a scale of a single rating has a colour", () => {
  const scale = { table: ramp(RATING_STOPS.light), low: 3, high: 3 };
  assert.equal(colorOf(scale, 3), scale.table[0]);
});

test("ink on a cell reads at 4.5 to 1 or close to it", () => {
  for (const stops of Object.values(RATING_STOPS)) {
    for (const pixel of ramp(stops)) {
      const on = light(pixel) + 0.05;
      const ink = wantsLightInk(pixel) ? 1.05 / on : on / (luminance([21, 23, 28]) + 0.05);
      assert.ok(ink > 4.2, `${unpackPixel(pixel)} gives ${ink.toFixed(2)}`);
    }
  }
});
