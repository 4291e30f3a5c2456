/** The pictures of a window as pixels: ratings, parts, predictions, how sure and how wrong these are. */

/** @import { Grid } from "./pixels.js" */
/** @import { Palette } from "./theme.js" */
/** @import { Scale } from "./colors.js" */

import { UNKNOWN, UNSEEN } from "./cells.js";
import { colorAll, colorOf, mix, pack, wantsLightInk } from "./colors.js";
import { fixed, signed } from "./format.js";
import { expand, fillRect, frameCell, hatch, punch } from "./pixels.js";
import { extent } from "./prediction.js";

const LIGHT = pack([255, 255, 255]);
const DARK = pack([21, 23, 28]);

/** @typedef {import("./types.js").PanelName | "deviations" | "differences"} PictureKind */

/**
 * What is in view, cell by cell.
 *
 * @typedef {Object} Block
 * @property {number} rows
 * @property {number} columns
 * @property {Float32Array} ratings
 * @property {Uint8Array} parts
 * @property {Float32Array | null} shares of bins, what part of their ratings is not for training; null of cells
 * @property {Uint8Array | null} hidden 1 where a cell is not shown
 * @property {Float32Array | null} predictions NaN where not known
 * @property {Float32Array | null} deviations of the predictions; NaN where not known
 * @property {Float32Array | null} differences from what a pinned run predicts; NaN where either is not known
 * @property {Float32Array | null} residuals rating - prediction; NaN where either is not known
 */

/**
 * @typedef {Object} Picture
 * @property {Grid} grid
 * @property {number} ratio device pixels a CSS pixel
 * @property {boolean} labelled
 * @property {Palette} palette
 * @property {[number, number]} rating_scale
 */

/**
 * Colour of every cell.
 *
 * @param {PictureKind} kind
 * @param {Block} block
 * @param {Picture} picture
 * @returns {Uint32Array}
 */
export function cellColors(kind, block, picture) {
  const colors = allColors(kind, block, picture);
  const { hidden } = block;
  const ground = groundOf(kind, picture.palette);
  if (hidden) for (let k = 0; k < colors.length; k++) if (hidden[k]) colors[k] = ground;
  return colors;
}

/**
 * @param {PictureKind} kind
 * @param {Palette} palette
 */
function groundOf(kind, { bare, ground }) {
  return kind === "residuals" ? bare : ground;
}

/**
 * @param {PictureKind} kind
 * @param {Block} block
 * @param {Picture} picture
 * @returns {Uint32Array}
 */
function allColors(kind, block, { palette, rating_scale }) {
  const { ratings, parts, shares } = block;
  const ground = groundOf(kind, palette);
  const scale = scaleOf(palette, rating_scale);
  const colors = new Uint32Array(parts.length);
  const values = modelled(kind, block);
  if (values !== undefined) {
    if (values) colorAll(modelScale(kind, values, palette, rating_scale), values, colors, ground);
    else colors.fill(ground);
    return colors;
  }
  const byPart = [palette.train, palette.validation, palette.test];
  for (let k = 0; k < parts.length; k++) {
    if (parts[k] >= UNSEEN) colors[k] = ground;
    else if (kind !== "split") colors[k] = colorOf(scale, ratings[k]);
    else colors[k] = shares ? mix(palette.train, palette.test, shares[k]) : byPart[parts[k]];
  }
  return colors;
}

/**
 * What the model says of every cell, where that is what is shown: null before it says anything.
 *
 * @param {PictureKind} kind
 * @param {Block} block
 * @returns {Float32Array | null | undefined}
 */
function modelled(kind, { predictions, deviations, residuals, differences }) {
  if (kind === "predictions") return predictions;
  if (kind === "residuals") return residuals;
  if (kind === "differences") return differences;
  return kind === "deviations" ? deviations : undefined;
}

/**
 * @param {PictureKind} kind
 * @param {Float32Array} values
 * @param {Palette} palette
 * @param {[number, number]} rating_scale
 * @returns {Scale}
 */
function modelScale(kind, values, palette, rating_scale) {
  if (kind === "residuals" || kind === "differences") {
    const bound = boundOf(kind, rating_scale);
    return { table: palette.diverging, low: -bound, high: bound };
  }
  const [low, high] = (kind === "deviations" && extent(values)) || rating_scale;
  return { table: kind === "deviations" ? palette.deviations : palette.ratings, low, high };
}

/**
 * The residual whose colour is the end of the scale: about half of what ratings span.
 *
 * @param {[number, number]} rating_scale
 */
export function residualBound([low, high]) {
  return Number(((high - low) / 2.01 || 1).toPrecision(1));
}

/**
 * The end of a diverging scale. Two runs differ by less than either does from the ratings.
 *
 * @param {PictureKind} kind
 * @param {[number, number]} rating_scale
 */
export function boundOf(kind, rating_scale) {
  return kind === "differences" ? residualBound(rating_scale) / 2 : residualBound(rating_scale);
}

/**
 * @param {Palette} palette
 * @param {[number, number]} rating_scale
 * @returns {Scale}
 */
export function scaleOf(palette, [low, high]) {
  return { table: palette.ratings, low, high };
}

/**
 * @param {PictureKind} kind
 * @param {Block} block
 * @param {Picture} picture
 * @param {Uint32Array} colors from `cellColors`
 * @param {Uint32Array} pixels (rows * cell, columns * cell)
 */
export function paint(kind, block, picture, colors, pixels) {
  const { grid, palette, labelled, ratio } = picture;
  const { hidden } = block;
  // What is hidden looks as if there were no rating.
  const parts = hidden ? block.parts.map((part, k) => (hidden[k] ? UNSEEN : part)) : block.parts;
  const ground = groundOf(kind, palette);
  expand({ ...grid, width: grid.cell, height: grid.cell }, colors, pixels, ground);
  const step = Math.max(4, Math.round(6 * ratio));
  const lines = { ground, line: palette.line, step };
  const values = kind === "residuals" ? undefined : modelled(kind, block);
  if (values !== undefined) {
    if (values && partly(values, grid)) hatch(grid, (k) => Number.isNaN(values[k]), pixels, lines);
    return;
  }
  if (labelled) frames(kind, parts, picture, colors, pixels);
  else punch(grid, parts, pixels, ground);
  if (parts.includes(UNKNOWN)) hatch(grid, (k) => parts[k] === UNKNOWN, pixels, lines);
}

/**
 * Whether some are missing. They miss by the row or by the column, so one of each tells.
 *
 * @param {Float32Array} values
 * @param {Grid} grid
 */
function partly(values, { rows, columns }) {
  for (let c = 0; c < columns; c++) if (Number.isNaN(values[c])) return true;
  for (let r = 0; r < rows; r++) if (Number.isNaN(values[r * columns])) return true;
  return false;
}

/**
 * Large cells carry their value, so the mark of a part is a frame around it in place of a hole.
 *
 * @param {PictureKind} kind
 * @param {Uint8Array} parts
 * @param {Picture} picture
 * @param {Uint32Array} colors
 * @param {Uint32Array} pixels
 */
function frames(kind, parts, { grid, ratio, palette }, colors, pixels) {
  const size = grid.cell - grid.gap;
  const stride = grid.columns * grid.cell;
  const width = Math.round(2 * ratio);
  const inset = kind === "split" ? width : Math.round(2 * ratio);
  for (let k = 0; k < parts.length; k++) {
    if (parts[k] !== 1 && parts[k] !== 2) continue;
    if (kind === "split") {
      const left = (k % grid.columns) * grid.cell;
      const x = left + (parts[k] === 2 ? inset : 0);
      const y = Math.floor(k / grid.columns) * grid.cell + inset;
      fillRect(pixels, stride, x, y, size - 2 * (x - left), size - 2 * inset, palette.ground);
    } else {
      const color = wantsLightInk(colors[k]) ? LIGHT : DARK;
      frameCell(grid, k, pixels, { inset, width: Math.round(1.5 * ratio), color, open: parts[k] === 1 });
    }
  }
}

/**
 * Values written into large cells.
 *
 * @param {CanvasRenderingContext2D} context with its origin at the first cell
 * @param {PictureKind} kind
 * @param {Block} block
 * @param {Picture} picture
 * @param {Uint32Array} colors
 */
export function writeValues(context, kind, block, { grid, ratio, palette }, colors) {
  const middle = (grid.cell - grid.gap) / 2;
  context.font = `${Math.round((grid.cell / ratio >= 32 ? 12 : 11) * ratio)}px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const drop = context.measureText("0").actualBoundingBoxAscent / 2;
  const values = modelled(kind, block);
  for (let k = 0; k < block.parts.length; k++) {
    if (block.hidden?.[k]) continue;
    const part = block.parts[k];
    const value = values === undefined ? block.ratings[k] : (values?.[k] ?? Number.NaN);
    if (values === undefined ? part >= UNSEEN : Number.isNaN(value)) continue;
    const hollow = kind === "split" && part !== 0;
    context.fillStyle = hollow ? palette.ink : wantsLightInk(colors[k]) ? "#fff" : "#15171c";
    const x = (k % grid.columns) * grid.cell + middle;
    const y = Math.floor(k / grid.columns) * grid.cell + middle + drop;
    const text =
      kind === "residuals" || kind === "differences"
        ? signed(value, 1)
        : fixed(value, kind === "deviations" ? 2 : 1);
    context.fillText(text, Math.round(x), Math.round(y));
  }
}
