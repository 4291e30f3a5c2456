/** NDCG over the epochs, on the axis of the loss curves above it. */

/** @import { EpochMeasures } from "./measures.js" */

import { setAttributes, setText, svg } from "./dom.js";
import { fixed } from "./format.js";
import { linePath } from "./loss-scale.js";
import { tickStep } from "./ticks.js";

/** CSS pixels of the strip, and of its line in it. */
export const STRIP = 58;
const TOP = 16;
const BOTTOM = 8;

export class RankingStrip {
  constructor() {
    this.base = svg("path", { class: "rw-strip-base" });
    this.line = svg("path", { class: "rw-strip-line" });
    this.low = svg("text", { "text-anchor": "end" }, "0");
    this.high = svg("text", { "text-anchor": "end" });
    this.head = svg("circle", { class: "rw-strip-head", r: 3 });
    this.name = svg("text", { class: "rw-end rw-strip-name" });
    this.best = svg("circle", { class: "rw-strip-best", r: 3.5 });
    this.bestName = svg("text");
    this.element = svg(
      "g",
      { class: "rw-strip" },
      this.base,
      this.low,
      this.high,
      this.line,
      this.best,
      this.bestName,
      this.head,
      this.name,
    );
  }

  /**
   * @param {EpochMeasures} measures
   * @param {number | null} shown the epoch that is looked at; null: the last
   * @param {{x: (epoch: number) => number, left: number, right: number, top: number}} room
   */
  update(measures, shown, { x, left, right, top }) {
    const rows = measures.ranking;
    setAttributes(this.element, { display: rows.length ? null : "none" });
    if (rows.length === 0) return;
    const best = rows.reduce((most, row) => (row.ndcg > most.ndcg ? row : most));
    const most = Math.max(best.ndcg, 0.01);
    const step = tickStep(most, 2);
    const high = Math.ceil(most / step - 1e-9) * step;
    const foot = top + STRIP - BOTTOM;
    const y = (/** @type {number} */ ndcg) => foot - (ndcg / high) * (STRIP - TOP - BOTTOM);
    setAttributes(this.base, { d: `M${left} ${Math.round(foot) + 0.5}H${right}` });
    setAttributes(this.low, { x: left - 8, y: foot + 3 });
    setAttributes(this.high, { x: left - 8, y: y(high) + 4 });
    setText(this.high, String(Number(high.toPrecision(2))));
    setAttributes(this.line, { d: linePath(rows.map((row) => ({ x: x(row.epoch), y: y(row.ndcg) }))) });
    const at = rows.reduce((near, row) =>
      Math.abs(row.epoch - (shown ?? Number.POSITIVE_INFINITY)) <
      Math.abs(near.epoch - (shown ?? Number.POSITIVE_INFINITY))
        ? row
        : near,
    );
    const now = shown === null ? rows[rows.length - 1] : at;
    setAttributes(this.head, { cx: x(now.epoch), cy: y(now.ndcg) });
    setAttributes(this.name, { x: right + 8, y: Math.max(top + 12, y(rows[rows.length - 1].ndcg)) + 4 });
    setText(this.name, `NDCG@10 ${fixed(now.ndcg, 3)}`);
    setAttributes(this.best, { cx: x(best.epoch), cy: y(best.ndcg) });
    const before = x(best.epoch) > (left + right) / 2;
    setAttributes(this.bestName, {
      x: x(best.epoch) + (before ? -8 : 8),
      y: y(best.ndcg) - 4 < top + 10 ? top + 10 : y(best.ndcg) - 4,
      "text-anchor": before ? "end" : "start",
    });
    setText(this.bestName, `best ${best.epoch}: ${fixed(best.ndcg, 3)}`);
  }
}
