/** The selected user: what the model recommends, whether it hits what is held out, and what the user rated. */

/** @import { Best, InspectedUser } from "./inspection.js" */
/** @import { Line } from "./choice-list.js" */
/** @import { Store } from "./store.js" */
/** @import { Palette } from "./theme.js" */

import { Bars } from "./bars.js";
import { ChoiceList } from "./choice-list.js";
import { colorOf, cssColor } from "./colors.js";
import { Course } from "./course.js";
import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";
import { count, fixed, noun, plain, titleParts } from "./format.js";
import { PARTS } from "./icons.js";
import { axisText, lastShown } from "./loss-scale.js";
import { userName } from "./names.js";
import { RatedLines, sideNote, waiting, when } from "./side-text.js";
import { Steady } from "./steady.js";

const COURSE = 56;
/** Lengths of the list of recommendations. */
export const LENGTHS = [5, 10, 20, 50, 100];
export const LENGTH = 10;

export class UserPanel {
  /**
   * @param {string} id
   * @param {{choose: (item: number) => void, changed: () => void}} told
   * @param {AbortSignal} signal
   */
  constructor(id, { choose, changed }, signal) {
    this.title = html("span", { class: "rw-title" });
    this.note = html("span", { class: "rw-note" });
    this.empty = html("p", { class: "rw-say" });
    this.length = html(
      "select",
      { class: "rw-length", "aria-label": "Top N", ...OWN_KEYS },
      ...LENGTHS.map((n) => html("option", { value: n, selected: n === LENGTH }, String(n))),
    );
    this.length.addEventListener("change", changed, { signal });
    this.when = html("span");
    this.hits = html("span");
    this.top = new ChoiceList("Recommended", "rw-top", choose, signal);
    this.none = html("p", { class: "rw-say" });
    this.bars = new Bars();
    this.highest = html("span", {}, "Rated highest");
    this.rated = new ChoiceList("Rated highest", "rw-rated", choose, signal);
    this.precision = new Course({ height: COURSE });
    this.ndcg = new Course({ height: COURSE });
    this.rmse = new Course({ height: COURSE });
    this.precisionName = html("span");
    this.ndcgName = html("span");
    this.rmseName = html("span");
    this.courses = html(
      "div",
      { class: "rw-courses" },
      html(
        "div",
        { class: "rw-list" },
        html("div", { class: "rw-list-head" }, this.precisionName),
        this.precision.drawing,
      ),
      html(
        "div",
        { class: "rw-list" },
        html("div", { class: "rw-list-head" }, this.ndcgName),
        this.ndcg.drawing,
      ),
      html(
        "div",
        { class: "rw-list" },
        html("div", { class: "rw-list-head" }, this.rmseName),
        this.rmse.drawing,
      ),
    );
    this.body = html(
      "div",
      { class: "rw-lists" },
      html(
        "div",
        { class: "rw-list" },
        html(
          "div",
          { class: "rw-list-head" },
          html("span", { class: "rw-list-name" }, "Top ", this.length, " ", this.when),
          this.hits,
        ),
        this.top.element,
        this.none,
      ),
      html(
        "div",
        { class: "rw-list" },
        html("div", { class: "rw-list-head" }, this.highest, this.bars.element),
        this.rated.element,
      ),
      this.courses,
    );
    this.section = html(
      "section",
      { class: "rw-panel rw-inspector rw-side", "aria-label": "User", id },
      html("div", { class: "rw-panel-head" }, this.title, this.note),
      this.empty,
      this.body,
    );
    this.lines = new RatedLines();
    this.domains = { precision: new Steady(2), ndcg: new Steady(2), rmse: new Steady(2) };
    this.width = 0;
    this.key = "";
  }

  measure() {
    this.width = (this.courses.firstElementChild ?? this.section).clientWidth;
  }

  get n() {
    return Number(this.length.value);
  }

  /**
   * @param {Store} store
   * @param {Palette} palette
   */
  update(store, palette) {
    const { selected, inspection, losses, epochs, summary, state } = store;
    const key = JSON.stringify([
      [selected, inspection.version, losses.version, epochs, store.epoch, store.shownEpoch],
      [state.status, store.isLive, store.cursor, summary.data, this.width, palette.dark],
    ]);
    if (key === this.key) return;
    this.key = key;
    const user = inspection.user(selected.user);
    const words =
      selected.user === null
        ? "Click a cell, or a user, to see what they rated and what the model recommends."
        : user
          ? ""
          : waiting(store);
    const was = this.body.hidden;
    setText(this.empty, words);
    setAttributes(this.empty, { hidden: words === "" });
    setAttributes(this.body, { hidden: user === null });
    setText(this.title, selected.user === null ? "User" : capital(userName(store, selected.user)));
    setText(this.note, user ? sideNote(store, user) : "");
    if (!user) return;
    if (was || this.width === 0) this.measure();
    this.drawTop(store, user, palette);
    const implicit = summary.columns.rating === null;
    setText(this.highest, `${implicit ? "Taken" : "Rated highest"}${more(user)}`);
    this.bars.update(user.bars, summary.rating_scale, palette);
    this.rated.update(this.lines.of(store, user, "item", palette), selected.item);
    this.drawCourses(store, user);
  }

  /**
   * @param {Store} store
   * @param {InspectedUser} user
   * @param {Palette} palette
   */
  drawTop(store, user, palette) {
    const things = `${noun(store.summary.columns.item)}s`;
    setText(this.when, `${when(store)}, unseen`);
    setAttributes(this.when, { title: `Without the ${things} of the user's train part` });
    setText(this.hits, hitsInWords(user));
    const held = PARTS[user.part];
    setAttributes(this.hits, {
      title: `A hit is rated ${plain(user.threshold)} or more in the ${held} part; precision and NDCG are of these ${user.n}`,
    });
    const [low, high] = store.summary.rating_scale;
    const scale = { table: palette.ratings, low, high };
    const implicit = store.summary.columns.rating === null;
    const lines = (user.top ?? []).map((best, k) => ({
      ...nameOf(store, best),
      index: best.index,
      lead: String(k + 1),
      color: cssColor(colorOf(scale, best.score)),
      value: fixed(best.score, 2),
      ...markOf(best, user.part, implicit),
    }));
    this.top.update(lines, store.selected.item);
    const none =
      user.top === null ? "Recommendations come with the model." : "There is nothing left to recommend.";
    setText(this.none, lines.length ? "" : none);
    setAttributes(this.none, { hidden: lines.length > 0 });
  }

  /**
   * How well the user's list ranks beside how well ratings are predicted: one need not follow the other.
   *
   * @param {Store} store
   * @param {InspectedUser} user
   */
  drawCourses(store, user) {
    const { losses } = store;
    const { epochs, precision, ndcg, rmse } = user.course;
    const run = store.progress?.run ?? store.state.run;
    const part = PARTS[user.part];
    const end = lastShown(store.epoch, store.epochs);
    const best = losses.best && losses.best.epoch > 0 ? losses.best.epoch : null;
    const key = `${user.index} ${user.n} ${store.summary.data} ${run}`;
    const common = { end, best, truth: null, shown: store.shownEpoch };
    const errors = asMap(epochs, rmse);
    setAttributes(this.courses, { hidden: store.inspection.answer?.run !== run || epochs.length === 0 });
    const sides = (/** @type {import("./steady.js").Domain} */ { low, high, step }) => [
      axisText(low, step),
      axisText(high, step),
    ];
    const text = (/** @type {number} */ value) => fixed(value, 2);
    const told = (/** @type {Map<number, number>} */ values) =>
      text(values.get(store.shownEpoch) ?? Number.NaN);
    const ranked = [
      { course: this.precision, head: this.precisionName, domain: this.domains.precision, of: precision },
      { course: this.ndcg, head: this.ndcgName, domain: this.domains.ndcg, of: ndcg },
    ];
    for (const { course, head, domain: steady, of } of ranked) {
      const name = `${of === ndcg ? "NDCG" : "Precision"}@${user.n} of this list`;
      const none = of === ndcg ? "" : `No ${part} rating is high enough for a hit`;
      setText(head, user.n_relevant ? name : none);
      setAttributes(course.drawing, { hidden: !user.n_relevant });
      const values = asMap(epochs, of);
      const upper = steady.widen(key, [0, 0.1, ...values.values()]);
      const domain = { ...upper, high: Math.min(1, upper.high) };
      const description = `${name} over the epochs: ${told(values)}`;
      course.update({ ...common, values, domain, sides: sides(domain), text }, this.width, description);
    }
    const there = [...errors.values()].some(Number.isFinite);
    const rmseName = `RMSE of their ${part} ratings`;
    setText(this.rmseName, there ? rmseName : "");
    setAttributes(this.rmse.drawing, { hidden: !there });
    const lower = this.domains.rmse.widen(key, errors.values());
    this.rmse.update(
      { ...common, values: errors, domain: lower, sides: sides(lower), text },
      this.width,
      `${rmseName}: ${told(errors)}`,
    );
  }
}

/**
 * @param {Int32Array} epochs
 * @param {Float32Array} values
 */
function asMap(epochs, values) {
  /** @type {Map<number, number>} */
  const map = new Map();
  epochs.forEach((epoch, k) => {
    map.set(epoch, values[k]);
  });
  return map;
}

/**
 * How many ratings there are beside those that are listed.
 *
 * @param {{rated: unknown[] | null, n_ratings: number}} side
 */
export function more({ rated, n_ratings }) {
  const listed = rated?.length ?? 0;
  return listed < n_ratings ? `, ${count(listed)} of ${count(n_ratings)}` : "";
}

/**
 * What the list hits of what is held out.
 *
 * @param {InspectedUser} user
 */
export function hitsInWords({ top, precision, ndcg, n, n_relevant, part }) {
  if (top === null || !n_relevant) return top === null ? "" : `nothing to hit in ${PARTS[part]}`;
  const hits = top.filter(({ hit }) => hit).length;
  const measures = [`P@${n} ${fixed(precision ?? Number.NaN, 2)}`, `NDCG ${fixed(ndcg ?? Number.NaN, 2)}`];
  return [`${hits} ${hits === 1 ? "hit" : "hits"}`, ...measures].join(", ");
}

/**
 * A hit is written out, a held out rating that is too low for one is not.
 *
 * @param {Best} best
 * @param {number} part that is held out
 * @param {boolean} implicit
 * @returns {Pick<Line, "part" | "mark" | "weight">}
 */
export function markOf({ rating, hit }, part, implicit) {
  if (Number.isNaN(rating)) return { part: "", mark: "", weight: "" };
  const text = implicit ? "" : fixed(rating, 1);
  if (hit) return { part: PARTS[part], mark: [text, "hit"].filter(Boolean).join(" "), weight: "hit" };
  return { part: PARTS[part], mark: text, weight: "miss" };
}

/**
 * @param {Store} store
 * @param {{id: string, title: string}} one item
 */
export function nameOf({ summary }, { id, title }) {
  const { name, year } = titleParts(title);
  return { name: name || `${noun(summary.columns.item)} ${id}`, quiet: year };
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
