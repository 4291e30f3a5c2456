/** Be a user: find titles, rate them, and see what the model recommends, while it learns. */

/** @import { Store } from "./store.js" */
/** @import { Palette } from "./theme.js" */
/** @import { Match } from "./types.js" */
/** @import { YouAnswer, YouQuestion, YourRating } from "./you.js" */

import { ChoiceList } from "./choice-list.js";
import { colorOf, cssColor } from "./colors.js";
import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";
import { count, fixed, noun, plain, titleParts } from "./format.js";
import { Search } from "./search.js";
import { ratingChoices, YouRequests } from "./you.js";

const LENGTH = 10;

/**
 * @typedef {Object} Told
 * @property {(question: YouQuestion) => void} ask
 * @property {(query: string, serial: number) => void} find
 * @property {(ratings: YourRating[]) => void} rate
 * @property {(item: number) => void} choose
 * @property {() => void} changed
 */

export class YouPanel {
  /**
   * @param {string} id
   * @param {Told} told
   * @param {AbortSignal} signal
   */
  constructor(id, { ask, find, rate, choose, changed }, signal) {
    this.rate = rate;
    this.signal = signal;
    this.requests = new YouRequests(ask, changed, () => performance.now(), signal);
    this.search = new Search(id, find, (match) => this.add(match), signal, "Find a title to rate");
    this.hint = html("p", { class: "rw-say" });
    this.rows = html("div", { class: "rw-your-ratings", role: "list", "aria-label": "Your ratings" });
    this.when = html("span");
    this.top = new ChoiceList("Recommended to you", "rw-yours", choose, signal);
    this.none = html("p", { class: "rw-say" });
    this.clear = html("button", { type: "button", class: "rw-link", hidden: true, ...OWN_KEYS }, "Clear");
    this.clear.addEventListener("click", () => this.set([]), { signal });
    this.section = html(
      "section",
      { class: "rw-panel rw-you", "aria-label": "Be a user", id, hidden: true },
      html(
        "div",
        { class: "rw-panel-head" },
        html("span", { class: "rw-title" }, "Be a user"),
        html("span", { class: "rw-note" }, "a new user of this model, not trained on"),
      ),
      html(
        "div",
        { class: "rw-lists" },
        html(
          "div",
          { class: "rw-list" },
          html("div", { class: "rw-your-head" }, this.search.element, this.clear),
          this.hint,
          this.rows,
        ),
        html(
          "div",
          { class: "rw-list" },
          html("div", { class: "rw-list-head" }, html("span", {}, "Recommended to you"), this.when),
          this.top.element,
          this.none,
        ),
      ),
    );
    this.section.dataset.panel = "you";
    this.button = html(
      "button",
      { type: "button", class: "rw-link", "aria-controls": id, "aria-expanded": "false", ...OWN_KEYS },
      "Be a user",
    );
    this.button.addEventListener(
      "click",
      () => {
        setAttributes(this.section, { hidden: this.isOpen });
        setAttributes(this.button, { "aria-expanded": String(this.isOpen) });
        if (this.isOpen) this.search.input.focus();
        changed();
      },
      { signal },
    );
    /** @type {Map<number, {id: string, title: string}>} what is known of items, by index */
    this.names = new Map();
    /** @type {Map<number, YourRow>} */
    this.shown = new Map();
    /** @type {YourRating[]} */
    this.ratings = [];
    /** @type {YouAnswer | null} */
    this.answer = null;
    /** Grows with each answer. */
    this.version = 0;
    this.key = "";
  }

  get isOpen() {
    return !this.section.hidden;
  }

  /** @param {Match} match */
  add({ index, id, title }) {
    this.names.set(index, { id, title: title ?? "" });
    this.search.input.value = "";
    const first = this.implicit ? 1 : null;
    if (!this.ratings.some(([item]) => item === index)) this.set([[index, first], ...this.ratings]);
    this.shown.get(index)?.focus();
  }

  /**
   * @param {number} item index
   * @param {number | null | undefined} rating undefined takes the item out
   */
  change(item, rating) {
    if (rating === undefined) this.set(this.ratings.filter(([other]) => other !== item));
    else this.set(this.ratings.map((one) => (one[0] === item ? [item, rating] : one)));
  }

  /** @param {YourRating[]} ratings */
  set(ratings) {
    this.ratings = ratings;
    this.rate(ratings);
    this.layRows();
  }

  /** @param {YouAnswer} answer */
  take(answer) {
    if (!this.requests.answered(answer)) return;
    for (const { index, id, title } of answer.rated) this.names.set(index, { id, title });
    this.answer = answer;
    this.version++;
  }

  /**
   * @param {Store} store
   * @param {Palette} palette
   */
  update(store, palette) {
    if (!this.isOpen) return;
    const { summary, your_ratings, state, isLive, shownEpoch, cursor } = store;
    this.requests.want(store, LENGTH);
    this.search.update(store);
    const key = JSON.stringify([
      [your_ratings, this.version, summary.data, summary.rating_scale],
      [state.status, isLive, shownEpoch, cursor, palette.dark, store.source !== null],
    ]);
    if (key === this.key) return;
    this.key = key;
    this.store = store;
    this.ratings = your_ratings;
    this.layRows();
    const things = `${noun(summary.columns.item)}s`;
    const verb = this.implicit ? "took" : "rate";
    setText(
      this.hint,
      your_ratings.length
        ? ""
        : `Find ${things} and ${this.implicit ? "say that you took them" : "rate them"}: the list changes with each that you ${verb}.`,
    );
    setAttributes(this.hint, { hidden: your_ratings.length > 0 });
    setAttributes(this.clear, { hidden: your_ratings.length === 0 });
    this.drawTop(store, palette);
  }

  get implicit() {
    return this.store?.summary.columns.rating === null;
  }

  /** Rows stay where they are, so that the focus stays. */
  layRows() {
    const choices = this.implicit ? [] : ratingChoices(this.store?.summary.rating_scale ?? [0, 0]);
    const predictions = new Map(this.answer?.rated.map(({ index, prediction }) => [index, prediction]));
    setAttributes(this.rows, { hidden: this.ratings.length === 0 });
    const wanted = new Set(this.ratings.map(([item]) => item));
    for (const [item, row] of this.shown) {
      if (wanted.has(item)) continue;
      row.element.remove();
      this.shown.delete(item);
    }
    this.ratings.forEach(([item, rating], k) => {
      let row = this.shown.get(item);
      if (!row) {
        row = new YourRow(choices, (given) => this.change(item, given), this.signal);
        this.shown.set(item, row);
      }
      if (this.rows.children[k] !== row.element)
        this.rows.insertBefore(row.element, this.rows.children[k] ?? null);
      const named = this.names.get(item);
      const { name, year } = titleParts(named && named.title !== named.id ? named.title : "");
      const kind = this.store ? noun(this.store.summary.columns.item) : "item";
      row.update(name || `${kind} ${named?.id ?? "…"}`, year, rating, predictions.get(item) ?? Number.NaN);
    });
  }

  /**
   * @param {Store} store
   * @param {Palette} palette
   */
  drawTop(store, palette) {
    const { summary, isLive, state } = store;
    const { answer } = this;
    const [low, high] = summary.rating_scale;
    const scale = { table: palette.ratings, low, high };
    const kind = noun(summary.columns.item);
    const lines = (answer?.top ?? []).map(({ index, id, title, score, n_ratings }, k) => {
      const { name, year } = titleParts(title === id ? "" : title);
      return {
        index,
        lead: String(k + 1),
        color: cssColor(colorOf(scale, score)),
        name: name || `${kind} ${id}`,
        quiet: year,
        value: fixed(score, 2),
        part: /** @type {const} */ (""),
        mark: count(n_ratings),
        weight: /** @type {const} */ (""),
      };
    });
    this.top.update(lines, store.selected.item);
    const moving = state.status === "running" && store.cursor === null;
    setText(this.when, answer?.top ? `${moving ? "now" : `at epoch ${answer.epoch}`} · score · ratings` : "");
    setText(this.none, lines.length ? "" : why(answer, store));
    setAttributes(this.none, { hidden: lines.length > 0 });
    const rated = this.ratings.some(([, rating]) => rating !== null);
    setAttributes(this.top.element, { "data-average": rated ? null : "true" });
    if (lines.length && !rated)
      setText(this.none, "Of you nothing is known yet: this is for the average user.");
    setAttributes(this.none, { hidden: lines.length > 0 && rated && isLive });
    if (!isLive) setText(this.none, "There is no kernel to ask of it: run the cell again.");
  }
}

/**
 * @param {YouAnswer | null} answer
 * @param {Store} store
 */
function why(answer, store) {
  if (answer?.reason) return answer.reason;
  if (answer?.top) return "There is nothing left to recommend.";
  return store.source ? "Asking the kernel …" : "Recommendations come with the model.";
}

/** A title, and the buttons that rate it. */
class YourRow {
  /**
   * @param {number[]} choices none where it is only taken or not
   * @param {(rating: number | undefined) => void} give
   * @param {AbortSignal} signal
   */
  constructor(choices, give, signal) {
    this.name = html("span", { class: "rw-choice-text" });
    this.quiet = html("span", { class: "rw-quiet" });
    this.prediction = html("span", { class: "rw-your-prediction" });
    this.choices = choices;
    this.buttons = choices.map((rating) => {
      const text = plain(Math.round(rating * 100) / 100);
      const button = html(
        "button",
        { type: "button", class: "rw-rate", "aria-pressed": "false", ...OWN_KEYS },
        text,
      );
      button.addEventListener("click", () => give(rating), { signal });
      return button;
    });
    const none = choices.length === 0;
    this.group = html("span", { class: "rw-rates", role: "group", hidden: none }, ...this.buttons);
    this.remove = html(
      "button",
      { type: "button", class: "rw-rate rw-your-remove", title: "Remove", ...OWN_KEYS },
      "×",
    );
    this.remove.addEventListener("click", () => give(undefined), { signal });
    const name = html("span", { class: "rw-choice-name" }, this.name, " ", this.quiet);
    const taken = choices.length ? [] : [html("span", { class: "rw-your-prediction" }, "took it")];
    this.element = html(
      "div",
      { class: "rw-your-row", role: "listitem" },
      ...[name, this.prediction, ...taken, this.group, this.remove],
    );
  }

  focus() {
    (this.buttons[0] ?? this.remove).focus();
  }

  /**
   * @param {string} name
   * @param {string} year
   * @param {number | null} rating
   * @param {number} prediction NaN where not known
   */
  update(name, year, rating, prediction) {
    setText(this.name, name);
    setText(this.quiet, year);
    setAttributes(this.group, { "aria-label": `Rating of ${name}` });
    setAttributes(this.remove, { "aria-label": `Remove ${name}` });
    setText(this.prediction, Number.isNaN(prediction) ? "" : `model ${fixed(prediction, 1)}`);
    for (const [k, button] of this.buttons.entries())
      setAttributes(button, { "aria-pressed": String(rating === this.choices[k]) });
  }
}
