/** The factor map on the page: heading with what the colours are of, canvases, and two lines under them. */

/** @import { By } from "./map-colors.js" */

import { html, OWN_KEYS, setAttributes, setText, svg } from "./dom.js";
import { BLEED, context, size } from "./matrix-panel.js";

/** CSS pixels of the second line under the map. */
export const SECOND_LINE = 16;

const BY = /** @type {const} */ (["mean rating", "activity", "genre"]);

export class MapPanel {
  /** @param {string} id */
  constructor(id) {
    this.note = html("span", { class: "rw-note" });
    this.looks = BY.map((by) => ({
      by,
      button: html("button", { type: "button", class: "rw-look", "aria-pressed": "false", ...OWN_KEYS }, by),
    }));
    this.canvas = html("canvas", {
      class: "rw-cells",
      tabindex: 0,
      role: "application",
      "aria-roledescription": "map of points",
      "aria-label": "Factor map",
      ...OWN_KEYS,
    });
    this.overlay = html("canvas", { class: "rw-overlay", "aria-hidden": "true" });
    this.empty = html("div", { class: "rw-empty", hidden: true });
    this.frame = html("div", { class: "rw-frame" }, this.canvas, this.overlay, this.empty);
    this.items = html("span", { class: "rw-caption" });
    this.users = html("span", { class: "rw-caption" });
    this.key = html("span", { class: "rw-key" });
    this.path = html(
      "button",
      { type: "button", class: "rw-switch", "aria-pressed": "false", hidden: true, ...OWN_KEYS },
      "Path",
    );
    this.itemLine = html("div", { class: "rw-legend" }, html("span", {}, dotSign(), this.items), this.key);
    this.userLine = html(
      "div",
      { class: "rw-legend rw-second" },
      html("span", {}, crossSign(), this.users),
      this.path,
    );
    this.group = html(
      "span",
      { class: "rw-looks", role: "group", "aria-label": "Colours of the items" },
      ...this.looks.map(({ button }) => button),
    );
    this.section = html(
      "section",
      { class: "rw-panel rw-map", "aria-label": "Factor map", id },
      html(
        "div",
        { class: "rw-panel-head" },
        html("span", { class: "rw-title" }, html("span", { class: "rw-of" }, "Factor "), "map"),
        this.note,
        this.group,
      ),
      this.frame,
      this.itemLine,
      this.userLine,
    );
    this.context = context(this.canvas);
    this.over = context(this.overlay);
  }

  /**
   * @param {number} width CSS pixels
   * @param {number} height CSS pixels
   * @param {number} ratio
   */
  resize(width, height, ratio) {
    this.frame.style.height = `${height}px`;
    size(this.canvas, Math.floor(width * ratio), Math.round(height * ratio), ratio);
    const bleed = 2 * BLEED;
    size(this.overlay, Math.floor((width + bleed) * ratio), Math.round((height + bleed) * ratio), ratio);
    this.overlay.style.left = `${-BLEED}px`;
    this.overlay.style.top = `${-BLEED}px`;
  }

  /**
   * @param {By[]} choices what there is to colour by
   * @param {By} chosen
   */
  offer(choices, chosen) {
    for (const { by, button } of this.looks)
      setAttributes(button, { hidden: !choices.includes(by), "aria-pressed": String(by === chosen) });
  }

  get showsPath() {
    return this.path.getAttribute("aria-pressed") === "true";
  }

  turnPath() {
    setAttributes(this.path, { "aria-pressed": String(!this.showsPath) });
  }

  /** @param {string} text shown in place of points, or none */
  say(text) {
    setText(this.empty, text);
    setAttributes(this.empty, { hidden: text === "" });
    setAttributes(this.group, { hidden: text !== "" });
    for (const line of [this.itemLine, this.userLine]) line.style.visibility = text === "" ? "" : "hidden";
  }
}

function dotSign() {
  return sign(svg("circle", { cx: 5, cy: 5, r: 3.5, fill: "currentColor" }));
}

function crossSign() {
  return sign(svg("path", { d: "M2 2l6 6M8 2l-6 6", fill: "none", stroke: "currentColor" }));
}

/** @param {SVGElement} shape */
function sign(shape) {
  const box = { viewBox: "0 0 10 10", width: 10, height: 10, "aria-hidden": "true" };
  return svg("svg", { class: "rw-map-sign", ...box }, shape);
}
