/** A line through the loss curves at the past epoch that is shown, with its losses beside it. */

/** @import { EpochLoss } from "./losses.js" */

import { setAttributes, setText, svg } from "./dom.js";
import { lossText } from "./status.js";

const GAP = 6;
const LINE = 14;
const PARTS = /** @type {const} */ (["test", "validation", "train"]);

export class LossCursor {
  constructor() {
    this.line = svg("path", { class: "rw-cursor" });
    this.name = svg("text", { class: "rw-cursor-name" });
    this.parts = PARTS.map((name) => ({
      name,
      dot: svg("circle", { class: `rw-head rw-${name}`, r: 3.5 }),
      label: svg("text", { class: `rw-end rw-${name}` }),
    }));
    this.element = svg(
      "g",
      { display: "none" },
      this.line,
      this.name,
      ...this.parts.flatMap(({ dot, label }) => [dot, label]),
    );
  }

  /**
   * @param {EpochLoss | undefined} row of the epoch that is shown; undefined where that is the last
   * @param {{x: (v: number) => number, y: (v: number) => number, top: number, left: number, right: number, bottom: number}} scale
   */
  update(row, { x, y, top, left, right, bottom }) {
    setAttributes(this.element, { display: row ? null : "none" });
    if (!row) return;
    const at = x(row.epoch);
    const before = at > (left + right) / 2;
    const beside = { x: at + (before ? -GAP : GAP), "text-anchor": before ? "end" : "start" };
    setAttributes(this.line, { d: `M${Math.round(at - 0.5) + 0.5} ${top}V${bottom}` });
    const there = this.parts.filter(({ name }) => Number.isFinite(row[name]));
    // The lower part is empty where losses fall: there the words are in nobody's way.
    let under = bottom - GAP - LINE * there.length;
    setText(this.name, `epoch ${row.epoch}`);
    setAttributes(this.name, { ...beside, y: under });
    for (const { name, dot, label } of this.parts) {
      const known = Number.isFinite(row[name]);
      setAttributes(dot, { display: known ? null : "none" });
      setAttributes(label, { display: known ? null : "none" });
      if (!known) continue;
      under += LINE;
      setAttributes(dot, { cx: at, cy: Math.max(top, Math.min(bottom, y(row[name]))) });
      setAttributes(label, { ...beside, y: under });
      setText(label, `${name} ${lossText(row[name])}`);
    }
  }
}
