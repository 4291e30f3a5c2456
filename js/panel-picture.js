/** A panel as it is on the page, drawn anew at the resolution of the screen: canvases, drawings, and text between. */

import { scaleOf } from "./dom.js";

/** Of an svg that stands alone, no style sheet knows. */
const STYLES = [
  ...["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity"],
  ...["font-family", "font-size", "font-weight", "text-anchor", "paint-order", "display", "visibility"],
];

/** What has a line below it. */
const RULED = ".rw-choice, td, th";

/** CSS pixels around the panel. */
const MARGIN = 8;

/**
 * @param {HTMLElement} panel
 * @param {number} ratio device pixels a CSS pixel
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function pictureOf(panel, ratio) {
  const frame = panel.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round((frame.width + 2 * MARGIN) * ratio);
  canvas.height = Math.round((frame.height + 2 * MARGIN) * ratio);
  const drawing = canvas.getContext("2d");
  if (!drawing) throw new Error("this browser gives no 2d canvas");
  const root = panel.closest(".recowidget") ?? panel;
  drawing.fillStyle = getComputedStyle(root).backgroundColor;
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  // Whole device pixels, so that cells stay sharp.
  const left = Math.round((MARGIN - frame.left) * ratio) / ratio;
  const top = Math.round((MARGIN - frame.top) * ratio) / ratio;
  drawing.setTransform(ratio, 0, 0, ratio, left * ratio, top * ratio);
  await drawInside(drawing, panel);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} drawing
 * @param {Element} element
 */
async function drawInside(drawing, element) {
  for (const child of element.childNodes) {
    if (child instanceof Text) drawText(drawing, child);
    else if (child instanceof HTMLCanvasElement) {
      const { left, top, width, height } = child.getBoundingClientRect();
      drawing.imageSmoothingEnabled = false;
      if (child.width && child.height) drawing.drawImage(child, left, top, width, height);
    } else if (child instanceof SVGSVGElement) await drawSvg(drawing, child);
    else if (child instanceof HTMLElement && isDrawn(child)) await drawElement(drawing, child);
  }
}

/**
 * What lies in it, as far as it shows: of a list the rows that are scrolled to.
 *
 * @param {CanvasRenderingContext2D} drawing
 * @param {HTMLElement} element
 */
async function drawElement(drawing, element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  if (element.classList.contains("rw-ramp")) drawRamp(drawing, element);
  else if (!style.backgroundColor.endsWith(", 0)") && style.backgroundColor !== "transparent") {
    drawing.fillStyle = style.backgroundColor;
    drawing.fillRect(left, top, width, height);
  }
  const under = Number.parseFloat(style.borderBottomWidth) * scaleOf(element);
  if (under > 0 && element.matches(RULED)) {
    drawing.fillStyle = style.borderBottomColor;
    drawing.fillRect(left, top + height - under, width, under);
  }
  const clips = style.overflowX !== "visible" || style.overflowY !== "visible";
  drawing.save();
  if (clips) {
    drawing.beginPath();
    drawing.rect(left, top, width, height);
    drawing.clip();
  }
  await drawInside(drawing, element);
  drawing.restore();
}

/** @param {HTMLElement} element what is chosen, not what could be */
function isDrawn(element) {
  return element.offsetParent !== null && !element.matches(".rw-panel-tools, [aria-pressed='false'], select");
}

/**
 * @param {CanvasRenderingContext2D} drawing
 * @param {Text} text
 */
function drawText(drawing, text) {
  const parent = text.parentElement;
  if (!parent || text.data.trim() === "") return;
  const style = getComputedStyle(parent);
  if (style.visibility !== "visible") return;
  const size = Number.parseFloat(style.fontSize) * scaleOf(parent);
  drawing.font = `${style.fontWeight} ${size}px ${style.fontFamily}`;
  drawing.fillStyle = style.color;
  drawing.textBaseline = "middle";
  for (const { words, box } of linesOf(text)) {
    drawing.fillText(words, box.left, box.top + box.height / 2);
  }
}

/**
 * The lines that a text is broken into.
 *
 * @param {Text} text
 */
function linesOf(text) {
  /** @type {{words: string, box: DOMRect}[]} */
  const lines = [];
  const range = document.createRange();
  for (const { 0: word, index } of text.data.matchAll(/\S+\s*/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const box = range.getBoundingClientRect();
    const last = lines.at(-1);
    if (last && Math.abs(last.box.top - box.top) < 2) last.words += word;
    else lines.push({ words: word, box });
  }
  return lines;
}

/**
 * @param {CanvasRenderingContext2D} drawing
 * @param {HTMLElement} element
 */
function drawRamp(drawing, element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  const colors = getComputedStyle(element).backgroundImage.match(/rgba?\([^)]*\)/g) ?? [];
  const gradient = drawing.createLinearGradient(left, 0, left + width, 0);
  for (const [k, color] of colors.entries()) gradient.addColorStop(k / Math.max(1, colors.length - 1), color);
  drawing.fillStyle = gradient;
  drawing.fillRect(left, top, width, height);
}

/**
 * @param {CanvasRenderingContext2D} drawing
 * @param {SVGSVGElement} svg
 */
async function drawSvg(drawing, svg) {
  const { left, top, width, height } = svg.getBoundingClientRect();
  if (width === 0 || height === 0) return;
  const image = new Image();
  const scale = svg.parentElement ? scaleOf(svg.parentElement) : 1;
  const alone = standalone(svg, width / scale, height / scale);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(alone)}`;
  await image.decode();
  const margin = MARGIN * scale;
  drawing.drawImage(image, left - margin, top - margin, width + 2 * margin, height + 2 * margin);
}

/**
 * With the margin around it, where names at its edge may reach.
 *
 * @param {SVGSVGElement} svg
 * @param {number} width CSS pixels
 * @param {number} height CSS pixels
 */
function standalone(svg, width, height) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const inside = [copy, .../** @type {NodeListOf<SVGElement>} */ (copy.querySelectorAll("*"))];
  for (const [k, element] of [svg, ...svg.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(element);
    for (const name of STYLES) inside[k].style.setProperty(name, style.getPropertyValue(name));
    inside[k].style.color = style.color;
  }
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const { viewBox } = svg;
  const box = viewBox.baseVal?.width ? viewBox.baseVal : { x: 0, y: 0, width, height };
  const [x, y] = [(MARGIN * box.width) / width, (MARGIN * box.height) / height];
  copy.setAttribute("viewBox", `${box.x - x} ${box.y - y} ${box.width + 2 * x} ${box.height + 2 * y}`);
  copy.setAttribute("width", String(width + 2 * MARGIN));
  copy.setAttribute("height", String(height + 2 * MARGIN));
  copy.removeAttribute("class");
  copy.style.removeProperty("width");
  copy.style.removeProperty("height");
  return new XMLSerializer().serializeToString(copy);
}
