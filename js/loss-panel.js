/** Loss curves: train, validation where there is one, and test, over the epochs planned. */

/** @import { Store } from "./store.js" */

import { html, setAttributes, setText, svg } from "./dom.js";
import { LossCursor } from "./loss-cursor.js";
import { bandOf, isFree, placeName } from "./loss-names.js";
import { axisText, lastShown, linePath, lossDomain } from "./loss-scale.js";
import { rmse } from "./status.js";
import { spread, tickStep, ticks } from "./ticks.js";

/** Room for the numbers of an axis and for the names at the ends of the lines: at least, and a letter. */
const LEFT = 34;
const RIGHT = 84;
const LETTER = 6.6;
const TOP = 8;
const BOTTOM = 22;
const LINE = 14;
const SERIES = /** @type {const} */ (["train", "validation", "test"]);

export class LossPanel {
  /** @param {string} id */
  constructor(id) {
    this.grid = svg("g", { class: "rw-grid" });
    this.baselines = svg("g", { class: "rw-baselines" });
    this.clip = svg("rect");
    this.lines = svg("g", { "clip-path": `url(#${id}-clip)` });
    this.marks = svg("g");
    this.drawing = svg(
      "svg",
      { class: "rw-loss", role: "img" },
      svg("clipPath", { id: `${id}-clip` }, this.clip),
      this.grid,
      this.baselines,
      this.lines,
      this.marks,
    );
    this.series = SERIES.map((name) => {
      const parts = {
        name,
        path: svg("path", { class: `rw-line rw-${name}` }),
        head: svg("circle", { class: `rw-head rw-${name}`, r: 3.5 }),
        label: svg("text", { class: `rw-end rw-${name}` }),
      };
      this.lines.append(parts.path);
      this.marks.append(parts.head, parts.label);
      return parts;
    });
    this.drop = svg("path", { class: "rw-drop" });
    this.best = svg("circle", { class: "rw-best", r: 4 });
    this.bestLabel = svg("text", { class: "rw-best-label" });
    this.ghosts = svg("g", { class: "rw-ghosts", "clip-path": `url(#${id}-clip)` });
    this.lines.before(this.ghosts, this.drop);
    this.cursor = new LossCursor();
    this.marks.append(this.best, this.bestLabel, this.cursor.element);
    this.frame = html("div", { class: "rw-frame" }, this.drawing);
    this.note = html("span", { class: "rw-note" });
    this.section = html(
      "section",
      { class: "rw-panel", "aria-label": "Loss curves", id },
      html("div", { class: "rw-panel-head" }, html("span", { class: "rw-title" }, "Loss"), this.note),
      this.frame,
    );
    this.key = "";
    /** What the grid and the baselines show: most frames move neither. */
    this.shownGrid = "";
    this.shownBaselines = "";
    /** @type {import("./loss-names.js").Point[][]} the points of each line */
    this.points = [];
    /** @type {Map<string, ReturnType<typeof placeName>>} where the names of baselines stand */
    this.places = new Map();
    this.left = LEFT;
    this.right = RIGHT;
  }

  /**
   * @param {Store} store
   * @param {{width: number, height: number}} size CSS pixels
   */
  update(store, size) {
    const { progress, losses, pastEpoch } = store;
    const place = progress && [progress.epoch, progress.batch, progress.running_mse];
    const key = JSON.stringify([
      losses.version,
      place,
      pastEpoch,
      store.epochs,
      size,
      store.summary.baselines,
      shownRuns(store).map(({ run, name }) => [run, name]),
    ]);
    if (key === this.key || size.width <= 0) return;
    this.key = key;
    const { width, height } = size;
    this.frame.style.height = `${height}px`;
    // JupyterLab sizes every svg in an output; only a style of its own stands against that.
    setAttributes(this.drawing, {
      style: `width: ${width}px; height: ${height}px`,
      viewBox: `0 0 ${width} ${height}`,
    });
    const rows = losses.rows;
    const { baselines, loss_name } = store.summary;
    // What Keras calls the loss may be anything.
    setText(this.note, loss_name === "loss" ? "as reported" : loss_name);
    const domain = lossDomain(rows, baselines[0]?.test_rmse ?? null);
    const last = losses.last;
    const under = progress?.batch ? progress.batch / Math.max(1, progress.n_batches) : 0;
    const now = last ? last.epoch + under : 0;
    const end = lastShown(now, store.epochs);
    this.left = Math.max(LEFT, 14 + LETTER * axisText(domain.high, domain.step).length);
    const longest = last
      ? Math.max(...SERIES.map((name) => (last[name] >= 0 ? rmse(last[name]).length : 0)))
      : 0;
    this.right = Math.max(RIGHT, 12 + LETTER * (longest + (Number.isFinite(last?.validation) ? 11 : 6)));
    const right = width - this.right;
    const bottom = height - BOTTOM;
    const x = (/** @type {number} */ epoch) => this.left + (epoch / end) * (right - this.left);
    const y = (/** @type {number} */ loss) =>
      TOP + ((domain.high - loss) / (domain.high - domain.low)) * (bottom - TOP);
    setAttributes(this.clip, {
      x: this.left - 4,
      y: TOP,
      width: right - this.left + 8,
      height: bottom - TOP + 3,
    });
    this.drawGrid(domain, end, { x, y, right, bottom });
    const head = { x: x(now), mse: progress?.batch ? (progress.running_mse ?? Number.NaN) : Number.NaN };
    const shownBaselines = baselines.filter(({ test_rmse }) => Number.isFinite(test_rmse));
    this.drawLines(rows, head, { x, y });
    this.drawGhosts(shownRuns(store), { x, y });
    this.drawBest(losses.best, losses.decider, { x, y, bottom });
    this.drawEnds(last, head, shownBaselines, { x, y, width, bottom });
    const past = pastEpoch === null ? undefined : rows.find(({ epoch }) => epoch === pastEpoch);
    this.cursor.update(past, { x, y, top: TOP, left: this.left, right, bottom });
    this.describe(loss_name, last, losses.best, losses.decider, shownBaselines);
  }

  /**
   * @param {{low: number, high: number, step: number}} domain
   * @param {number} end
   * @param {{x: (v: number) => number, y: (v: number) => number, right: number, bottom: number}} scale
   */
  drawGrid({ low, high, step }, end, { x, y, right, bottom }) {
    const key = JSON.stringify([low, high, step, end, this.left, right, bottom]);
    if (key === this.shownGrid) return;
    this.shownGrid = key;
    const across = ticks(low, high, step).flatMap((loss) => [
      svg("path", { d: `M${this.left} ${crisp(y(loss))}H${right}` }),
      svg("text", { x: this.left - 8, y: crisp(y(loss)) + 3.5, "text-anchor": "end" }, axisText(loss, step)),
    ]);
    const epochStep = tickStep(end, Math.max(2, Math.floor((right - this.left) / 56)), true);
    const along = ticks(0, end, epochStep).map((epoch) =>
      svg("text", { x: x(epoch), y: bottom + 17, "text-anchor": "middle" }, String(epoch)),
    );
    const name = svg("text", { x: right + this.right, y: bottom + 17, "text-anchor": "end" }, "epoch →");
    this.grid.replaceChildren(...across, ...along, name);
  }

  /**
   * @param {import("./losses.js").EpochLoss[]} rows
   * @param {{x: number, mse: number}} head
   * @param {{x: (v: number) => number, y: (v: number) => number}} scale
   */
  drawLines(rows, head, { x, y }) {
    this.points = this.series.map(({ name, path }) => {
      const points = rows.map((row) => ({ x: x(row.epoch), y: y(Math.sqrt(row[name])) }));
      if (name === "train" && Number.isFinite(head.mse))
        points.push({ x: head.x, y: y(Math.sqrt(head.mse)) });
      setAttributes(path, { d: linePath(points) });
      return points;
    });
  }

  /**
   * Earlier runs, faint behind this one.
   *
   * @param {import("./types.js").RunRow[]} runs
   * @param {{x: (v: number) => number, y: (v: number) => number}} scale
   */
  drawGhosts(runs, { x, y }) {
    this.ghosts.replaceChildren(
      ...runs.map(({ run, name, curve }) => {
        const points = curve.flatMap(([epoch, mse]) =>
          mse === null ? [] : [{ x: x(epoch), y: y(Math.sqrt(mse)) }],
        );
        return svg("path", { d: linePath(points) }, svg("title", {}, `run ${run} ${name}`.trim()));
      }),
    );
  }

  /**
   * @param {import("./losses.js").EpochLoss | undefined} best
   * @param {"validation" | "test"} part that decided
   * @param {{x: (v: number) => number, y: (v: number) => number, bottom: number}} scale
   */
  drawBest(best, part, { x, y, bottom }) {
    const shown = best !== undefined && best.epoch > 0;
    for (const part of [this.best, this.bestLabel, this.drop]) {
      setAttributes(part, { display: shown ? null : "none" });
    }
    if (!shown) return;
    const at = { x: x(best.epoch), y: y(Math.sqrt(best[part])) };
    setAttributes(this.best, { cx: at.x, cy: at.y });
    setAttributes(this.drop, { d: `M${crisp(at.x)} ${at.y + 5}V${bottom}` });
    setText(this.bestLabel, `best ${best.epoch}: ${rmse(best[part])}`);
    const left = at.x - this.left > 96;
    setAttributes(this.bestLabel, {
      x: at.x + (left ? -5 : 5),
      y: bottom - 5,
      "text-anchor": left ? "end" : "start",
    });
  }

  /**
   * Names and values at the ends of the lines, kept apart from each other and from the baselines' names.
   *
   * @param {import("./losses.js").EpochLoss | undefined} last
   * @param {{x: number, mse: number}} head
   * @param {{name: string, test_rmse: number}[]} baselines
   * @param {{x: (v: number) => number, y: (v: number) => number, width: number, bottom: number}} scale
   */
  drawEnds(last, head, baselines, { x, y, width, bottom }) {
    const inside = (/** @type {number} */ mse) => Math.max(TOP + 2, Math.min(bottom, y(Math.sqrt(mse))));
    const shown = this.series.filter(({ name }) => last && Number.isFinite(last[name]));
    for (const part of this.series) {
      const display = shown.includes(part) ? null : "none";
      setAttributes(part.head, { display });
      setAttributes(part.label, { display });
    }
    const names = baselines.map(({ name, test_rmse }) => ({
      name,
      text: `${name} ${rmse(test_rmse ** 2)}`,
      at: y(test_rmse),
    }));
    // The first, which no model should stay near, is named at the right; where others lie, lines run and end.
    const beside = head.x + 80 > width - 116 ? names.slice(0, 1).map(({ at }) => at - 5) : [];
    const wanted = shown.map(({ name }) => (last ? inside(last[name]) : 0));
    const placed = spread([...wanted, ...beside.map((at) => at - 1)], LINE, TOP + 4, bottom - 2);
    shown.forEach(({ name, head: dot, label }, k) => {
      if (!last) return;
      const moving = name === "train" && Number.isFinite(head.mse);
      setAttributes(dot, { cx: moving ? head.x : x(last.epoch), cy: moving ? inside(head.mse) : wanted[k] });
      setAttributes(label, { x: head.x + 8, y: placed[k] + 4 });
      setText(label, `${name} ${rmse(last[name])}`);
    });
    const ends = shown.map(({ label }, k) => ({
      left: head.x,
      right: head.x + 8 + LETTER * label.textContent.length,
      top: placed[k] - 8,
      bottom: placed[k] + 8,
    }));
    const bands = this.points.map((points) => bandOf(points, width));
    const room = { left: this.left + 4, right: width - this.right, top: TOP, bottom };
    const others = names.slice(1).map(({ name, text, at }) => {
      const size = { at, width: LETTER * text.length };
      const kept = this.places.get(name) ?? null;
      const place = placeName(size, room, kept, (area) => isFree(area, bands, ends));
      this.places.set(name, place);
      return { text, at, ...place, anchor: "start" };
    });
    const first = names.slice(0, 1).map(({ text, at }) => {
      const y = beside.length ? placed[shown.length] + 1 : at - 5;
      return { text, at, x: width, y, anchor: "end" };
    });
    this.drawBaselines([...first, ...others], width);
  }

  /**
   * @param {{text: string, at: number, x: number, y: number, anchor: string}[]} names and the heights of their lines
   * @param {number} width
   */
  drawBaselines(names, width) {
    const key = JSON.stringify([names, this.left, width]);
    if (key === this.shownBaselines) return;
    this.shownBaselines = key;
    this.baselines.replaceChildren(
      ...names.flatMap(({ text, at, x, y, anchor }) => [
        svg("path", { d: `M${this.left} ${crisp(at)}H${width}` }),
        svg("text", { x, y, "text-anchor": anchor }, text),
      ]),
    );
  }

  /**
   * @param {string} name of the loss
   * @param {import("./losses.js").EpochLoss | undefined} last
   * @param {import("./losses.js").EpochLoss | undefined} best
   * @param {"validation" | "test"} part that decided
   * @param {{name: string, test_rmse: number}[]} baselines
   */
  describe(name, last, best, part, baselines) {
    const words = [name === "RMSE" ? "Root mean squared error by epoch" : `${name} by epoch`];
    const parts = SERIES.filter((one) => last && Number.isFinite(last[one]));
    if (last)
      words.push(`at epoch ${last.epoch} ${parts.map((one) => `${one} ${rmse(last[one])}`).join(", ")}`);
    if (best && best.epoch > 0) words.push(`best ${part} ${rmse(best[part])} at epoch ${best.epoch}`);
    for (const { name, test_rmse } of baselines) words.push(`${name} ${rmse(test_rmse ** 2)}`);
    setAttributes(this.drawing, { "aria-label": words.join("; ") });
  }
}

/**
 * Kept runs whose losses stand behind.
 *
 * @param {Store} store
 */
function shownRuns({ run_table }) {
  return run_table.filter(({ is_live, is_shown }) => !is_live && is_shown);
}

/** @param {number} value the middle of a pixel, so that a line of one pixel is one */
function crisp(value) {
  return Math.round(value - 0.5) + 0.5;
}
