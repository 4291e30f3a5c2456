/** The factor map as a picture: axes, crosses for users, circles for items, names, and what is pointed at. */

/** @import { Dot } from "./map-geometry.js" */
/** @import { Named } from "./map-names.js" */
/** @import { Palette } from "./theme.js" */

const CROSS = 2.5;
const CIRCLE = 3;
const PINNED = 5;

/**
 * The frame and the axes through the origin.
 *
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {{width: number, height: number}} size
 * @param {Palette} palette
 */
export function drawAxes(context, { width, height }, palette) {
  context.strokeStyle = palette.rule;
  context.lineWidth = 1;
  context.strokeRect(0.5, 0.5, width - 1, height - 1);
  context.beginPath();
  const [x, y] = [Math.round(width / 2) + 0.5, Math.round(height / 2) + 0.5];
  context.moveTo(x, 1);
  context.lineTo(x, height - 1);
  context.moveTo(1, y);
  context.lineTo(width - 1, y);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Dot[]} dots
 * @param {(dot: Dot) => string} colorOf an item
 * @param {Palette} palette
 */
export function drawPoints(context, dots, colorOf, palette) {
  context.strokeStyle = palette.quiet;
  context.globalAlpha = 0.8;
  context.lineWidth = 1;
  context.beginPath();
  for (const dot of dots) if (dot.inside && dot.kind === "user") cross(context, dot, CROSS);
  context.stroke();
  context.globalAlpha = 1;
  context.strokeStyle = palette.page;
  context.lineWidth = 0.75;
  // The most rated above the others.
  for (let k = dots.length - 1; k >= 0; k--) {
    const dot = dots[k];
    if (!dot.inside || dot.kind === "user") continue;
    context.beginPath();
    context.arc(dot.x, dot.y, CIRCLE, 0, 2 * Math.PI);
    context.fillStyle = colorOf(dot);
    context.fill();
    context.stroke();
  }
}

/**
 * What is selected: a ring around an item, a bold cross for a user, larger for the two that are looked at closely.
 *
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Dot[]} dots that are selected
 * @param {(dot: Dot) => boolean} isPinned
 * @param {(dot: Dot) => string} colorOf an item
 * @param {Palette} palette
 */
export function drawSelected(context, dots, isPinned, colorOf, palette) {
  for (const dot of [...dots].sort((a, b) => Number(isPinned(a)) - Number(isPinned(b)))) {
    const size = isPinned(dot) ? PINNED : CIRCLE + 0.75;
    if (dot.kind === "user") {
      for (const [color, line] of /** @type {const} */ ([
        [palette.page, isPinned(dot) ? 5 : 3.5],
        [palette.ink, isPinned(dot) ? 2.5 : 1.5],
      ])) {
        context.strokeStyle = color;
        context.lineWidth = line;
        context.beginPath();
        cross(context, dot, isPinned(dot) ? PINNED - 1 : CROSS + 0.5);
        context.stroke();
      }
      continue;
    }
    context.beginPath();
    context.arc(dot.x, dot.y, size, 0, 2 * Math.PI);
    context.fillStyle = colorOf(dot);
    context.fill();
    context.strokeStyle = palette.ink;
    context.lineWidth = isPinned(dot) ? 2 : 1.25;
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Dot} dot
 * @param {number} size
 */
function cross(context, { x, y }, size) {
  context.moveTo(x - size, y - size);
  context.lineTo(x + size, y + size);
  context.moveTo(x + size, y - size);
  context.lineTo(x - size, y + size);
}

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Named[]} names
 * @param {Palette} palette
 */
export function drawNames(context, names, palette) {
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.strokeStyle = palette.page;
  context.lineWidth = 3;
  for (const { candidate, x, y } of names) {
    context.font = fontOf(palette, candidate.needed);
    context.strokeText(candidate.text, x, y + 0.5);
    context.fillStyle = candidate.needed ? palette.ink : palette.quiet;
    context.fillText(candidate.text, x, y + 0.5);
  }
}

/**
 * @param {Palette} palette
 * @param {boolean} [bold]
 */
export function fontOf(palette, bold = false) {
  return `${bold ? 600 : 400} 11px ${palette.font}`;
}

/**
 * A ring of ink between two light ones.
 *
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Dot} dot
 * @param {number} thick
 * @param {Palette} palette
 */
export function drawRing(context, { x, y }, thick, palette) {
  for (const [color, line] of /** @type {const} */ ([
    [palette.page, thick + 2],
    [palette.ink, thick],
  ])) {
    context.strokeStyle = color;
    context.lineWidth = line;
    context.beginPath();
    context.arc(x, y, PINNED + 2, 0, 2 * Math.PI);
    context.stroke();
  }
}

/**
 * The way over the epochs: up to the one shown as a line, and what came after it pale.
 *
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {{epoch: number, x: number, y: number}[]} path by epoch
 * @param {number} shown
 * @param {Palette} palette
 */
export function drawPath(context, path, shown, palette) {
  const before = path.filter(({ epoch }) => epoch <= shown);
  const after = path.slice(Math.max(0, before.length - 1));
  for (const [line, color, width] of /** @type {const} */ ([
    [path, palette.page, 3.5],
    [after, palette.rule, 1.5],
    [before, palette.ink, 1.25],
  ])) {
    if (line.length < 2) continue;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.beginPath();
    for (const { x, y } of line) context.lineTo(x, y);
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {{x: number, y: number}[]} line
 * @param {Palette} palette
 */
export function drawLasso(context, line, palette) {
  if (line.length < 2) return;
  context.beginPath();
  for (const { x, y } of line) context.lineTo(x, y);
  context.closePath();
  context.fillStyle = palette.ink;
  context.globalAlpha = 0.06;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = palette.ink;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.stroke();
  context.setLineDash([]);
}
