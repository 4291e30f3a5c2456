/** Factors beside matrices: two strips, a row a factor, users and items across in the order of the matrices. */

/** @import { Strip } from "./strip-plot.js" */
/** @import { Matrices } from "./matrices.js" */
/** @import { MatrixPanel } from "./matrix-panel.js" */
/** @import { Cell } from "./stage.js" */

import { colorAll, wantsLightInk } from "./colors.js";
import { setAttributes, setText } from "./dom.js";
import { FactorScale } from "./factor-scale.js";
import { count, fixed } from "./format.js";
import { boxed, drawEdge } from "./matrix-overlay.js";
import { BLEED } from "./matrix-panel.js";
import { boxOf, fill, placeOf, stripOf } from "./strip-plot.js";

/** CSS pixels of the line under each strip. */
const LEGEND = 20;

/** From this size in CSS pixels on, cells have their value. */
const VALUED = { width: 34, height: 16 };

export class FactorStrips {
  /**
   * @param {MatrixPanel[]} panels
   * @param {Matrices} matrices whose window and colours these share
   */
  constructor(panels, matrices) {
    this.panels = panels;
    this.matrices = matrices;
    this.store = matrices.store;
    this.scale = new FactorScale();
    this.room = { width: 0, height: 0, ratio: 1 };
    /** @type {Map<MatrixPanel, Float32Array>} what each strip shows, row by row */
    this.values = new Map();
  }

  /** @param {{width: number, height: number}} plot the room of both */
  update({ width, height }) {
    const { matrices, store, panels } = this;
    const { room, rect } = matrices.stage;
    if (panels.length === 0 || width === 0 || room.width === 0) return;
    const each = Math.floor((height + LEGEND - panels.length * LEGEND) / panels.length);
    this.room = { width, height: each, ratio: room.ratio };
    // Of the past as of now in the colours of now: what grows over the epochs is to be seen.
    const { user: users, item: items } = store.live.tables;
    this.scale.update(
      store.progress?.run ?? 0,
      [users, items].flatMap((table) => table?.values ?? []),
    );
    const { user, item, factor } = matrices.cursor ?? { user: -1, item: -1 };
    const said = this.words();
    for (const panel of panels) {
      const text = said.get(panel) ?? "";
      // Where there are none at all, once is enough.
      const repeated = text !== "" && panel !== panels[0] && text === said.get(panels[0]);
      setAttributes(panel.section, { hidden: repeated });
      if (repeated) continue;
      const strip = this.stripOf(panel);
      const end = { right: strip.xs[strip.columns], bottom: strip.ys[strip.rows] };
      panel.resize(
        width,
        text ? (said.size === panels.length ? height : each) : end.bottom / room.ratio,
        room.ratio,
      );
      panel.placeLegend(text ? { right: 0, bottom: panel.canvas.height } : end);
      panel.say(text);
      const key = JSON.stringify([rect, this.room, store.frames, this.scale.bound, store.cells.version]);
      matrices.once(panel.canvas, key, () => this.draw(panel));
      const over = `${key} ${user} ${item} ${factor} ${store.selections}`;
      matrices.once(panel.overlay, over, () => this.drawOver(panel));
    }
  }

  /** @returns {Map<MatrixPanel, string>} why a strip is empty */
  words() {
    const { store } = this;
    const missing = this.panels.filter((panel) => !this.tableOf(panel));
    const none = missing.length === this.panels.length;
    const reason = (/** @type {MatrixPanel} */ panel) => {
      if (!store.source) return store.summary.no_predictions || "Factors come with the model";
      if (none) return "This model has no factors: no table with a row for each user or item";
      return `This model has no ${this.ofUsers(panel) ? "user" : "item"} factors`;
    };
    return new Map(missing.map((panel) => [panel, reason(panel)]));
  }

  /** @param {MatrixPanel} panel */
  ofUsers(panel) {
    return panel.kind === "user_factors";
  }

  /** @param {MatrixPanel} panel */
  tableOf(panel) {
    return this.ofUsers(panel) ? this.store.tables.user : this.store.tables.item;
  }

  /** @param {MatrixPanel} panel */
  stripOf(panel) {
    const { viewport } = this.matrices.stage;
    return stripOf(this.ofUsers(panel), viewport, this.tableOf(panel)?.n_factors ?? 1, this.room);
  }

  /** @param {MatrixPanel} panel */
  draw(panel) {
    const { ground, diverging } = this.matrices.palette;
    const { context, canvas } = panel;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const strip = this.stripOf(panel);
    this.caption(panel, strip);
    if (!this.tableOf(panel)) {
      this.values.delete(panel);
      return;
    }
    const values = this.read(panel, strip);
    this.values.set(panel, values);
    const colors = new Uint32Array(values.length);
    const { bound } = this.scale;
    colorAll({ table: diverging, low: -bound, high: bound }, values, colors, ground);
    const { image, words } = panel.pixels(strip.xs[strip.columns], strip.ys[strip.rows]);
    fill(strip, colors, words, ground);
    context.putImageData(image, 0, 0);
    this.writeValues(panel, strip, values, colors);
  }

  /**
   * @param {MatrixPanel} panel
   * @param {Strip} strip
   */
  read(panel, { users, first, columns, rows }) {
    const { store } = this;
    const { n_factors, values } = /** @type {import("./types.js").FactorTable} */ (this.tableOf(panel));
    const range = /** @type {[number, number]} */ ([first, first + columns]);
    const found = users
      ? store.rowsOf(store.users, store.user_rows, range)
      : store.rowsOf(store.items, store.item_rows, range);
    const out = new Float32Array(rows * columns).fill(Number.NaN);
    for (let c = 0; c < columns; c++) {
      if (found[c] < 0) continue;
      for (let r = 0; r < rows; r++) out[r * columns + c] = values[found[c] * n_factors + r];
    }
    return out;
  }

  /**
   * @param {MatrixPanel} panel
   * @param {Strip} strip
   * @param {Float32Array} values
   * @param {Uint32Array} colors
   */
  writeValues({ context }, { columns, rows, xs, ys, gap, ratio }, values, colors) {
    const narrowest = xs[columns] / columns;
    if (narrowest < VALUED.width * ratio || ys[rows] / rows < VALUED.height * ratio) return;
    context.font = `${11 * ratio}px ${this.matrices.palette.font}`;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    const drop = context.measureText("0").actualBoundingBoxAscent / 2;
    values.forEach((value, k) => {
      if (Number.isNaN(value)) return;
      const [r, c] = [Math.floor(k / columns), k % columns];
      context.fillStyle = wantsLightInk(colors[k]) ? "#fff" : "#15171c";
      const x = (xs[c] + xs[c + 1] - gap) / 2;
      const y = (ys[r] + ys[r + 1] - gap) / 2 + drop;
      context.fillText(fixed(value, 2), Math.round(x), Math.round(y));
    });
  }

  /** @param {MatrixPanel} panel */
  drawOver(panel) {
    const { matrices, store } = this;
    const { palette, cursor } = matrices;
    const { over, overlay } = panel;
    over.clearRect(0, 0, overlay.width, overlay.height);
    if (!this.tableOf(panel)) return;
    const strip = this.stripOf(panel);
    const users = this.ofUsers(panel);
    const bleed = Math.round(BLEED * strip.ratio);
    const [order, many] = users ? [store.users, store.many.users] : [store.items, store.many.items];
    const marked = many.size > 1 ? order.among(many, strip.first, strip.columns) : [];
    const bars = marked.map((c) => [strip.xs[c] + bleed, strip.xs[c + 1] - strip.xs[c] - strip.gap]);
    drawEdge(over, "top", bleed, bars, strip.ratio, palette.ink);
    const band = (/** @type {number} */ position, /** @type {number} */ thick) => {
      const column = position - strip.first;
      if (position < 0 || column < 0 || column >= strip.columns) return;
      const [x, width] = [strip.xs[column] + bleed, strip.xs[column + 1] - strip.xs[column] - strip.gap];
      const box = { x, y: bleed, width, height: strip.ys[strip.rows] - strip.gap };
      boxed(over, box, thick, strip.ratio, palette);
    };
    band(users ? store.selection.user : store.selection.item, 2);
    const hovered = (users ? cursor?.user : cursor?.item) ?? -1;
    band(hovered, 1);
    if (cursor?.factor === undefined || hovered < 0 || !this.has(panel, cursor)) return;
    const { left, top, right, bottom } = boxOf(strip, cursor);
    const { ratio, gap } = strip;
    const size = { width: (right - left) * ratio - gap, height: (bottom - top) * ratio - gap };
    boxed(over, { x: left * ratio + bleed, y: top * ratio + bleed, ...size }, 2, ratio, palette);
  }

  /**
   * @param {MatrixPanel} panel
   * @param {Cell} cell
   */
  has(panel, cell) {
    const { column, row } = placeOf(this.stripOf(panel), cell);
    const { columns, rows } = this.stripOf(panel);
    return column >= 0 && column < columns && row >= 0 && row < rows;
  }

  /**
   * @param {MatrixPanel} panel
   * @param {Strip} strip
   */
  caption(panel, { users, first, columns, rows }) {
    const { store } = this;
    const table = this.tableOf(panel);
    const k = table?.n_factors ?? 0;
    const inAll = rows < k ? `${count(rows)} of ${count(k)}` : `${count(k)} in all`;
    setText(panel.note, table ? `one row a factor, ${inAll}` : "");
    const side = users ? "users" : "items";
    const all = users ? store.summary.n_users : store.summary.n_items;
    const many = columns < all ? `${count(columns)} of ${count(all)} ${side}` : `${count(all)} ${side}`;
    setText(panel.caption, table ? `${many} →` : "");
    const factors = `${count(k)} ${k === 1 ? "factor" : "factors"}`;
    setAttributes(panel.canvas, {
      "aria-label": `${panel.label}: ${side} ${first + 1} to ${first + columns}, ${factors}. Arrow keys move from cell to cell.`,
    });
    const { bound } = this.scale;
    // One key for both, under the last.
    setAttributes(panel.key, { hidden: !bound || !table || panel !== this.panels[this.panels.length - 1] });
    const text = String(bound);
    if (panel.key.dataset.bound === text) return;
    panel.key.dataset.bound = text;
    const ramp = panel.key.querySelector(".rw-ramp");
    if (ramp) panel.key.replaceChildren(`−${text}`, ramp, `+${text}`);
  }

  /**
   * @param {MatrixPanel} panel
   * @param {Cell} cell
   * @returns {number} NaN where not known
   */
  value(panel, cell) {
    const strip = this.stripOf(panel);
    const { column, row } = placeOf(strip, cell);
    if (!this.has(panel, cell)) return Number.NaN;
    return this.values.get(panel)?.[row * strip.columns + column] ?? Number.NaN;
  }
}
