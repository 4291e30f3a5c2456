/** What is known of the cell under the ring, beside it and never over it. */

import { html, setAttributes, setText } from "./dom.js";
import { PARTS, partIcon } from "./icons.js";

const AWAY = 8;

/**
 * @typedef {Object} RatingText
 * @property {string} title
 * @property {string} detail
 * @property {string} [label] of the rating, where that is not one
 * @property {string} rating
 * @property {0 | 1 | 2 | null} part
 * @property {string} prediction empty where there is none to tell of
 * @property {string} residual
 * @property {{run: number, prediction: string}} [versus] what a pinned run predicts
 */

/**
 * @typedef {Object} FactorText
 * @property {string} title
 * @property {string} detail
 * @property {string} factor
 * @property {string} value
 */

/** @typedef {RatingText | FactorText} CellText */

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

export class Tooltip {
  constructor() {
    this.title = html("b", { class: "rw-tip-title" });
    this.detail = html("span", { class: "rw-tip-detail" });
    this.rating = html("span");
    this.part = html("span", { class: "rw-tip-part" });
    this.prediction = html("b");
    this.residual = html("b");
    this.first = html("span");
    this.predicted = [
      html("span", {}, "prediction"),
      this.prediction,
      html("span", {}, "residual"),
      this.residual,
    ];
    this.versus = html("span");
    this.other = html("b");
    this.rows = html(
      "span",
      { class: "rw-tip-rows" },
      this.first,
      html("b", {}, this.rating, this.part),
      ...this.predicted,
      this.versus,
      this.other,
    );
    this.element = html(
      "div",
      { class: "rw-tooltip", hidden: true, "aria-hidden": "true" },
      this.title,
      this.detail,
      this.rows,
    );
    /** @type {0 | 1 | 2 | null} */
    this.shown = null;
  }

  hide() {
    setAttributes(this.element, { hidden: true });
  }

  /**
   * @param {CellText} text
   * @param {Box} ring in CSS pixels of the widget
   * @param {{width: number, height: number}} room of the widget
   */
  show(text, ring, room) {
    setText(this.title, text.title);
    setText(this.detail, text.detail);
    setAttributes(this.detail, { hidden: text.detail === "" });
    const factor = "factor" in text;
    setText(this.first, factor ? text.factor : (text.label ?? "rating"));
    setText(this.rating, factor ? text.value : text.rating);
    const prediction = factor ? "" : text.prediction;
    setText(this.prediction, prediction);
    setText(this.residual, factor ? "" : text.residual);
    for (const element of this.predicted) setAttributes(element, { hidden: prediction === "" });
    const versus = factor ? undefined : text.versus;
    setText(this.versus, versus ? `run ${versus.run}` : "");
    setText(this.other, versus?.prediction ?? "");
    for (const element of [this.versus, this.other]) setAttributes(element, { hidden: !versus });
    const part = factor ? null : text.part;
    if (this.shown !== part) {
      this.shown = part;
      const name = part === null ? null : PARTS[part];
      this.part.replaceChildren(...(name ? [partIcon(name), name] : []));
      this.part.className = name ? `rw-tip-part rw-${name}` : "rw-tip-part";
    }
    setAttributes(this.element, { hidden: false });
    const { x, y } = place(
      ring,
      { width: this.element.offsetWidth, height: this.element.offsetHeight },
      room,
    );
    this.element.style.transform = `translate(${x}px, ${y}px)`;
  }
}

/**
 * Right below, else left below, else above; inside the widget.
 *
 * @param {Box} ring
 * @param {{width: number, height: number}} tip
 * @param {{width: number, height: number}} room
 */
export function place(ring, tip, room) {
  const right = ring.right + AWAY;
  const left = ring.left - AWAY - tip.width;
  const below = ring.bottom + AWAY;
  const above = ring.top - AWAY - tip.height;
  const x = right + tip.width <= room.width ? right : left;
  const y = below + tip.height <= room.height || above < 0 ? below : above;
  return { x: Math.round(Math.max(0, Math.min(x, room.width - tip.width))), y: Math.round(y) };
}
