/** The three matrices as one instrument: one window of data, one zoom, one pan, one crosshair. */

/** @import { Picture } from "./matrix-picture.js" */
/** @import { MatrixPanel } from "./matrix-panel.js" */
/** @import { Cell, Room } from "./stage.js" */
/** @import { Store } from "./store.js" */
/** @import { Palette } from "./theme.js" */

import { UNSEEN } from "./cells.js";
import { setAttributes, setText } from "./dom.js";
import { fixed, noun, signed } from "./format.js";
import { PARTS } from "./icons.js";
import { drawCrosshair, drawEdge, drawNames, drawSelection, nameWidth } from "./matrix-overlay.js";
import { BLEED } from "./matrix-panel.js";
import { cellColors, paint, writeValues } from "./matrix-picture.js";
import { emptyBlock, Overview, readBinnedMoment, readBins } from "./overview.js";
import { hides } from "./part-toggles.js";
import { extent } from "./prediction.js";
import { orderInWords } from "./sorting.js";
import { Stage } from "./stage.js";

export class Matrices {
  /**
   * @param {MatrixPanel[]} panels
   * @param {Store} store
   * @param {Palette} palette
   */
  constructor(panels, store, palette) {
    this.panels = panels;
    /** For measuring text: there may be no panel. */
    this.measuring = document.createElement("canvas").getContext("2d");
    this.store = store;
    this.palette = palette;
    this.stage = this.newStage();
    /** @type {Cell | null} the cell under the crosshair */
    this.cursor = null;
    /** @type {Map<HTMLCanvasElement, string>} what each canvas shows */
    this.shown = new Map();
    /** @type {Overview | null} the whole matrix, where that is shown */
    this.whole = null;
    this.block = emptyBlock();
    this.blockKey = "";
    this.predictionsKey = "";
    this.version = 0;
    /** @type {ReadonlySet<number>} parts whose cells are not shown */
    this.hidden = new Set();
  }

  /** Where what is shown lies: cells, or the bins of the whole matrix. */
  get view() {
    return this.whole?.stage ?? this.stage;
  }

  /** @param {boolean} whole whether the whole matrix is shown, binned */
  showWhole(whole) {
    this.whole = whole ? new Overview(this.store, this.stage.room) : null;
    this.cursor = null;
    this.forget();
  }

  /**
   * Go from a bin to its single cells.
   *
   * @param {Cell} bin
   */
  enter(bin) {
    if (!this.whole) return;
    const { users, items } = this.whole.rectOf(bin);
    this.showWhole(false);
    const { rows, columns } = this.stage.viewport;
    const middle = (/** @type {[number, number]} */ [start, stop], /** @type {number} */ shown) =>
      Math.floor((start + stop - shown) / 2);
    this.stage.moveTo({ user: middle(users, rows), item: middle(items, columns) });
  }

  /**
   * @param {number} steps
   * @param {import("./gestures.js").Place | Cell | null} at
   */
  zoom(steps, at) {
    if (!this.whole) this.stage.zoom(steps, at);
    else if (steps > 0) {
      const { rows, columns } = this.view.viewport;
      const bin = at && "x" in at ? this.view.cellAt(at) : at;
      this.enter(bin ?? { user: Math.floor(rows / 2), item: Math.floor(columns / 2) });
    }
  }

  get canZoom() {
    return this.whole ? { out: false, in: true } : this.stage.canZoom;
  }

  newStage() {
    const { n_users, n_items } = this.store.summary;
    return new Stage(n_users, n_items, (viewport, ratio) =>
      this.measuring ? nameWidth(this.measuring, viewport, this.store.users, this.palette, ratio) : 0,
    );
  }

  /** @param {Room} room */
  layout(room) {
    const { n_users, n_items } = this.store.summary;
    if (n_users !== this.stage.n_users || n_items !== this.stage.n_items) {
      this.stage = this.newStage();
      this.cursor = null;
      this.whole = null;
    }
    this.stage.layout(room);
    this.whole?.layout(room);
    this.forget();
  }

  /** Everything is to be drawn again: canvases can come back blank after a scroll. */
  forget() {
    this.shown.clear();
    this.blockKey = "";
  }

  /** Draw what changed on the panels that are shown. */
  update() {
    const { stage } = this;
    if (stage.room.width === 0) return;
    // Names of rows may have come with the cells, and want room.
    if (stage.labelled && this.version !== this.store.cells.version) stage.arrange();
    this.version = this.store.cells.version;
    this.read();
    const { user, item } = this.pointed ?? { user: -1, item: -1 };
    const { chosen } = this;
    const over = `${this.blockKey} ${user} ${item} ${chosen.user} ${chosen.item} ${this.store.selections}`;
    for (const panel of this.panels) {
      if (panel.section.hidden) continue;
      panel.resize(stage.room.width, this.view.height, stage.room.ratio);
      const moves = panel.kind === "predictions" || panel.kind === "residuals";
      const cells = `${moves ? this.predictionsKey : this.blockKey} ${panel.shown}`;
      panel.placeLegend(this.end);
      this.once(panel.canvas, cells, () => this.draw(panel));
      this.once(panel.overlay, over, () => this.drawOver(panel));
    }
  }

  /** The cell, or bin, under the crosshair. */
  get pointed() {
    const { cursor, whole } = this;
    if (!cursor || (cursor.binned && !whole)) return null;
    return whole && !cursor.binned ? whole.binOf(cursor) : cursor;
  }

  /** The cell, or bin, of what is selected. */
  get chosen() {
    const { selection } = this.store;
    return this.whole ? this.whole.binOf(selection) : selection;
  }

  /** Where the cells end, in device pixels. */
  get end() {
    const { plot, viewport } = this.view;
    return {
      right: plot.left + viewport.columns * plot.cell,
      bottom: plot.top + viewport.rows * plot.cell,
    };
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {string} key of what it is to show
   * @param {() => void} draw
   */
  once(canvas, key, draw) {
    if (this.shown.get(canvas) === key) return;
    draw();
    this.shown.set(canvas, key);
  }

  /** Copy what is in view out of the store, where it changed. */
  read() {
    if (this.whole) this.readWhole(this.whole);
    else this.readCells();
  }

  /** @param {Overview} whole */
  readWhole(whole) {
    const { store, block } = this;
    const { rows, columns } = whole.stage.viewport;
    const { user, item } = store.sorting;
    const room = JSON.stringify([whole.stage.viewport, whole.stage.room]);
    const key = `whole ${room} ${user.serial} ${item.serial} ${whole.binned !== null}`;
    if (key !== this.blockKey) {
      this.blockKey = key;
      block.rows = rows;
      block.columns = columns;
      readBins(whole.binned, this.hidden, block);
      this.predictionsKey = "";
      this.caption();
    }
    const predictionsKey = `${key} ${store.frames}`;
    if (predictionsKey === this.predictionsKey) return;
    this.predictionsKey = predictionsKey;
    this.offerOthers();
    readBinnedMoment(whole.binned, whole.moment, this.hidden, block);
    this.captionPredictions();
    this.captionResiduals();
  }

  readCells() {
    const { store, block, stage } = this;
    const { rows, columns } = stage.viewport;
    const key = JSON.stringify([stage.viewport, stage.room, stage.names, store.cells.version]);
    if (key !== this.blockKey) {
      this.blockKey = key;
      block.rows = rows;
      block.columns = columns;
      block.shares = null;
      block.ratings = new Float32Array(rows * columns);
      block.parts = new Uint8Array(rows * columns);
      store.cells.read(stage.rect, block.ratings, block.parts);
      block.hidden = hides(block.parts, this.hidden);
      this.caption();
    }
    const predictionsKey = `${key} ${store.frames}`;
    if (predictionsKey === this.predictionsKey) return;
    this.predictionsKey = predictionsKey;
    this.offerOthers();
    const kept = block.predictions?.length === rows * columns ? block.predictions : null;
    const out = kept ?? new Float32Array(rows * columns);
    block.predictions = store.predictions(stage.rect, out) ? out : null;
    const sure = block.deviations?.length === rows * columns ? block.deviations : null;
    const into = store.knowsDeviations ? (sure ?? new Float32Array(rows * columns)) : null;
    block.deviations = into && store.deviations(stage.rect, into) ? into : null;
    block.residuals = this.residuals();
    block.differences = this.differences();
    this.captionPredictions();
    this.captionResiduals();
  }

  /**
   * How far each prediction is from that of the pinned run.
   *
   * @returns {Float32Array | null} null where none is pinned
   */
  differences() {
    const { predictions, differences } = this.block;
    if (!predictions || !this.panels.some(({ shown }) => shown === "differences")) return null;
    const out =
      differences?.length === predictions.length ? differences : new Float32Array(predictions.length);
    if (!this.store.pinnedPredictions(this.stage.rect, out)) return null;
    for (let k = 0; k < out.length; k++) out[k] = predictions[k] - out[k];
    return out;
  }

  /**
   * Whether words stand in place of the cells: before the first fit, or where there will be no predictions.
   *
   * @param {MatrixPanel} panel
   */
  isEmpty({ kind }) {
    const { n_ratings, no_predictions } = this.store.summary;
    return n_ratings === 0 || ((kind === "predictions" || kind === "residuals") && no_predictions !== "");
  }

  /** @param {MatrixPanel} panel */
  draw(panel) {
    const { view: stage, block, palette } = this;
    const { left, top, cell, gap, ratio } = stage.plot;
    const { rows, columns } = block;
    /** @type {Picture} */
    const picture = {
      grid: { rows, columns, cell, gap },
      ratio,
      labelled: stage.labelled,
      palette,
      rating_scale: this.store.summary.rating_scale,
    };
    const colors = cellColors(panel.shown, block, picture);
    const { image, words } = panel.pixels(columns * cell, rows * cell);
    paint(panel.shown, block, picture, colors, words);
    const { context } = panel;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, panel.canvas.width, panel.canvas.height);
    if (this.isEmpty(panel)) return;
    context.putImageData(image, left, top);
    if (!stage.labelled) return;
    context.translate(left, top);
    writeValues(context, panel.shown, block, picture, colors);
  }

  /** @param {MatrixPanel} panel */
  drawOver(panel) {
    const { over, overlay } = panel;
    const { view: stage, palette, pointed: cursor, chosen, store } = this;
    const bleed = Math.round(BLEED * stage.room.ratio);
    const plot = { ...stage.plot, left: stage.plot.left + bleed, top: stage.plot.top + bleed };
    over.clearRect(0, 0, overlay.width, overlay.height);
    if (this.isEmpty(panel)) return;
    const strong = [cursor, chosen];
    if (stage.labelled) drawNames(over, plot, stage.viewport, store, palette, strong);
    drawSelection(over, plot, stage.viewport, palette, chosen);
    if (!this.whole) this.drawMany(over, plot);
    if (cursor) drawCrosshair(over, plot, stage.viewport, palette, cursor);
  }

  /**
   * Rows and columns that are selected with others, along the edges.
   *
   * @param {CanvasRenderingContext2D} over
   * @param {import("./matrix-overlay.js").Plot} plot
   */
  drawMany(over, { left, top, cell, gap, ratio }) {
    const { stage, palette, store } = this;
    const { user, item, rows, columns } = stage.viewport;
    const { users, items } = store.many;
    const bars = (/** @type {number[]} */ found, /** @type {number} */ start) =>
      found.map((k) => [start + k * cell, cell - gap]);
    if (users.size > 1) {
      const found = bars(store.users.among(users, user, rows), top);
      drawEdge(over, "left", left, found, ratio, palette.ink);
    }
    if (items.size > 1) {
      const found = bars(store.items.among(items, item, columns), left);
      drawEdge(over, "top", top, found, ratio, palette.ink);
    }
  }

  /** What the pictures show, in words: under them, and as the name of each canvas. */
  caption() {
    const { users, items } = this.stage.rect;
    let observed = 0;
    let test = 0;
    for (const part of this.block.parts) {
      if (part < UNSEEN) observed++;
      if (part === 2) test++;
    }
    for (const panel of this.panels) {
      const { kind, caption, canvas, title, shown } = panel;
      if (kind !== "predictions" && kind !== "residuals")
        panel.say(this.store.summary.n_ratings ? "" : `${title} come with the training`);
      const { pinned } = this.store;
      const different = shown === "differences" && pinned;
      const what = shown === "split" ? "Train/test" : different ? `Against run ${pinned.run}` : title;
      if (this.whole) {
        const label = `${what}: all users and items, ${this.whole.binning}`;
        const keys = "Arrow keys move from cell to cell, Enter shows what is in one.";
        setAttributes(canvas, { "aria-label": `${label}. ${keys}` });
        setText(caption, this.whole.binning);
        continue;
      }
      const extent = `users ${users[0] + 1} to ${users[1]}, items ${items[0] + 1} to ${items[1]}`;
      setAttributes(canvas, { "aria-label": `${what}: ${extent}. Arrow keys move from cell to cell.` });
      if (shown === "ratings") setText(caption, this.store.summary.n_ratings ? this.ordersInWords() : "");
      if (shown === "split")
        setText(
          caption,
          observed && this.store.summary.n_test ? `${Math.round((100 * test) / observed)}% test in view` : "",
        );
    }
  }

  ordersInWords() {
    const { sorting, summary } = this.store;
    const users = orderInWords(sorting.user, noun(summary.columns.item));
    const items = orderInWords(sorting.item, noun(summary.columns.user));
    return `users by ${users} ↓  items by ${items} →`;
  }

  /**
   * Rating - prediction of each cell in view that has both.
   *
   * @returns {Float32Array | null} NaN elsewhere
   */
  residuals() {
    const { ratings, parts, predictions, residuals } = this.block;
    if (!predictions || !this.panels.some(({ kind }) => kind === "residuals")) return null;
    const out = residuals?.length === parts.length ? residuals : new Float32Array(parts.length);
    for (let k = 0; k < parts.length; k++)
      out[k] = parts[k] < UNSEEN ? ratings[k] - predictions[k] : Number.NaN;
    return out;
  }

  /** What else panels can show; of bins that is nothing. */
  offerOthers() {
    const { pinned, knowsDeviations } = this.store;
    for (const panel of this.panels) {
      if (panel.kind === "predictions") panel.offer(knowsDeviations && !this.whole ? "How sure" : "");
      if (panel.kind === "residuals") panel.offer(pinned && !this.whole ? `Against run ${pinned.run}` : "");
    }
  }

  /** How large the errors in view are, part by part. */
  captionResiduals() {
    const { store, block } = this;
    for (const panel of this.panels) {
      if (panel.kind !== "residuals") continue;
      const { pinned } = store;
      if (panel.shown === "differences" && pinned) {
        setText(panel.note, `prediction − that of run ${pinned.run}`);
        setText(panel.caption, block.differences ? rangeInWords(block.differences) : "");
        panel.say("");
        continue;
      }
      setText(panel.note, "rating − prediction");
      const cells = block.residuals && !this.whole ? errorsInWords(block.residuals, block.parts) : "";
      setText(panel.caption, this.whole?.residualsInWords(store.summary) ?? cells);
      panel.say(store.source ? "" : store.summary.no_predictions || "Residuals come with the model");
    }
  }

  captionPredictions() {
    for (const panel of this.panels) {
      if (panel.kind !== "predictions") continue;
      const unsure = panel.shown === "deviations";
      const values = unsure ? this.block.deviations : this.block.predictions;
      const range = values && extent(values);
      const digits = unsure ? 2 : 1;
      const sign = unsure ? "± " : "";
      const live = this.store.source && this.store.has_status;
      setText(panel.note, live ? `epoch ${this.store.shownEpoch}` : "");
      const [low, high] = (range ?? []).map((value) => sign + fixed(value, digits));
      const cells = range ? `from ${low} to ${high}` : "";
      setText(panel.caption, this.whole?.predictionsInWords() ?? cells);
      const missing = this.store.summary.no_predictions || "Predictions come with the model";
      panel.say(this.store.source ? "" : missing);
    }
  }
}

/** @param {Float32Array} differences */
function rangeInWords(differences) {
  const range = extent(differences);
  return range ? `from ${signed(range[0], 2)} to ${signed(range[1], 2)}` : "";
}

/**
 * @param {Float32Array} residuals NaN where there is none
 * @param {Uint8Array} parts
 * @returns {string} the RMSE of each part in view
 */
export function errorsInWords(residuals, parts) {
  const squares = [0, 0, 0];
  const counts = [0, 0, 0];
  for (let k = 0; k < parts.length; k++) {
    if (parts[k] >= UNSEEN || Number.isNaN(residuals[k])) continue;
    squares[parts[k]] += residuals[k] ** 2;
    counts[parts[k]]++;
  }
  const words = PARTS.flatMap((name, part) =>
    counts[part] ? [`${name} ${fixed(Math.sqrt(squares[part] / counts[part]), 2)}`] : [],
  );
  return words.length ? `here: ${words.join(", ")}` : "";
}
