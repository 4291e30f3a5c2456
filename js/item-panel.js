/** The selected item: which others have factors alike, and who rated it. */

/** @import { InspectedItem } from "./inspection.js" */
/** @import { Store } from "./store.js" */
/** @import { Palette } from "./theme.js" */

import { Bars } from "./bars.js";
import { ChoiceList } from "./choice-list.js";
import { html, setAttributes, setText } from "./dom.js";
import { count, fixed } from "./format.js";
import { itemText } from "./names.js";
import { RatedLines, sideNote, waiting, when } from "./side-text.js";
import { capital, more, nameOf } from "./user-panel.js";

export class ItemPanel {
  /**
   * @param {string} id
   * @param {{chooseItem: (item: number) => void, chooseUser: (user: number) => void}} told
   * @param {AbortSignal} signal
   */
  constructor(id, { chooseItem, chooseUser }, signal) {
    this.title = html("span", { class: "rw-title" });
    this.note = html("span", { class: "rw-note" });
    this.empty = html("p", { class: "rw-say" });
    this.when = html("span");
    this.counted = html("span", { class: "rw-choice-value" });
    this.lines = new RatedLines();
    this.similar = new ChoiceList("Similar items", "rw-similar", chooseItem, signal);
    this.none = html("p", { class: "rw-say" });
    this.raters = html("span");
    this.bars = new Bars();
    this.rated = new ChoiceList("Rated by", "rw-rated", chooseUser, signal);
    this.body = html(
      "div",
      { class: "rw-lists" },
      html(
        "div",
        { class: "rw-list" },
        html(
          "div",
          { class: "rw-list-head rw-similar" },
          this.when,
          this.counted,
          html("span", { class: "rw-choice-mark" }, "cosine"),
        ),
        this.similar.element,
        this.none,
      ),
      html(
        "div",
        { class: "rw-list" },
        html("div", { class: "rw-list-head" }, this.raters, this.bars.element),
        this.rated.element,
      ),
    );
    this.section = html(
      "section",
      { class: "rw-panel rw-inspector rw-side", "aria-label": "Item", id },
      html("div", { class: "rw-panel-head" }, this.title, this.note),
      this.empty,
      this.body,
    );
    this.key = "";
  }

  /**
   * @param {Store} store
   * @param {Palette} palette
   */
  update(store, palette) {
    const { selected, inspection, summary, state } = store;
    const key = JSON.stringify([
      [selected, inspection.version, store.shownEpoch, state.status, store.isLive, store.cursor],
      [summary.data, palette.dark],
    ]);
    if (key === this.key) return;
    this.key = key;
    const item = inspection.item(selected.item);
    const words =
      selected.item === null
        ? "Click a cell, or an item, to see who rated it and what is like it."
        : item
          ? ""
          : waiting(store);
    setText(this.empty, words);
    setAttributes(this.empty, { hidden: words === "" });
    setAttributes(this.body, { hidden: item === null });
    const named = selected.item === null ? { name: "Item", year: "" } : itemText(store, selected.item);
    setText(this.title, capital(named.name));
    setAttributes(this.title, { title: named.name });
    setText(this.note, [named.year, item ? sideNote(store, item) : ""].filter(Boolean).join(", "));
    if (!item) return;
    this.drawSimilar(store, item);
    const implicit = summary.columns.rating === null;
    setText(this.counted, implicit ? "users" : "ratings");
    setText(this.raters, `${implicit ? "Taken" : "Rated highest"} by${more(item)}`);
    this.bars.update(item.bars, summary.rating_scale, palette);
    this.rated.update(this.lines.of(store, item, "user", palette), selected.user);
  }

  /**
   * @param {Store} store
   * @param {InspectedItem} item
   */
  drawSimilar(store, item) {
    setText(this.when, `Similar factors ${when(store)}`);
    const lines = (item.similar ?? []).map((one, k) => ({
      ...nameOf(store, one),
      index: one.index,
      lead: String(k + 1),
      color: "",
      value: count(one.n_ratings),
      part: /** @type {const} */ (""),
      mark: fixed(one.score, 2),
      weight: /** @type {const} */ (""),
    }));
    this.similar.update(lines, store.selected.item);
    const none = item.similar
      ? "There is no other item."
      : store.source
        ? "This model has no factors of items to compare."
        : "Similar items come with the model.";
    setText(this.none, lines.length ? "" : none);
    setAttributes(this.none, { hidden: lines.length > 0 });
  }
}
