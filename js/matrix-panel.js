/** One matrix on the page: heading, two canvases (cells below, names and crosshair above) and a legend. */

/** @import { PanelName } from "./types.js" */

import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";

/** CSS pixels that the upper canvas reaches beyond the lower: the ring of a cell at the edge lies there. */
export const BLEED = 4;

/** CSS pixels of empty frame that a legend is not kept away from its cells by. */
const LOOSE = 24;

/** From this many CSS pixels on a legend spreads over the width of its cells. */
const SPREAD = 340;

/**
 * @typedef {Object} PanelText
 * @property {PanelName} kind
 * @property {string} label as a screen reader names the panel
 * @property {string} title
 */

export class MatrixPanel {
  /**
   * @param {PanelText} text
   * @param {string} id
   * @param {readonly PanelText[]} looks at the same cells, of which one is chosen; none where there is one alone
   */
  constructor({ kind, label, title }, id, looks = []) {
    this.kind = kind;
    /** @type {PanelName} */
    this.look = kind;
    this.texts = looks;
    this.looks = looks.map((look) => ({
      kind: look.kind,
      button: html(
        "button",
        {
          type: "button",
          class: "rw-look",
          "aria-label": look.label,
          "aria-pressed": String(look.kind === kind),
          ...OWN_KEYS,
        },
        look.title,
      ),
    }));
    this.label = label;
    this.title = title;
    this.note = html("span", { class: "rw-note" });
    this.canvas = html("canvas", {
      class: "rw-cells",
      tabindex: 0,
      role: "application",
      "aria-roledescription": "heat map",
      "aria-label": title,
      ...OWN_KEYS,
    });
    this.overlay = html("canvas", { class: "rw-overlay", "aria-hidden": "true" });
    this.empty = html("div", { class: "rw-empty", hidden: true });
    this.frame = html("div", { class: "rw-frame" }, this.canvas, this.overlay, this.empty);
    this.caption = html("span", { class: "rw-caption" });
    this.key = html("span", { class: "rw-key" });
    this.other = html("button", {
      type: "button",
      class: "rw-switch",
      "aria-pressed": "false",
      hidden: true,
      ...OWN_KEYS,
    });
    this.legend = html("div", { class: "rw-legend" }, this.caption, this.other, this.key);
    this.section = html(
      "section",
      { class: "rw-panel", "aria-label": label, id },
      html(
        "div",
        { class: "rw-panel-head" },
        html("span", { class: "rw-title" }, title),
        ...this.looks.map(({ button }) => button),
        this.note,
      ),
      this.frame,
      this.legend,
    );
    this.context = context(this.canvas);
    this.over = context(this.overlay);
    /** @type {ImageData | null} */
    this.image = null;
  }

  /**
   * Canvases of whole device pixels, shown at their own size.
   *
   * @param {number} width CSS pixels
   * @param {number} height CSS pixels
   * @param {number} ratio device pixels a CSS pixel
   */
  resize(width, height, ratio) {
    this.frame.style.height = `${height}px`;
    size(this.canvas, Math.floor(width * ratio), Math.round(height * ratio), ratio);
    size(
      this.overlay,
      Math.floor((width + 2 * BLEED) * ratio),
      Math.round((height + 2 * BLEED) * ratio),
      ratio,
    );
    this.overlay.style.left = `${-BLEED}px`;
    this.overlay.style.top = `${-BLEED}px`;
  }

  /**
   * Put the legend under the cells, where they leave much of the frame empty.
   *
   * @param {{right: number, bottom: number}} cells their end, in device pixels of the lower canvas
   */
  placeLegend({ right, bottom }) {
    const { width, height } = this.canvas;
    const scale = Number.parseFloat(this.canvas.style.width) / width;
    const below = height - bottom;
    const beside = (width - right) * scale > LOOSE;
    const { style } = this.legend;
    style.top = below * scale > LOOSE ? `${-below * scale}px` : "";
    style.maxWidth = beside && right * scale > SPREAD ? `${right * scale}px` : "";
    style.justifyContent = beside && right * scale <= SPREAD ? "flex-start" : "";
  }

  /**
   * What is shown: the look that was chosen; in the place of predictions these, or how sure they are; in that of
   * residuals these, or the differences from a pinned run.
   *
   * @returns {PanelName | "deviations" | "differences"}
   */
  get shown() {
    if (this.other.hidden || this.other.getAttribute("aria-pressed") !== "true") return this.look;
    return this.kind === "residuals" ? "differences" : "deviations";
  }

  /** @param {PanelName} look one of `looks` */
  choose(look) {
    this.look = look;
    const { label } = this.texts.find(({ kind }) => kind === look) ?? this;
    setAttributes(this.section, { "aria-label": label });
    for (const { kind, button } of this.looks)
      setAttributes(button, { "aria-pressed": String(kind === look) });
  }

  /** @param {string} text what else can be shown here; empty: nothing */
  offer(text) {
    if (text) setText(this.other, text);
    setAttributes(this.other, { hidden: text === "" });
  }

  /** Show the other of the two. */
  turn() {
    this.showOther(this.other.getAttribute("aria-pressed") !== "true");
  }

  /** @param {boolean} shown whether what else can be shown here is */
  showOther(shown) {
    setAttributes(this.other, { "aria-pressed": String(shown) });
  }

  /**
   * Pixels to paint into, kept from one frame to the next.
   *
   * @param {number} width device pixels
   * @param {number} height device pixels
   */
  pixels(width, height) {
    if (this.image?.width !== width || this.image.height !== height)
      this.image = new ImageData(width, height);
    return { image: this.image, words: new Uint32Array(this.image.data.buffer) };
  }

  /** @param {string} text shown in place of cells, or none */
  say(text) {
    setText(this.empty, text);
    setAttributes(this.empty, { hidden: text === "" });
  }
}

/** @param {HTMLCanvasElement} canvas */
export function context(canvas) {
  const drawing = canvas.getContext("2d");
  if (!drawing) throw new Error("this browser gives no 2d canvas");
  return drawing;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width device pixels
 * @param {number} height device pixels
 * @param {number} ratio
 */
export function size(canvas, width, height, ratio) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.width = `${width / ratio}px`;
  canvas.style.height = `${height / ratio}px`;
}
