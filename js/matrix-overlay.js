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
 * @param {({user: number, item: number} | null)[]} strong whose names stand out
 * @param {"user" | "item" | "both"} [side] whose names
 */
export function drawNames(context, plot, viewport, { users, items }, palette, strong, side = "both") {
  const { left, top, cell, gap, ratio } = plot;
  const middle = (cell - gap) / 2;
  const font = (/** @type {boolean} */ bold) => `${bold ? 600 : 400} ${11 * ratio}px ${palette.font}`;
  context.textBaseline = "alphabetic";
  context.font = font(false);
  const drop = context.measureText("x").actualBoundingBoxAscent / 2;
  const write = (/** @type {string} */ text, /** @type {boolean} */ bold) => {
    context.font = font(bold);
    context.fillStyle = bold ? palette.ink : palette.quiet;
    context.fillText(text, 0, drop);
  };
  const columns = side === "user" ? 0 : viewport.columns;
  const titles = Array.from({ length: columns }, (_, c) => {
    const item = viewport.item + c;
    return items.title(item) || items.id(item);
  });
  const cut = (/** @type {boolean} */ bold) => {
    context.font = font(bold);
    return cutTitles(context, titles, (TITLE_BAND - 7) * ratio);
  };
  const names = cut(false);
  for (let c = 0; c < columns; c++) {
    const item = viewport.item + c;
    const bold = strong.some((one) => one?.item === item);
    const name = bold ? cut(true)[c] : names[c];
    context.save();
    context.translate(Math.round(left + c * cell + middle), top - Math.round(5 * ratio));
    context.rotate(-Math.PI / 2);
    context.textAlign = "left";
    write(name, bold);
    context.restore();
  }
  for (let r = 0; r < (side === "item" ? 0 : viewport.rows); r++) {
    const user = viewport.user + r;
    context.save();
    context.translate(left - Math.round(6 * ratio), Math.round(top + r * cell + middle));
    context.textAlign = "right";
    const bold = strong.some((one) => one?.user === user);
    context.font = font(bold);
    write(ellipsis(context, users.id(user), left - Math.round(6 * ratio)), bold);
    context.restore();
  }
}

/**
 * Shorten titles to a width: without the year and at the end, or, where several would read alike, in the
 * middle, and with the year where even that is not enough.
 *
 * @param {Pick<CanvasRenderingContext2D, "measureText">} context
 * @param {string[]} titles
 * @param {number} room
 */
export function cutTitles(context, titles, room) {
  const short = titles.map((title) => titleParts(title).short);
  let names = short.map((name) => ellipsis(context, name, room));
  for (const longer of [short, titles]) {
    const times = new Map();
    for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
    names = names.map((name, k) => (times.get(name) > 1 ? ellipsis(context, longer[k], room, true) : name));
  }
  return names;
}

/**
 * Shorten to a width: the longest beginning that fits, or the longest beginning and end.
 *
 * @param {Pick<CanvasRenderingContext2D, "measureText">} context
 * @param {string} text
 * @param {number} room
 * @param {boolean} [inMiddle]
 */
export function ellipsis(context, text, room, inMiddle = false) {
  if (context.measureText(text).width <= room) return text;
  const cut = (/** @type {number} */ kept) => {
    const end = inMiddle ? Math.floor(kept / 2) : 0;
    return `${text.slice(0, kept - end).trimEnd()}…${text.slice(text.length - end).trimStart()}`;
  };
  let low = 0;
  let high = text.length;
  while (low < high) {
    const half = Math.ceil((low + high) / 2);
    if (context.measureText(cut(half)).width <= room) low = half;
    else high = half - 1;
  }
  return cut(low);
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
  // A map of factors points at a user or at an item alone.
  const [onRow, onColumn] = [row >= 0 && row < viewport.rows, column >= 0 && column < viewport.columns];
  if ((!onRow && cursor.user >= 0) || (!onColumn && cursor.item >= 0)) return;
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
    if (onRow) {
      context.fillRect(left, y - offset, width, line);
      context.fillRect(left, y + size + offset - line, width, line);
    }
    if (onColumn) {
      context.fillRect(x - offset, top, line, height);
      context.fillRect(x + size + offset - line, top, line, height);
    }
  }
  context.restore();
  if (onRow && onColumn) boxed(context, { x, y, width: size, height: size }, 2, ratio, palette);
}

/**
 * What is selected stays ringed while the pointer goes elsewhere; a mark at the edge leads to it. Of a user or an
 * item alone the whole row or column is framed.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Plot} plot
 * @param {Viewport} viewport
 * @param {Palette} palette
 * @param {{user: number, item: number}} selection positions, -1 for none
 */
export function drawSelection(context, plot, viewport, palette, selection) {
  const { left, top, cell, gap, ratio } = plot;
  const row = selection.user - viewport.user;
  const column = selection.item - viewport.item;
  const [onRow, onColumn] = [row >= 0 && row < viewport.rows, column >= 0 && column < viewport.columns];
  const [x, y, size] = [left + column * cell, top + row * cell, cell - gap];
  const width = viewport.columns * cell - gap;
  const height = viewport.rows * cell - gap;
  if (onRow && selection.item < 0) boxed(context, { x: left, y, width, height: size }, 1, ratio, palette);
  if (onColumn && selection.user < 0) boxed(context, { x, y: top, width: size, height }, 1, ratio, palette);
  if (onRow && onColumn) boxed(context, { x, y, width: size, height: size }, 2, ratio, palette);
  const mark = Math.round(3 * ratio);
  context.fillStyle = palette.ink;
  if (onRow && selection.item >= 0) context.fillRect(left - mark - 1, y, mark, size);
  if (onColumn && selection.user >= 0) context.fillRect(x, top - mark - 1, size, mark);
}

/**
 * Bars along an edge of the cells, beside rows or above columns that are selected with others.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {"left" | "top"} edge
 * @param {number} at device pixels, where the cells begin
 * @param {number[][]} bars where each begins along the edge, and its length
 * @param {number} ratio
 * @param {string} ink
 */
export function drawEdge(context, edge, at, bars, ratio, ink) {
  const mark = Math.round(3 * ratio);
  context.fillStyle = ink;
  for (const [start, length] of bars) {
    if (edge === "left") context.fillRect(at - mark - 1, start, mark, length);
    else context.fillRect(start, at - mark - 1, length, mark);
  }
}

/**
 * A ring of ink between two light ones. What is in it stays as it is; a small cell gets room around it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number, width: number, height: number}} box device pixels
 * @param {number} thick CSS pixels of the ink
 * @param {number} ratio
 * @param {Palette} palette
 */
export function boxed(context, { x, y, width, height }, thick, ratio, palette) {
  const line = Math.max(1, Math.round(ratio));
  const ink = thick * line;
  for (const [out, bar, color] of /** @type {const} */ ([
    [ink + 2 * line, line, palette.page],
    [ink + line, ink, palette.ink],
    [line, line, palette.page],
  ])) {
    context.fillStyle = color;
    const across = width + 2 * out;
    const down = height + 2 * out;
    // Drawn as four bars: what lies inside, the cell, is on the canvas below.
    context.fillRect(x - out, y - out, across, bar);
    context.fillRect(x - out, y - out + down - bar, across, bar);
    context.fillRect(x - out, y - out, bar, down);
    context.fillRect(x - out + across - bar, y - out, bar, down);
  }
  context.clearRect(x, y, width, height);
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
