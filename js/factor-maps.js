/** Factors as heat maps: users down with a column a factor, items across with a row a factor. */

/** @import { MatrixPanel } from "./matrix-panel.js" */
/** @import { Matrices } from "./matrices.js" */
/** @import { MapPlot } from "./factor-plot.js" */
/** @import { Cell } from "./stage.js" */

import { colorAll, wantsLightInk } from "./colors.js";
import { setAttributes, setText } from "./dom.js";
import { boxOf, placeOf, plotOf } from "./factor-plot.js";
import { FactorScale } from "./factor-scale.js";
import { count, fixed } from "./format.js";
import { boxed, drawEdge, drawNames } from "./matrix-overlay.js";
import { BLEED } from "./matrix-panel.js";
import { expand } from "./pixels.js";

/** From this size in CSS pixels on, factors have their number and cells their value. */
const NUMBERED = 14;
const VALUED = { width: 30, height: 20 };

export class FactorMaps {
  /**
   * @param {MatrixPanel[]} panels
   * @param {Matrices} matrices whose window and colours these share
   */
  constructor(panels, matrices) {
    this.panels = panels;
    this.matrices = matrices;
    this.store = matrices.store;
    this.scale = new FactorScale();
    /** @type {Map<MatrixPanel, Float32Array>} what each map shows, row by row */
    this.values = new Map();
  }

  /** @param {{width: number, height: number}} _plot these have the room of matrices */
  update(_plot) {
    const { matrices, store } = this;
    const { stage } = matrices;
    if (this.panels.length === 0 || stage.room.width === 0) return;
    this.scale.update(
      store.progress?.run ?? 0,
      [store.tables.user, store.tables.item].flatMap((table) => table?.values ?? []),
    );
    const { user, item, factor } = this.cursor ?? { user: -1, item: -1 };
    const chosen = store.selection;
    for (const panel of this.panels) {
      if (panel.section.hidden) continue;
      const { left, top, rows, columns, width, height } = this.plotOf(panel);
      const end = { right: left + columns * width, bottom: top + rows * height };
      panel.resize(stage.room.width, end.bottom / stage.room.ratio, stage.room.ratio);
      panel.placeLegend(end);
      const key = `${matrices.blockKey} ${store.frames}`;
      matrices.once(panel.canvas, key, () => this.draw(panel));
      const over = `${key} ${user} ${item} ${factor} ${chosen.user} ${chosen.item} ${store.selections}`;
      matrices.once(panel.overlay, over, () => this.drawOver(panel));
    }
  }

  /** The cell under the crosshair, where it is one: bins have no factors here. */
  get cursor() {
    const { cursor } = this.matrices;
    return cursor?.binned ? null : cursor;
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
  plotOf(panel) {
    return plotOf(this.matrices.stage, this.ofUsers(panel), this.tableOf(panel));
  }

  /** @param {MatrixPanel} panel */
  draw(panel) {
    const { matrices } = this;
    const { context, canvas } = panel;
    const { ground, diverging } = matrices.palette;
    const table = this.tableOf(panel);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    this.caption(panel);
    if (!table) return;
    const plot = this.plotOf(panel);
    const values = this.read(panel, plot);
    this.values.set(panel, values);
    const colors = new Uint32Array(values.length);
    const { bound } = this.scale;
    colorAll({ table: diverging, low: -bound, high: bound }, values, colors, ground);
    const { image, words } = panel.pixels(plot.columns * plot.width, plot.rows * plot.height);
    expand(plot, colors, words, ground);
    context.putImageData(image, plot.left, plot.top);
    this.writeValues(panel, plot, values, colors);
  }

  /**
   * @param {MatrixPanel} panel
   * @param {MapPlot} plot
   */
  read(panel, { rows, columns }) {
    const { store, matrices } = this;
    const { rect } = matrices.stage;
    const users = this.ofUsers(panel);
    const { n_factors, values } = /** @type {import("./types.js").FactorTable} */ (this.tableOf(panel));
    const found = users
      ? store.rowsOf(store.users, store.user_rows, rect.users)
      : store.rowsOf(store.items, store.item_rows, rect.items);
    const out = new Float32Array(rows * columns).fill(Number.NaN);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const row = found[users ? r : c];
        if (row >= 0) out[r * columns + c] = values[row * n_factors + (users ? c : r)];
      }
    }
    return out;
  }

  /**
   * @param {MatrixPanel} panel
   * @param {MapPlot} plot
   * @param {Float32Array} values
   * @param {Uint32Array} colors
   */
  writeValues({ context }, { left, top, columns, width, height, gap }, values, colors) {
    const { ratio } = this.matrices.stage.room;
    if (width < VALUED.width * ratio || height < VALUED.height * ratio) return;
    context.font = `${11 * ratio}px ${this.matrices.palette.font}`;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    const drop = context.measureText("0").actualBoundingBoxAscent / 2;
    const widest = (/** @type {number} */ digits) =>
      values.reduce(
        (most, value) => (Number.isNaN(value) ? most : Math.max(most, fixed(value, digits).length)),
        0,
      );
    const room = (width - gap - 4 * ratio) / context.measureText("0").width;
    const digits = [2, 1].find((number) => widest(number) <= room);
    if (digits === undefined) return;
    values.forEach((value, k) => {
      if (Number.isNaN(value)) return;
      context.fillStyle = wantsLightInk(colors[k]) ? "#fff" : "#15171c";
      const x = left + (k % columns) * width + (width - gap) / 2;
      const y = top + Math.floor(k / columns) * height + (height - gap) / 2 + drop;
      context.fillText(fixed(value, digits), Math.round(x), Math.round(y));
    });
  }

  /** @param {MatrixPanel} panel */
  drawOver(panel) {
    const { matrices, store } = this;
    const { cursor } = this;
    const { stage, palette } = matrices;
    const { over, overlay } = panel;
    over.clearRect(0, 0, overlay.width, overlay.height);
    if (!this.tableOf(panel)) return;
    const { ratio } = stage.room;
    const bleed = Math.round(BLEED * ratio);
    const plot = this.plotOf(panel);
    const users = this.ofUsers(panel);
    const at = { ...stage.plot, left: plot.left + bleed, top: plot.top + bleed };
    const strong = [cursor, store.selection];
    if (stage.labelled) drawNames(over, at, stage.viewport, store, palette, strong, users ? "user" : "item");
    this.drawNumbers(panel, plot, bleed);
    this.drawMany(panel, plot, bleed);
    const chosen = users ? store.selection.user : store.selection.item;
    this.drawBand(panel, chosen, 2);
    const hovered = (users ? cursor?.user : cursor?.item) ?? -1;
    this.drawBand(panel, hovered, 1);
    if (cursor?.factor !== undefined && hovered >= 0) {
      const { left, top, right, bottom } = boxOf(stage, plot, cursor);
      const size = { width: (right - left) * ratio - plot.gap, height: (bottom - top) * ratio - plot.gap };
      boxed(over, { x: left * ratio + bleed, y: top * ratio + bleed, ...size }, 2, ratio, palette);
    }
  }

  /**
   * Those that are selected with others, along the edge.
   *
   * @param {MatrixPanel} panel
   * @param {MapPlot} plot
   * @param {number} bleed
   */
  drawMany({ over }, { users, left, top, rows, columns, width, height, gap }, bleed) {
    const { store, matrices } = this;
    const { viewport, room } = matrices.stage;
    const many = users ? store.many.users : store.many.items;
    if (many.size < 2) return;
    const bars = users
      ? store.users.among(many, viewport.user, rows).map((k) => [top + bleed + k * height, height - gap])
      : store.items.among(many, viewport.item, columns).map((k) => [left + bleed + k * width, width - gap]);
    const at = (users ? left : top) + bleed;
    drawEdge(over, users ? "left" : "top", at, bars, room.ratio, matrices.palette.ink);
  }

  /**
   * The row of a user or the column of an item, framed.
   *
   * @param {MatrixPanel} panel
   * @param {number} position
   * @param {number} thick CSS pixels
   */
  drawBand(panel, position, thick) {
    const { stage, palette } = this.matrices;
    const { viewport, room } = stage;
    const { left, top, rows, columns, width, height, gap } = this.plotOf(panel);
    const bleed = Math.round(BLEED * room.ratio);
    const users = this.ofUsers(panel);
    const place = position - (users ? viewport.user : viewport.item);
    if (position < 0 || place < 0 || place >= (users ? rows : columns)) return;
    const box = users
      ? { x: left, y: top + place * height, width: columns * width - gap, height: height - gap }
      : { x: left + place * width, y: top, width: width - gap, height: rows * height - gap };
    const moved = { ...box, x: box.x + bleed, y: box.y + bleed };
    boxed(panel.over, moved, thick, room.ratio, palette);
  }

  /**
   * Numbers of the factors, where names of users or items show that there is room.
   *
   * @param {MatrixPanel} panel
   * @param {MapPlot} plot
   * @param {number} bleed
   */
  drawNumbers(panel, { left, top, rows, columns, width, height, gap }, bleed) {
    const { stage, palette } = this.matrices;
    const { ratio } = stage.room;
    const { over } = panel;
    const users = this.ofUsers(panel);
    if (!stage.labelled || (users ? width : height) < NUMBERED * ratio) return;
    over.font = `${11 * ratio}px ${palette.font}`;
    over.fillStyle = palette.quiet;
    over.textBaseline = "alphabetic";
    const drop = over.measureText("0").actualBoundingBoxAscent;
    for (let k = 0; k < (users ? columns : rows); k++) {
      over.textAlign = users ? "center" : "right";
      const x = users ? left + k * width + (width - gap) / 2 : left - Math.round(6 * ratio);
      const y = users ? top - Math.round(6 * ratio) : top + k * height + (height - gap + drop) / 2;
      over.fillText(String(k + 1), Math.round(x + bleed), Math.round(y + bleed));
    }
  }

  /** @param {MatrixPanel} panel */
  caption(panel) {
    const { store, matrices } = this;
    const { stage } = matrices;
    const users = this.ofUsers(panel);
    const table = this.tableOf(panel);
    const [side, shown, all] = users
      ? ["users", stage.viewport.rows, stage.n_users]
      : ["items", stage.viewport.columns, stage.n_items];
    const k = table?.n_factors ?? 0;
    const factors = `${count(k)} ${k === 1 ? "factor" : "factors"}`;
    const many = shown < all ? `${count(shown)} of ${count(all)} ${side}` : `${count(all)} ${side}`;
    setText(panel.note, table ? `${many}, ${factors}` : "");
    setText(panel.caption, users ? "users ↓  factors →" : "factors ↓  items →");
    const told = table || !store.progress ? "" : `This model has no ${side.slice(0, -1)} factors`;
    panel.say(store.source === null && !table ? "Factors come with the model" : told);
    const { users: u, items: i } = stage.rect;
    const extent = users ? `users ${u[0] + 1} to ${u[1]}` : `items ${i[0] + 1} to ${i[1]}`;
    setAttributes(panel.canvas, {
      "aria-label": `${panel.title}: ${extent}, ${factors}. Arrow keys move from cell to cell.`,
    });
    const { bound } = this.scale;
    const text = bound ? String(bound) : "";
    setAttributes(panel.key, { hidden: text === "" });
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
    const plot = this.plotOf(panel);
    const { row, column } = placeOf(this.matrices.stage, plot, cell);
    if (row < 0 || column < 0 || row >= plot.rows || column >= plot.columns) return Number.NaN;
    return this.values.get(panel)?.[row * plot.columns + column] ?? Number.NaN;
  }
}
