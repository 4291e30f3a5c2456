/** The line above the matrices: what part of them is in view, in which order, and zoom. */

/** @import { Match, Side } from "./types.js" */
/** @import { Store } from "./store.js" */
/** @import { Viewport } from "./viewport.js" */

import { html, OWN_KEYS, setAttributes, setText, svg } from "./dom.js";
import { count, noun } from "./format.js";
import { PARTS, partIcon } from "./icons.js";
import { PartToggles } from "./part-toggles.js";
import { Search } from "./search.js";
import { SideOrder } from "./sorting.js";

/**
 * @typedef {Object} Acts
 * @property {(steps: number) => void} zoom
 * @property {(side: Side, by: string, of: number | null) => void} sort
 * @property {(query: string, serial: number) => void} find
 * @property {(match: Match) => void} goTo
 * @property {(hidden: ReadonlySet<number>) => void} hide
 * @property {(whole: boolean) => void} whole
 */

export class Toolbar {
  /**
   * @param {Acts} acts
   * @param {string} view by which ids are told from those of other views
   * @param {boolean} predicts whether there are predictions
   * @param {AbortSignal} signal
   */
  constructor({ zoom, sort, find, goTo, hide, whole }, view, predicts, signal) {
    this.search = new Search(view, find, goTo, signal);
    this.toggles = new PartToggles(predicts, hide, signal);
    this.orders = [new SideOrder("user", sort, signal), new SideOrder("item", sort, signal)];
    this.shown = html("b");
    this.whole = html("span");
    this.where = html("span", { class: "rw-where" });
    this.out = zoomButton("Zoom out", "M2 6h8");
    this.in = zoomButton("Zoom in", "M2 6h8M6 2v8");
    this.all = html(
      "button",
      { type: "button", class: "rw-button rw-all", "aria-pressed": "false", ...OWN_KEYS },
      "Whole matrix",
    );
    this.all.addEventListener(
      "click",
      () => {
        if (this.all.getAttribute("aria-disabled") !== "true")
          whole(this.all.getAttribute("aria-pressed") !== "true");
      },
      { signal },
    );
    this.element = html(
      "div",
      { class: "rw-toolbar" },
      html("span", { class: "rw-extent" }, html("span", {}, this.shown, this.whole), this.where),
      ...this.orders.map(({ element }) => element),
      this.toggles.element,
      html(
        "span",
        { class: "rw-tools" },
        html("span", { class: "rw-zoom" }, this.out, this.in, this.all),
        this.search.element,
      ),
    );
    /** @param {HTMLButtonElement} button @param {number} steps */
    const act = (button, steps) =>
      button.addEventListener("click", () => button.getAttribute("aria-disabled") === "true" || zoom(steps), {
        signal,
      });
    act(this.out, -1);
    act(this.in, 1);
  }

  /**
   * @param {Store} store
   * @param {Viewport} viewport
   * @param {{out: boolean, in: boolean}} can
   * @param {string} binning how the whole matrix is binned, where it is shown
   */
  update(store, viewport, can, binning) {
    const { summary } = store;
    for (const order of this.orders) order.update(store);
    this.search.update(store);
    const { n_users, n_items, columns } = summary;
    const { user, item, rows } = viewport;
    const there = summary.n_ratings > 0;
    const all = `${count(n_users)} × ${count(n_items)}`;
    setText(this.shown, there ? (binning ? all : `${count(rows)} × ${count(viewport.columns)}`) : "");
    setText(this.whole, there ? (binning ? " as a whole" : ` of ${all}`) : "");
    // Where single cells show all there is, there is nothing to bin.
    const fits = rows === n_users && viewport.columns === n_items;
    setAttributes(this.all, {
      "aria-pressed": String(binning !== ""),
      "aria-disabled": String(!binning && (fits || !store.isLive)),
      title: whyNot(fits, store.isLive),
    });
    const moved = user > 0 || item > 0;
    const users = `${noun(columns.user)}s ${count(user + 1)}–${count(user + rows)}`;
    const items = `${noun(columns.item)}s ${count(item + 1)}–${count(item + viewport.columns)}`;
    setText(this.where, moved && !binning ? `${users}, ${items}` : "");
    setAttributes(this.out, { "aria-disabled": String(!can.out) });
    setAttributes(this.in, { "aria-disabled": String(!can.in) });
    this.toggles.update(summary);
  }
}

/**
 * @param {boolean} fits
 * @param {boolean} isLive
 */
function whyNot(fits, isLive) {
  if (fits) return "All of it is shown";
  return isLive ? null : "No kernel bins it: run the cell again";
}

/**
 * The signs of the parts there are.
 *
 * @param {import("./types.js").Summary} summary
 */
export function partKeys({ n_validation, n_test }) {
  const held = { train: 1, validation: n_validation, test: n_test };
  const parts = PARTS.filter((part) => held[part] > 0);
  return parts.map((part) => html("span", { class: "rw-sign" }, partIcon(part), part));
}

/**
 * @param {string} name
 * @param {string} path
 */
function zoomButton(name, path) {
  return html(
    "button",
    { type: "button", class: "rw-button rw-small", "aria-label": name, title: name, ...OWN_KEYS },
    svg(
      "svg",
      {
        viewBox: "0 0 12 12",
        width: 12,
        height: 12,
        fill: "none",
        stroke: "currentColor",
        "stroke-width": 1.5,
        "aria-hidden": "true",
      },
      svg("path", { d: path }),
    ),
  );
}
