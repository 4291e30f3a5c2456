/** The rating of the selected user and item, to be set, erased or moved between the parts. */

/** @import { PartName } from "./types.js" */
/** @import { Store } from "./store.js" */

import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";
import { plain } from "./format.js";
import { PARTS, partIcon } from "./icons.js";

/**
 * What is to be changed of a user and an item; what is left out stays as it is.
 *
 * @typedef {Object} Change
 * @property {number} user index
 * @property {number} item index
 * @property {number | null} [rating] null erases it
 * @property {PartName} [part]
 */

export class EditRow {
  /**
   * @param {string} id
   * @param {(change: Change) => void} edit
   * @param {AbortSignal} signal
   */
  constructor(id, edit, signal) {
    this.edit = edit;
    /** @type {{user: number, item: number, rating: number | null, part: number | null}} */
    this.of = { user: -1, item: -1, rating: null, part: null };
    /** @type {[number, number]} */
    this.scale = [0, 0];
    /** Whether the box has something in it that was not asked for yet. */
    this.typed = false;
    this.input = html("input", {
      id: `${id}-rating`,
      class: "rw-field-input rw-edit-rating",
      type: "text",
      inputmode: "decimal",
      autocomplete: "off",
      spellcheck: "false",
      "aria-describedby": `${id}-note`,
      ...OWN_KEYS,
    });
    this.box = html(
      "span",
      { class: "rw-edit-box" },
      html("label", { for: `${id}-rating` }, "Rating"),
      this.input,
    );
    this.take = actButton("Add");
    this.erase = actButton("Erase");
    this.parts = PARTS.map((name) => ({
      name,
      button: html(
        "button",
        { type: "button", class: "rw-button rw-act", "aria-pressed": "false", ...OWN_KEYS },
        partIcon(name),
        name[0].toUpperCase() + name.slice(1),
      ),
    }));
    this.switch = html(
      "span",
      { class: "rw-edit-parts", role: "group", "aria-label": "Part" },
      ...this.parts.map(({ button }) => button),
    );
    this.note = html("span", { class: "rw-edit-note", id: `${id}-note`, "aria-live": "polite" });
    this.element = html(
      "div",
      { class: "rw-edit", role: "group", "aria-label": "Edit this rating", hidden: true },
      this.box,
      this.take,
      this.erase,
      this.switch,
      this.note,
    );
    this.listen(signal);
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    const { input } = this;
    input.addEventListener("input", () => this.type(), { signal });
    input.addEventListener("keydown", (event) => this.key(event), { signal });
    // What was typed and not entered is of no consequence: the box says what is.
    input.addEventListener("blur", () => this.revert(), { signal });
    this.erase.addEventListener("click", () => this.of.rating !== null && this.set(null), { signal });
    this.take.addEventListener("click", () => this.set(1), { signal });
    for (const { name, button } of this.parts) {
      button.addEventListener(
        "click",
        () => {
          const { user, item, part } = this.of;
          if (part !== null && PARTS[part] !== name) this.edit({ user, item, part: name });
        },
        { signal },
      );
    }
  }

  type() {
    this.typed = true;
    this.say("");
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape" && this.typed) this.revert();
    else if (event.key === "Enter") this.enter();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  enter() {
    const asked = readRating(this.input.value, this.scale);
    if (typeof asked === "string") {
      this.say(asked);
      return;
    }
    this.typed = false;
    if (asked !== this.of.rating) this.set(asked);
    this.show();
  }

  revert() {
    if (!this.typed) return;
    this.typed = false;
    this.say("");
    this.show();
  }

  /** @param {number | null} rating */
  set(rating) {
    const { user, item } = this.of;
    this.edit({ user, item, rating });
  }

  /**
   * @param {Store} store
   * @param {number | null} user index
   * @param {number | null} item index
   * @param {{rating: number, part: number} | null} rated
   */
  update({ edit_list, isLive, summary }, user, item, rated) {
    const there = edit_list !== null && isLive && user !== null && item !== null;
    setAttributes(this.element, { hidden: !there });
    if (!there) return;
    const other = user !== this.of.user || item !== this.of.item;
    if (other) this.typed = false;
    this.of = { user, item, rating: rated?.rating ?? null, part: rated?.part ?? null };
    this.scale = summary.rating_scale;
    const implicit = summary.columns.rating === null;
    setAttributes(this.box, { hidden: implicit });
    setAttributes(this.take, { hidden: !implicit || rated !== null });
    setAttributes(this.erase, { hidden: rated === null });
    setAttributes(this.switch, { hidden: rated === null });
    for (const [part, { name, button }] of this.parts.entries()) {
      const offered = name !== "validation" || summary.n_validation > 0;
      setAttributes(button, { hidden: !offered, "aria-pressed": String(rated?.part === part) });
    }
    const { refused } = edit_list;
    const isOfThis = refused !== null && refused.user === user && refused.item === item;
    if (!this.typed) this.say(isOfThis ? refused.reason : "");
    this.show();
  }

  show() {
    if (this.typed) return;
    const { rating } = this.of;
    const text = rating === null ? "" : plain(rating);
    if (this.input.value !== text) this.input.value = text;
    setAttributes(this.input, { placeholder: `${plain(this.scale[0])}–${plain(this.scale[1])}` });
  }

  /** @param {string} text */
  say(text) {
    setText(this.note, text);
    setAttributes(this.input, { "aria-invalid": text === "" ? null : "true" });
  }
}

/**
 * Read a rating as it was typed.
 *
 * @param {string} text
 * @param {readonly [number, number]} scale
 * @returns {number | null | string} null where it is to be erased; a string: why it is no rating
 */
export function readRating(text, [low, high]) {
  const trimmed = text.trim().replace(",", ".");
  if (trimmed === "") return null;
  const rating = Number(trimmed);
  if (!(rating >= low && rating <= high)) return `A rating is a number from ${plain(low)} to ${plain(high)}`;
  return rating;
}

/** @param {string} text */
function actButton(text) {
  return html("button", { type: "button", class: "rw-button rw-act", hidden: true, ...OWN_KEYS }, text);
}
