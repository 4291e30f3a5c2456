/** What lies over the cells: names of rows and columns, the crosshair and the ring of the cell under it. */

/** @import { Order } from "./order.js" */
/** @import { Palette } from "./theme.js" */
/** @import { Viewport } from "./viewport.js" */

import { titleParts } from "./format.js";
import { TITLE_BAND } from "./stage.js";

/**
 * Where cells lie on a canvas, in device pixels.
 *
 * @typedef {Object} Plot
 * @property {number} left
 * @property {number} top
 * @property {number} cell
 * @property {number} gap
 * @property {number} ratio
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {Viewport} viewport
 * @param {{users: Order, items: Order}} orders
 * @param {Palette} palette
 * @param {{user: number, item: number} | null} cursor
 */
export function drawNames(context, plot, viewport, { users, items }, palette, cursor) {
  const { left, top, cell, gap, ratio } = plot;
  const middle = (cell - gap) / 2;
  const font = (/** @type {boolean} */ strong) => `${strong ? 600 : 400} ${11 * ratio}px ${palette.font}`;
  context.textBaseline = "alphabetic";
  context.font = font(false);
  const drop = context.measureText("x").actualBoundingBoxAscent / 2;
  const write = (/** @type {string} */ text, /** @type {number} */ room, /** @type {boolean} */ strong) => {
    context.font = font(strong);
    context.fillStyle = strong ? palette.ink : palette.quiet;
    context.fillText(ellipsis(context, text, room), 0, drop);
  };
  for (let c = 0; c < viewport.columns; c++) {
    const item = viewport.item + c;
    const name = items.title(item) ? titleParts(items.title(item)).short : items.id(item);
    context.save();
    context.translate(Math.round(left + c * cell + middle), top - Math.round(5 * ratio));
    context.rotate(-Math.PI / 2);
    context.textAlign = "left";
    write(name, (TITLE_BAND - 7) * ratio, cursor?.item === item);
    context.restore();
  }
  for (let r = 0; r < viewport.rows; r++) {
    const user = viewport.user + r;
    context.save();
    context.translate(left - Math.round(6 * ratio), Math.round(top + r * cell + middle));
    context.textAlign = "right";
    write(users.id(user), left - Math.round(6 * ratio), cursor?.user === user);
    context.restore();
  }
}

/**
 * Shorten to a width, the longest beginning that fits.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} room
 */
export function ellipsis(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const half = Math.ceil((low + high) / 2);
    if (context.measureText(`${text.slice(0, half).trimEnd()}…`).width <= room) low = half;
    else high = half - 1;
  }
  return `${text.slice(0, low).trimEnd()}…`;
}

/**
 * Two lines of ink along the row and the column, each with a light line outside, broken at the ring.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {Viewport} viewport
 * @param {Palette} palette
 * @param {{user: number, item: number}} cursor
 */
export function drawCrosshair(context, plot, viewport, palette, cursor) {
  const { left, top, cell, gap, ratio } = plot;
  const row = cursor.user - viewport.user;
  const column = cursor.item - viewport.item;
  if (row < 0 || column < 0 || row >= viewport.rows || column >= viewport.columns) return;
  const line = Math.max(1, Math.round(ratio));
  const width = viewport.columns * cell - gap;
  const height = viewport.rows * cell - gap;
  const x = left + column * cell;
  const y = top + row * cell;
  const size = cell - gap;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  for (const [offset, color] of /** @type {const} */ ([
    [2 * line, palette.page],
    [line, palette.ink],
  ])) {
    context.fillStyle = color;
    context.fillRect(left, y - offset, width, line);
    context.fillRect(left, y + size + offset - line, width, line);
    context.fillRect(x - offset, top, line, height);
    context.fillRect(x + size + offset - line, top, line, height);
  }
  context.restore();
  ring(context, x, y, size, ratio, palette);
}

/**
 * The cell itself stays as it is inside its ring; a small one gets room around it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {number} ratio
 * @param {Palette} palette
 */
function ring(context, x, y, size, ratio, palette) {
  const line = Math.max(1, Math.round(ratio));
  for (const [out, color] of /** @type {const} */ ([
    [4 * line, palette.page],
    [3 * line, palette.ink],
    [line, palette.page],
  ])) {
    context.fillStyle = color;
    const side = size + 2 * out;
    // Drawn as four bars: what lies inside, the cell, is on the canvas below.
    const thick = out === line ? line : out === 3 * line ? 2 * line : line;
    context.fillRect(x - out, y - out, side, thick);
    context.fillRect(x - out, y - out + side - thick, side, thick);
    context.fillRect(x - out, y - out, thick, side);
    context.fillRect(x - out + side - thick, y - out, thick, side);
  }
  context.clearRect(x, y, size, size);
}

/**
 * Room for the names of rows, in device pixels.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {Order} users
 * @param {Palette} palette
 * @param {number} ratio
 */
export function nameWidth(context, viewport, users, palette, ratio) {
  context.font = `600 ${11 * ratio}px ${palette.font}`;
  let widest = 0;
  for (let user = viewport.user; user < Math.min(users.size, viewport.user + viewport.rows); user++) {
    widest = Math.max(widest, context.measureText(users.id(user)).width);
  }
  return Math.min(Math.ceil(widest / (8 * ratio)) * 8 * ratio + 8 * ratio, 80 * ratio);
}
