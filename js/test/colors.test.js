import assert from "node:assert/strict";
import { test } from "node:test";
import {
  colorAll,
  colorOf,
  DEVIATION_STOPS,
  DIVERGING_STOPS,
  luminance,
  pack,
  parseHex,
  RATING_STOPS,
  ramp,
  unpackPixel,
  wantsLightInk,
} from "../colors.js";
import { GENRE_COLORS } from "../map-colors.js";

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

/**
 * As those see a colour who lack one kind of cones: Machado, Oliveira and Fernandes, "A Physiologically-based Model for
 * Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009, table 1 at full severity, in linear light.
 */
const VISION = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

/** @param {readonly number[]} rgb @param {number[]} matrix @returns {number[]} CIELAB as seen so */
function seen(rgb, matrix) {
  const linear = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  const [r, g, b] = [0, 3, 6].map((k) =>
    Math.min(1, Math.max(0, matrix[k] * linear[0] + matrix[k + 1] * linear[1] + matrix[k + 2] * linear[2])),
  );
  const f = (/** @type {number} */ t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** @param {string} one @param {string} other @param {number[]} matrix how far apart they look */
function apart(one, other, matrix) {
  const [a, b] = [seen(parseHex(one), matrix), seen(parseHex(other), matrix)];
  return Math.hypot(...a.map((value, k) => value - b[k]));
}

for (const [vision, matrix] of Object.entries(VISION)) {
  test(`with ${vision}, above and below zero are told apart from each other and from zero`, () => {
    for (const stops of Object.values(DIVERGING_STOPS)) {
      const middle = stops[4];
      for (const k of [0, 1, 2]) {
        assert.ok(apart(stops[k], stops[8 - k], matrix) > 20, `${stops[k]} and ${stops[8 - k]}`);
        assert.ok(apart(stops[k], middle, matrix) > 15, `${stops[k]} and ${middle}`);
        assert.ok(apart(stops[8 - k], middle, matrix) > 15, `${stops[8 - k]} and ${middle}`);
      }
    }
  });

  test(`with ${vision}, each rating looks other than the next, and no two genres look alike`, () => {
    for (const stops of [...Object.values(RATING_STOPS), ...Object.values(DEVIATION_STOPS)])
      for (let k = 1; k < stops.length; k++)
        assert.ok(apart(stops[k - 1], stops[k], matrix) > 4, `${stops[k - 1]} and ${stops[k]}`);
    for (const hues of Object.values(GENRE_COLORS))
      for (const [k, one] of hues.entries())
        for (const other of hues.slice(k + 1))
          assert.ok(apart(one, other, matrix) > 16, `${one} and ${other}`);
  });
}
