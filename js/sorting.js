/** By what users and items are sorted: two selects over the matrices, and the same in words. */

/** @import { Side, Told } from "./types.js" */
/** @import { Store } from "./store.js" */

import { html, OWN_KEYS, setAttributes, setText, svg } from "./dom.js";
import { noun } from "./format.js";

const NO_KERNEL = "No kernel sorts them: run the cell again";

/** Orders by what the model knows: they stay while it learns on, and can be made anew. */
const LEARNED = ["similarity", "predictions"];

/**
 * @typedef {Object} OrderOption
 * @property {string} by
 * @property {number | null} of whose predictions, by index
 * @property {string} text
 * @property {boolean} disabled the text says why
 */

/**
 * What a side may be sorted by.
 *
 * @param {Store} store
 * @param {Side} side
 * @returns {OrderOption[]}
 */
export function orderOptions(store, side) {
  const { summary, sorting } = store;
  const { titles } = side === "user" ? store.users : store.items;
  const option = (/** @type {string} */ by, text = by, disabled = false, of = null) => ({
    by,
    of,
    text,
    disabled,
  });
  return [
    option("activity"),
    ...(summary.columns.rating === null ? [] : [option("mean rating")]),
    option("id"),
    ...(titles.size > 0 || sorting[side].by === "title" ? [option("title")] : []),
    ...(store.has_status || store.source || store.tables[side] ? learnedOptions(store, side) : []),
  ];
}

/**
 * @param {Store} store
 * @param {Side} side
 * @returns {OrderOption[]}
 */
function learnedOptions(store, side) {
  const { tables, source, selected, sorting, summary } = store;
  const other = side === "user" ? "item" : "user";
  const name = noun(summary.columns[other]);
  const unlearned = source || tables[side] ? "this model has no factors" : "comes with the model";
  const similarity = tables[side] ? "similarity" : `similarity (${unlearned})`;
  /** @type {OrderOption[]} */
  const options = [{ by: "similarity", of: null, text: similarity, disabled: !tables[side] }];
  const told = sorting[side];
  if (told.of !== null) options.push({ by: "predictions", of: told.of, ...shown(whose(name, told.name)) });
  const chosen = selected[other];
  if (chosen !== null && chosen !== told.of) {
    const known = nameOf(store, other);
    const text = known ? whose(name, known) : `predictions of the selected ${name}`;
    options.push({
      by: "predictions",
      of: chosen,
      ...shown(source ? text : `${text} (no model yet)`, !source),
    });
  }
  if (chosen === null && told.of === null)
    options.push({
      by: "predictions",
      of: null,
      ...shown(`a ${name}’s predictions (select a ${name} first)`, true),
    });
  return options;
}

/** @param {string} text */
function shown(text, disabled = false) {
  return { text, disabled };
}

/**
 * @param {string} name of the column, as a noun
 * @param {string | null} which
 */
function whose(name, which) {
  const known = String(which ?? "");
  // An id alone says too little; a title stands for itself.
  return /^\S{1,12}$/.test(known) ? `predictions of ${name} ${known}` : `predictions of ${known}`;
}

/**
 * The id of the selected user, or the title of the selected item, where it is known.
 *
 * @param {Store} store
 * @param {Side} side
 */
function nameOf({ users, items, selection }, side) {
  const position = selection[side];
  if (position < 0) return "";
  return side === "user"
    ? users.title(position) || users.id(position)
    : items.title(position) || items.id(position);
}

/**
 * As captions tell it.
 *
 * @param {Told} told
 * @param {string} other what the other side is called
 */
export function orderInWords({ by, of, name }, other) {
  return of === null ? by : whose(other, name);
}

/** The select of one side, and a button that sorts anew what training has changed. */
export class SideOrder {
  /**
   * @param {Side} side
   * @param {(side: Side, by: string, of: number | null) => void} ask
   * @param {AbortSignal} signal
   */
  constructor(side, ask, signal) {
    this.side = side;
    /** @type {OrderOption[]} */
    this.options = [];
    this.key = "";
    /** @type {{value: string, serial: number} | null} what was asked for and has not come yet */
    this.asked = null;
    const name = side === "user" ? "Users by" : "Items by";
    this.select = html("select", { class: "rw-select", "aria-label": name, ...OWN_KEYS });
    this.sortedAt = html("span");
    this.again = html(
      "button",
      {
        type: "button",
        class: "rw-button rw-again",
        hidden: true,
        ...OWN_KEYS,
      },
      againIcon(),
      this.sortedAt,
    );
    this.element = html("span", { class: "rw-order" }, `${name.toLowerCase()} `, this.select, this.again);
    const go = () => {
      const option = this.options.find((one) => keyOf(one) === this.select.value);
      if (!option) return;
      this.asked = { value: this.select.value, serial: this.serial };
      ask(side, option.by, option.of);
    };
    this.serial = 0;
    this.select.addEventListener("change", go, { signal });
    this.again.addEventListener("click", go, { signal });
  }

  /** @param {Store} store */
  update(store) {
    const { side, select, again } = this;
    const told = store.sorting[side];
    this.serial = told.serial;
    if (this.asked && (this.asked.serial !== told.serial || !store.isLive)) this.asked = null;
    const options = orderOptions(store, side);
    const key = JSON.stringify(options);
    if (key !== this.key) {
      this.key = key;
      this.options = options;
      select.replaceChildren(
        ...options.map((one) => html("option", { value: keyOf(one), disabled: one.disabled }, one.text)),
      );
    }
    const value = this.asked?.value ?? keyOf(told);
    if (select.value !== value) select.value = value;
    setAttributes(select, {
      disabled: !store.isLive,
      title: store.isLive ? null : NO_KERNEL,
      "aria-busy": this.asked ? "true" : null,
    });
    const learned = LEARNED.includes(told.by);
    setText(this.sortedAt, learned ? `epoch ${told.epoch}` : "");
    const name = `Sort ${side}s again, as of epoch ${store.shownEpoch}`;
    setAttributes(again, {
      hidden: !learned || !store.isLive,
      title: learned ? name : null,
      "aria-label": learned ? `${name}; they are as of epoch ${told.epoch}` : null,
    });
  }
}

/** @param {{by: string, of: number | null}} order */
function keyOf({ by, of }) {
  return of === null ? by : `${by} ${of}`;
}

function againIcon() {
  return svg(
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
    svg("path", { d: "M10 4.6A4.3 4.3 0 1 0 10.3 7M10.4 1.6v3.2H7.2" }),
  );
}
