/** The terms of a prediction one below the other, each bar where the one before it ended, on one axis. */

/** @import { Domain } from "./steady.js" */
/** @import { Term } from "./terms.js" */

import { setAttributes, setText, svg } from "./dom.js";
import { fixed, signed } from "./format.js";
import { axisText } from "./loss-scale.js";
import { ticks } from "./ticks.js";

/** CSS pixels. */
const ROW = 15;
const HEAD = 18;
const FOOT = 18;
const BAR = 9;
/** Right edges of the columns of values, and the room of products. */
const COLUMNS = { user: 122, item: 164, axis: 178, product: 56 };
/** Under this width there is no room for the values of user and item. */
const NARROW = 300;
const NAMES = 104;
const LETTER = 6.2;

/**
 * @typedef {Object} WaterfallData
 * @property {Term[]} terms
 * @property {boolean} has_constant whether the first of them is where the others start from
 * @property {number} start where the first bar begins
 * @property {{name: string, at: number, text: string, strong: boolean, color: string}[]} totals bars from the start
 * @property {number | null} deviation of the prediction, drawn around the last total
 * @property {{at: number, text: string, part: string} | null} truth
 * @property {Domain} domain
 * @property {string} unit of the axis, where it is not that of ratings
 */

export class Waterfall {
  constructor() {
    this.grid = svg("g", { class: "rw-grid" });
    this.rows = svg("g");
    this.rule = svg("path", { class: "rw-total-rule" });
    this.sure = svg("path", { class: "rw-sure" });
    this.truth = svg("path");
    this.rated = svg("text");
    this.drawing = svg(
      "svg",
      { class: "rw-waterfall", role: "img" },
      this.grid,
      this.rows,
      this.rule,
      this.sure,
      this.truth,
      this.rated,
    );
    /** @type {ReturnType<typeof row>[]} */
    this.pool = [];
    this.gridKey = "";
  }

  /**
   * @param {WaterfallData} data
   * @param {number} width CSS pixels
   * @param {string} label as a screen reader says it
   */
  update(data, width, label) {
    const { terms, totals, domain, start } = data;
    const values = width >= NARROW && terms.length > 0;
    const left = values ? COLUMNS.axis : terms.length ? NAMES : 74;
    const right = width - COLUMNS.product;
    const lines = terms.length + totals.length;
    const height = HEAD + ROW * lines + (terms.length ? 5 : 0) + FOOT;
    const x = (/** @type {number} */ value) =>
      left + ((value - domain.low) / (domain.high - domain.low || 1)) * (right - left);
    const bottom = height - FOOT;
    setAttributes(this.drawing, {
      style: `width: ${width}px; height: ${height}px`,
      viewBox: `0 0 ${width} ${height}`,
      "aria-label": label,
    });
    this.drawGrid(data, { x, left, right, bottom, width, values });
    while (this.pool.length < lines) {
      const made = row();
      this.pool.push(made);
      this.rows.append(made.element);
    }
    this.pool.forEach(({ element }, k) => {
      setAttributes(element, { display: k < lines ? null : "none" });
    });
    let at = start;
    terms.forEach(({ name, user, item, product }, k) => {
      const parts = this.pool[k];
      const end = at + product;
      const middle = HEAD + k * ROW + ROW / 2;
      const constant = k === 0 && data.has_constant;
      setText(parts.name, name);
      // Of a bias the value is what it adds.
      const both = values && Number.isFinite(user) && Number.isFinite(item);
      setText(parts.user, both ? fixed(user, 2) : "");
      setText(parts.item, both ? fixed(item, 2) : "");
      setText(parts.product, constant ? fixed(product, 2) : signed(product, 2));
      const to = constant ? product : end;
      const bar = span(x(constant ? start : at), x(to));
      setAttributes(parts.bar, {
        class: constant ? "rw-constant" : product < 0 ? "rw-minus" : "rw-plus",
        x: bar.x,
        width: bar.width,
        y: middle - BAR / 2,
        style: null,
      });
      setAttributes(parts.link, { d: `M${crisp(x(to))} ${middle - BAR / 2}v${ROW + BAR / 2}` });
      setAttributes(parts.element, { class: "rw-term" });
      at = to;
      this.place(parts, middle, width);
    });
    totals.forEach(({ name, at: end, text, strong, color }, k) => {
      const parts = this.pool[terms.length + k];
      const middle = HEAD + (terms.length + k) * ROW + ROW / 2 + (terms.length ? 5 : 0);
      setText(parts.name, name);
      setText(parts.user, "");
      setText(parts.item, "");
      setText(parts.product, text);
      const bar = span(x(start), x(end));
      setAttributes(parts.bar, {
        class: color ? "rw-colored" : "rw-constant",
        style: color ? `fill: ${color}` : null,
        x: bar.x,
        width: bar.width,
        y: middle - BAR / 2,
      });
      setAttributes(parts.link, { d: null });
      setAttributes(parts.element, { class: strong ? "rw-term rw-strong" : "rw-term" });
      this.place(parts, middle, width);
    });
    const rule = HEAD + terms.length * ROW + 2.5;
    setAttributes(this.rule, { d: terms.length ? `M0 ${rule}H${width}` : null });
    this.drawSure(data, { x, middle: bottom - ROW / 2, left, right });
    this.drawTruth(data, { x, left, right, bottom });
  }

  /**
   * @param {ReturnType<typeof row>} parts
   * @param {number} middle
   * @param {number} width
   */
  place(parts, middle, width) {
    const y = middle + 4;
    setAttributes(parts.name, { x: 0, y });
    setAttributes(parts.user, { x: COLUMNS.user, y });
    setAttributes(parts.item, { x: COLUMNS.item, y });
    setAttributes(parts.product, { x: width, y });
  }

  /**
   * @param {WaterfallData} data
   * @param {{x: (value: number) => number, left: number, right: number, bottom: number, width: number,
   *   values: boolean}} scale
   */
  drawGrid({ domain, terms, unit }, { x, left, right, bottom, width, values }) {
    const { low, high, step } = domain;
    const key = JSON.stringify([domain, left, right, bottom, unit, values]);
    if (key === this.gridKey) return;
    this.gridKey = key;
    const text = (/** @type {number} */ at, /** @type {string} */ words, anchor = "end") =>
      svg("text", { x: at, y: 11, "text-anchor": anchor }, words);
    const broad = LETTER * Math.max(...[low, high].map((value) => axisText(value, step).length)) + 6;
    const room = Math.max(1, Math.floor((right - left) / broad));
    const inside = ticks(low, high, step).filter((value) => x(value) > left + 4);
    const every = Math.ceil(inside.length / room);
    const shown = inside.filter((_, k) => k % every === 0);
    this.grid.replaceChildren(
      ...shown.flatMap((value) => [
        svg("path", { d: `M${crisp(x(value))} ${HEAD - 3}V${bottom}` }),
        text(x(value), axisText(value, step).replace("-", "−"), "middle"),
      ]),
      ...(values ? [text(COLUMNS.user, "user"), text(COLUMNS.item, "item")] : []),
      ...(terms.length ? [text(width, unit || "product")] : []),
    );
  }

  /**
   * How sure the model is, as a line through the end of the bar.
   *
   * @param {WaterfallData} data
   * @param {{x: (value: number) => number, middle: number, left: number, right: number}} scale
   */
  drawSure({ deviation, totals }, { x, middle, left, right }) {
    const at = totals[totals.length - 1]?.at;
    const known = deviation !== null && Number.isFinite(at);
    setAttributes(this.sure, { display: known ? null : "none" });
    if (deviation === null || !known) return;
    const from = Math.max(left, x(at - deviation));
    const to = Math.min(right, x(at + deviation));
    setAttributes(this.sure, {
      d: `M${from} ${middle}H${to}M${crisp(from)} ${middle - 4}v8M${crisp(to)} ${middle - 4}v8`,
    });
  }

  /**
   * @param {WaterfallData} data
   * @param {{x: (value: number) => number, left: number, right: number, bottom: number}} scale
   */
  drawTruth({ truth }, { x, left, right, bottom }) {
    setAttributes(this.rated, { display: truth ? null : "none" });
    setAttributes(this.truth, { display: truth && Number.isFinite(truth.at) ? null : "none" });
    if (!truth) return;
    const at = Math.max(left, Math.min(right, x(truth.at)));
    setAttributes(this.truth, {
      class: `rw-truth rw-${truth.part}`,
      d: `M${crisp(at)} ${HEAD - 3}V${bottom + 2}`,
    });
    const half = (LETTER * truth.text.length) / 2;
    const middle = Math.max(left - 20 + half, Math.min(right + COLUMNS.product - half, at));
    setText(this.rated, truth.text);
    setAttributes(this.rated, {
      class: `rw-rated rw-${truth.part}`,
      x: middle,
      y: bottom + 13,
      "text-anchor": "middle",
    });
  }
}

function row() {
  const parts = {
    link: svg("path", { class: "rw-link" }),
    bar: svg("rect", { height: BAR }),
    name: svg("text", {}),
    user: svg("text", { class: "rw-value", "text-anchor": "end" }),
    item: svg("text", { class: "rw-value", "text-anchor": "end" }),
    product: svg("text", { "text-anchor": "end" }),
  };
  const { link, bar, name, user, item, product } = parts;
  return { ...parts, element: svg("g", {}, link, bar, name, user, item, product) };
}

/**
 * @param {number} from
 * @param {number} to
 */
function span(from, to) {
  const x = Math.min(from, to);
  return { x, width: Math.max(1, Math.abs(to - from)) };
}

/** @param {number} value the middle of a pixel, so that a line of one pixel is one */
function crisp(value) {
  return Math.round(value - 0.5) + 0.5;
}
