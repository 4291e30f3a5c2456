/** A small line over the planned epochs: the best epoch marked, and the value at the epoch that is shown. */

/** @import { Domain } from "./steady.js" */

import { setAttributes, setText, svg } from "./dom.js";
import { linePath } from "./loss-scale.js";
import { tickStep, ticks } from "./ticks.js";

/** Room for the numbers of the axis and under it, and for the value beside the line, in CSS pixels. */
const LEFT = 26;
const RIGHT = 12;
const TOP = 6;
const NUMBERS = 16;
/** A number's width, about. */
const BROAD = 40;

/**
 * @typedef {Object} CourseData
 * @property {Map<number, number>} values by epoch
 * @property {number} end last epoch of the axis
 * @property {Domain} domain
 * @property {string[]} sides what stands at the lower and the upper end of the axis
 * @property {{value: number, part: string} | null} truth a level to compare with
 * @property {number | null} best epoch
 * @property {number} shown epoch
 * @property {(value: number) => string} text
 */

export class Course {
  /** @param {{height: number, numbered?: boolean, style?: string}} look numbered: whether epochs stand below */
  constructor({ height, numbered = true, style = "" }) {
    this.height = height;
    this.numbered = numbered;
    this.frame = svg("path", { class: "rw-course-frame" });
    this.truth = svg("path", { class: "rw-course-truth" });
    this.best = svg("path", { class: "rw-drop" });
    this.line = svg("path", { class: `rw-course-line ${style}` });
    this.cursor = svg("path", { class: "rw-cursor" });
    this.dot = svg("circle", { class: "rw-course-dot", r: 3 });
    this.value = svg("text", { class: "rw-course-value" });
    this.sides = [svg("text", { "text-anchor": "end" }), svg("text", { "text-anchor": "end" })];
    this.numbers = svg("g");
    this.drawing = svg(
      "svg",
      { class: "rw-course", role: "img" },
      this.frame,
      this.truth,
      this.best,
      this.line,
      this.cursor,
      this.dot,
      ...this.sides,
      this.numbers,
      this.value,
    );
    this.scaleKey = "";
  }

  /**
   * @param {CourseData} data
   * @param {number} width CSS pixels
   * @param {string} label as a screen reader says it
   */
  update(data, width, label) {
    const { values, end, domain, sides, truth, best, shown, text } = data;
    const { height } = this;
    const bottom = height - (this.numbered ? NUMBERS : 4);
    const right = width - RIGHT;
    const x = (/** @type {number} */ epoch) => LEFT + (epoch / end) * Math.max(0, right - LEFT);
    const y = (/** @type {number} */ value) =>
      TOP + ((domain.high - value) / (domain.high - domain.low || 1)) * (bottom - TOP);
    this.scale(end, width, { x, bottom, right });
    this.sides.forEach((side, k) => {
      setText(side, sides[k]);
      setAttributes(side, { x: LEFT - 6, y: k === 0 ? bottom + 1 : TOP + 5 });
    });
    const points = [...values]
      .sort(([a], [b]) => a - b)
      .map(([epoch, value]) => ({ x: x(epoch), y: y(value) }));
    setAttributes(this.line, { d: linePath(points) });
    setAttributes(this.truth, {
      class: `rw-course-truth rw-${truth?.part}`,
      d: truth ? `M${LEFT} ${crisp(y(truth.value))}H${right}` : null,
      display: truth ? null : "none",
    });
    setAttributes(this.best, {
      d: best === null ? null : `M${crisp(x(best))} ${TOP}V${bottom}`,
      display: best === null ? "none" : null,
    });
    const value = values.get(shown);
    const known = value !== undefined && Number.isFinite(value);
    for (const part of [this.cursor, this.dot, this.value])
      setAttributes(part, { display: known ? null : "none" });
    setAttributes(this.drawing, { "aria-label": label });
    if (!known) return;
    const at = { x: x(shown), y: y(value) };
    const before = at.x > (LEFT + right) / 2 && at.x + BROAD > width;
    setAttributes(this.cursor, { d: `M${crisp(at.x)} ${TOP - 2}V${bottom}` });
    setAttributes(this.dot, { cx: at.x, cy: at.y });
    setText(this.value, text(value));
    setAttributes(this.value, {
      x: at.x + (before ? -6 : 6),
      // Below the line, where there is room: it came from there seldom.
      y: at.y + 14 > bottom ? at.y - 5 : at.y + 13,
      "text-anchor": before ? "end" : "start",
    });
  }

  /**
   * @param {number} end
   * @param {number} width
   * @param {{x: (epoch: number) => number, bottom: number, right: number}} scale
   */
  scale(end, width, { x, bottom, right }) {
    const key = `${end} ${width}`;
    if (key === this.scaleKey) return;
    this.scaleKey = key;
    setAttributes(this.drawing, {
      style: `width: ${width}px; height: ${this.height}px`,
      viewBox: `0 0 ${width} ${this.height}`,
    });
    setAttributes(this.frame, { d: `M${LEFT} ${bottom + 0.5}H${right}M${LEFT} ${TOP - 0.5}H${right}` });
    if (!this.numbered) return;
    const step = tickStep(end, Math.max(2, Math.floor((right - LEFT) / 56)), true);
    this.numbers.replaceChildren(
      ...ticks(0, end, step).map((epoch) =>
        svg("text", { x: x(epoch), y: this.height - 3, "text-anchor": "middle" }, String(epoch)),
      ),
    );
  }
}

/** @param {number} value the middle of a pixel, so that a line of one pixel is one */
function crisp(value) {
  return Math.round(value - 0.5) + 0.5;
}
