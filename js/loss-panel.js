/** Loss curves: train, validation where there is one, and test, over the epochs planned. */

/** @import { Store } from "./store.js" */

import { callouts, noteOnBest } from "./callouts.js";
import { html, OWN_KEYS, setAttributes, setText, svg } from "./dom.js";
import { LossCursor } from "./loss-cursor.js";
import { inMetric, METRICS, ofBaseline, ofMse } from "./loss-metric.js";
import { bandOf, isFree, placeName } from "./loss-names.js";
import { axisText, lastShown, linePath, lossDomain } from "./loss-scale.js";
import { RankingStrip, STRIP } from "./ranking-strip.js";
import { lossText } from "./status.js";
import { spread, tickStep, ticks } from "./ticks.js";

/** Room for the numbers of an axis and for the names at the ends of the lines: at least, and a letter. */
const LEFT = 34;
const RIGHT = 84;
const LETTER = 6.6;
const TOP = 8;
const BOTTOM = 22;
const LINE = 14;
/** @type {Record<string, string>} */
const SPELT = {
  RMSE: "Root mean squared error",
  MSE: "Mean squared error",
  MAE: "Mean absolute error",
};
const SERIES = /** @type {const} */ (["train", "validation", "test"]);

/** What stands where something will be said. */
const EMPTY = "What a teacher would say of the curves stands here, once there are some.";

export class LossPanel {
  /**
   * @param {string} id
   * @param {() => void} changed
   * @param {AbortSignal} signal
   */
  constructor(id, changed, signal) {
    this.changed = changed;
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
    /** @type {import("./loss-metric.js").Metric} */
    this.metric = "RMSE";
    this.isLog = false;
    this.metrics = METRICS.map((metric) => look(metric, () => this.choose({ metric }), signal));
    this.scales = ["linear", "log"].map((scale) =>
      look(scale, () => this.choose({ isLog: scale === "log" }), signal),
    );
    this.choices = html(
      "div",
      { class: "rw-looks" },
      html("div", { class: "rw-looks", role: "group", "aria-label": "Metric" }, ...this.metrics),
      html("div", { class: "rw-looks", role: "group", "aria-label": "Scale" }, ...this.scales),
    );
    this.strip = new RankingStrip();
    this.drawing.append(this.strip.element);
    this.callout = html("div", { class: "rw-callout" });
    this.more = html("button", { type: "button", class: "rw-link", ...OWN_KEYS });
    this.more.addEventListener("click", () => this.choose({ isWhole: !this.isWhole }), { signal });
    this.isWhole = false;
    this.said = "";
    this.section = html(
      "section",
      { class: "rw-panel", "aria-label": "Loss curves", id },
      html(
        "div",
        { class: "rw-panel-head" },
        html("span", { class: "rw-title" }, "Loss"),
        this.choices,
        this.note,
      ),
      this.frame,
      this.callout,
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

  /** @param {Partial<Pick<LossPanel, "metric" | "isLog" | "isWhole">>} chosen */
  choose(chosen) {
    Object.assign(this, chosen);
    this.key = "";
    this.said = "";
    this.changed();
  }

  /**
   * @param {Store} store
   * @param {{width: number, height: number}} size CSS pixels
   * @param {{measured: boolean, told: boolean}} options whether epochs are measured beside their losses, and whether it
   *   is told what they say
   */
  update(store, size, { measured, told }) {
    const { progress, losses, pastEpoch } = store;
    const place = progress && [progress.epoch, progress.batch, progress.running_mse];
    const key = JSON.stringify([
      losses.version,
      place,
      pastEpoch,
      store.epochs,
      size,
      store.summary.baselines,
      shownRuns(store).map(({ run, name, is_pinned }) => [run, name, is_pinned]),
      store.measures.version,
    ]);
    if (told) this.say(store, !measured);
    if (key === this.key || size.width <= 0) return;
    this.key = key;
    const { width, height } = size;
    this.frame.style.height = `${height}px`;
    // JupyterLab sizes every svg in an output; only a style of its own stands against that.
    setAttributes(this.drawing, {
      style: `width: ${width}px; height: ${height}px`,
      viewBox: `0 0 ${width} ${height}`,
    });
    const { loss_name } = store.summary;
    this.showChoices(loss_name, measured);
    const { metric } = this;
    const rows = inMetric(losses.rows, metric, store.measures);
    const baselines = store.summary.baselines.map((one) => ({
      name: one.name,
      loss: ofBaseline(one, metric),
    }));
    const domain = lossDomain(rows, baselines[0]?.loss ?? null);
    const last = rows.at(-1);
    const best = rows.find(({ epoch }) => epoch === losses.best?.epoch);
    const under = progress?.batch ? progress.batch / Math.max(1, progress.n_batches) : 0;
    const now = losses.last ? losses.last.epoch + under : 0;
    const end = lastShown(now, store.epochs);
    this.left = Math.max(LEFT, 14 + LETTER * axisText(domain.high, domain.step).length);
    const longest = last
      ? Math.max(...SERIES.map((name) => (last[name] >= 0 ? lossText(last[name]).length : 0)))
      : 0;
    this.right = Math.max(
      measured ? RIGHT + 24 : RIGHT,
      12 + LETTER * (longest + (Number.isFinite(last?.validation) ? 11 : 6)),
    );
    const right = width - this.right;
    const bottom = height - BOTTOM - (measured ? STRIP : 0);
    const x = (/** @type {number} */ epoch) => this.left + (epoch / end) * (right - this.left);
    const { low, high } = this.isLog ? { ...domain, low: Math.max(domain.low, domain.high / 1000) } : domain;
    const turn = this.isLog ? Math.log : (/** @type {number} */ loss) => loss;
    const y = (/** @type {number} */ loss) =>
      TOP +
      ((turn(high) - turn(Math.max(loss, this.isLog ? 1e-12 : loss))) / (turn(high) - turn(low))) *
        (bottom - TOP);
    setAttributes(this.clip, {
      x: this.left - 4,
      y: TOP,
      width: right - this.left + 8,
      height: bottom - TOP + 3,
    });
    this.drawGrid({ ...domain, low }, end, { x, y, right, bottom });
    const running = progress?.batch ? (progress.running_mse ?? Number.NaN) : Number.NaN;
    const head = { x: x(now), loss: ofMse(running, metric) };
    const shownBaselines = baselines.filter(({ loss }) => Number.isFinite(loss) && loss >= low);
    this.drawLines(rows, head, { x, y });
    this.drawGhosts(shownRuns(store), { x, y });
    this.drawBest(best, losses.decider, { x, y, bottom });
    this.strip.update(store.measures, pastEpoch, { x, left: this.left, right, top: bottom + BOTTOM });
    this.drawEnds(last, head, shownBaselines, { x, y, width, bottom });
    const past = pastEpoch === null ? undefined : rows.find(({ epoch }) => epoch === pastEpoch);
    this.cursor.update(past, { x, y, top: TOP, left: this.left, right, bottom });
    this.describe(loss_name === "RMSE" ? metric : loss_name, last, best, losses.decider, shownBaselines);
  }

  /**
   * @param {string} loss_name
   * @param {boolean} measured whether absolute errors can be had
   */
  showChoices(loss_name, measured) {
    const own = loss_name !== "RMSE";
    // What Keras calls the loss may be anything.
    setText(this.note, own ? (loss_name === "loss" ? "as reported" : loss_name) : "");
    if (own) this.metric = "RMSE";
    for (const [k, button] of this.metrics.entries()) {
      const hidden = own || (METRICS[k] === "MAE" && !measured);
      setAttributes(button, { hidden, "aria-pressed": String(METRICS[k] === this.metric) });
    }
    for (const [k, button] of this.scales.entries()) {
      setAttributes(button, { "aria-pressed": String((k === 1) === this.isLog) });
    }
  }

  /**
   * What a teacher would say: one thing at a time, and the rest for the asking.
   *
   * @param {Store} store
   * @param {boolean} brief whether there is room for a few words only
   */
  say(store, brief) {
    const found = callouts(store);
    const { best, decider } = store.losses;
    const note = best && best.epoch > 0 ? noteOnBest(decider) : "";
    const key = JSON.stringify([found, note, this.isWhole]);
    if (key === this.said) return;
    this.said = key;
    const shown = this.isWhole ? found : found.slice(0, 1);
    const isCut = brief && !this.isWhole;
    const focused = document.activeElement === this.more;
    this.callout.replaceChildren(
      ...shown.map(({ what, why }) =>
        html("p", { class: "rw-saying" }, html("b", {}, what), isCut ? "" : ` ${why}`),
      ),
    );
    if (found.length > 1 || (brief && found.length > 0)) {
      setText(this.more, this.isWhole ? "less" : isCut ? "Why?" : `${found.length - 1} more`);
      setAttributes(this.more, { "aria-expanded": String(this.isWhole) });
      this.callout.lastElementChild?.append(" ", this.more);
      if (focused) this.more.focus();
    }
    const aside = note || found.length ? note : EMPTY;
    if (aside && !isCut) this.callout.append(html("p", { class: "rw-aside" }, aside));
  }

  /**
   * @param {{low: number, high: number, step: number}} domain
   * @param {number} end
   * @param {{x: (v: number) => number, y: (v: number) => number, right: number, bottom: number}} scale
   */
  drawGrid({ low, high, step }, end, { x, y, right, bottom }) {
    const key = JSON.stringify([low, high, step, end, this.left, right, bottom, this.isLog]);
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
   * @param {{x: number, loss: number}} head
   * @param {{x: (v: number) => number, y: (v: number) => number}} scale
   */
  drawLines(rows, head, { x, y }) {
    this.points = this.series.map(({ name, path }) => {
      const points = rows.map((row) => ({ x: x(row.epoch), y: y(row[name]) }));
      if (name === "train" && Number.isFinite(head.loss)) points.push({ x: head.x, y: y(head.loss) });
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
      ...runs.map(({ run, name, curve, is_pinned }) => {
        const points = curve.flatMap(([epoch, mse]) =>
          mse === null ? [] : [{ x: x(epoch), y: y(ofMse(mse, this.metric)) }],
        );
        const kind = is_pinned ? "rw-pinned" : null;
        return svg(
          "path",
          { d: linePath(points), class: kind },
          svg("title", {}, `run ${run} ${name}`.trim()),
        );
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
    const at = { x: x(best.epoch), y: y(best[part]) };
    setAttributes(this.best, { cx: at.x, cy: at.y });
    setAttributes(this.drop, { d: `M${crisp(at.x)} ${at.y + 5}V${bottom}` });
    setText(this.bestLabel, `best ${best.epoch}: ${lossText(best[part])}`);
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
   * @param {{x: number, loss: number}} head
   * @param {{name: string, loss: number}[]} baselines
   * @param {{x: (v: number) => number, y: (v: number) => number, width: number, bottom: number}} scale
   */
  drawEnds(last, head, baselines, { x, y, width, bottom }) {
    const inside = (/** @type {number} */ loss) => Math.max(TOP + 2, Math.min(bottom, y(loss)));
    const shown = this.series.filter(({ name }) => last && Number.isFinite(last[name]));
    for (const part of this.series) {
      const display = shown.includes(part) ? null : "none";
      setAttributes(part.head, { display });
      setAttributes(part.label, { display });
    }
    const names = baselines.map(({ name, loss }) => ({
      name,
      text: `${name} ${lossText(loss)}`,
      at: y(loss),
    }));
    // The first, which no model should stay near, is named at the right; where others lie, lines run and end.
    const beside = head.x + 80 > width - 116 ? names.slice(0, 1).map(({ at }) => at - 5) : [];
    const wanted = shown.map(({ name }) => (last ? inside(last[name]) : 0));
    const placed = spread([...wanted, ...beside.map((at) => at - 1)], LINE, TOP + 4, bottom - 2);
    shown.forEach(({ name, head: dot, label }, k) => {
      if (!last) return;
      const moving = name === "train" && Number.isFinite(head.loss);
      setAttributes(dot, { cx: moving ? head.x : x(last.epoch), cy: moving ? inside(head.loss) : wanted[k] });
      setAttributes(label, { x: head.x + 8, y: placed[k] + 4 });
      setText(label, `${name} ${lossText(last[name])}`);
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
   * @param {{name: string, loss: number}[]} baselines
   */
  describe(name, last, best, part, baselines) {
    const words = [`${SPELT[name] ?? name} by epoch`];
    const parts = SERIES.filter((one) => last && Number.isFinite(last[one]));
    if (last)
      words.push(`at epoch ${last.epoch} ${parts.map((one) => `${one} ${lossText(last[one])}`).join(", ")}`);
    if (best && best.epoch > 0) words.push(`best ${part} ${lossText(best[part])} at epoch ${best.epoch}`);
    for (const one of baselines) words.push(`${one.name} ${lossText(one.loss)}`);
    setAttributes(this.drawing, { "aria-label": words.join("; ") });
  }
}

/**
 * @param {string} text
 * @param {() => void} choose
 * @param {AbortSignal} signal
 */
function look(text, choose, signal) {
  const button = html("button", { type: "button", class: "rw-look", ...OWN_KEYS }, text);
  button.addEventListener("click", choose, { signal });
  return button;
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
