/** Colour scales as lookup tables of packed pixels (little-endian RGBA, as ImageData lies in memory). */

/** Ratings and predictions, low to high: far from the ground is high in both themes. */
export const RATING_STOPS = {
  light: ["#eff9bd", "#d5eeb3", "#a9ddb7", "#73c9bd", "#45b4c2", "#2897bf", "#2073b2", "#234ea0", "#1c3185"],
  dark: ["#2a3a86", "#27509f", "#2467ac", "#267fb4", "#3197b9", "#4cadba", "#7cc3b5", "#b3dab0", "#eaf4b2"],
};

/** Below to above zero; the middle is a grey apart from the ground, so that zero and nothing differ. */
export const DIVERGING_STOPS = {
  light: ["#7f3803", "#b45f10", "#d98f3a", "#ecc48d", "#e4e4e6", "#c9bbdd", "#a084c6", "#7d4fb0", "#5a2890"],
  dark: ["#ffb163", "#e08a35", "#a8622a", "#68492f", "#37383c", "#4d4066", "#7655a3", "#a67dd6", "#d6b8f7"],
};

/** From sure, which is near the ground, to unsure: a hue that ratings don't have. */
export const DEVIATION_STOPS = {
  light: ["#f6f0f8", "#dfcbe6", "#c29fd1", "#a06fb6", "#7c4695", "#572376"],
  dark: ["#2b2431", "#463256", "#674681", "#8c63a6", "#b58fd0", "#e2c9f4"],
};

const LEVELS = 256;

/** @param {string} hex "#rrggbb" */
export function parseHex(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return /** @type {const} */ ([(value >> 16) & 255, (value >> 8) & 255, value & 255]);
}

/** @param {readonly number[]} rgb */
export function pack([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** @param {number} pixel */
export function unpackPixel(pixel) {
  return /** @type {const} */ ([pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]);
}

/** @param {number} pixel */
export function cssColor(pixel) {
  return `rgb(${unpackPixel(pixel).join(" ")})`;
}

/**
 * A colour between two.
 *
 * @param {number} first pixel
 * @param {number} second pixel
 * @param {number} share of the second
 */
export function mix(first, second, share) {
  const [a, b] = [unpackPixel(first), unpackPixel(second)];
  const between = (/** @type {0 | 1 | 2} */ k) => Math.round(a[k] + share * (b[k] - a[k]));
  return pack([between(0), between(1), between(2)]);
}

/**
 * @param {string[]} stops evenly spaced
 * @returns {Uint32Array} (256,)
 */
export function ramp(stops) {
  const colors = stops.map(parseHex);
  const table = new Uint32Array(LEVELS);
  for (let level = 0; level < LEVELS; level++) {
    const at = (level / (LEVELS - 1)) * (colors.length - 1);
    const left = Math.min(Math.floor(at), colors.length - 2);
    const share = at - left;
    table[level] = pack(
      colors[left].map((value, k) => Math.round(value + share * (colors[left + 1][k] - value))),
    );
  }
  return table;
}

/**
 * Relative luminance as WCAG 2 defines it.
 *
 * @param {readonly number[]} rgb
 */
export function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Whether white reads better than near-black on a colour.
 *
 * @param {number} pixel
 */
export function wantsLightInk(pixel) {
  const on = luminance(unpackPixel(pixel));
  return 1.05 / (on + 0.05) > (on + 0.05) / 0.058;
}

/**
 * @typedef {Object} Scale
 * @property {Uint32Array} table
 * @property {number} low
 * @property {number} high
 */

/**
 * @param {Scale} scale
 * @param {number} value values outside the scale take the colour of its end
 */
export function colorOf({ table, low, high }, value) {
  const level = Math.round(((value - low) / (high - low || 1)) * (LEVELS - 1));
  return table[level < 0 ? 0 : level >= LEVELS ? LEVELS - 1 : level];
}

/**
 * Colours of many values.
 *
 * @param {Scale} scale
 * @param {Float32Array} values
 * @param {Uint32Array} out
 * @param {number} unknown for NaN
 */
export function colorAll({ table, low, high }, values, out, unknown) {
  const factor = (LEVELS - 1) / (high - low || 1);
  for (let k = 0; k < values.length; k++) {
    const level = (values[k] - low) * factor + 0.5;
    // NaN fails both comparisons and the truncation makes it 0: it is told apart last.
    const color = table[level < 0 ? 0 : level >= LEVELS ? LEVELS - 1 : level | 0];
    out[k] = Number.isNaN(level) ? unknown : color;
  }
}
