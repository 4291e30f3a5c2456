/** Find a user or a title: a box with a list of what matches, in the whole catalogue. */

/** @import { Found, Match } from "./types.js" */
/** @import { Store } from "./store.js" */

import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";
import { count, noun, titleParts } from "./format.js";

/** Milliseconds without a key after which the kernel is asked, and those after which one is told to wait. */
const SETTLED = 120;
const SLOW = 600;

export class Search {
  /**
   * @param {string} view by which ids are told from those of other views
   * @param {(query: string, serial: number) => void} ask
   * @param {(match: Match) => void} goTo
   * @param {AbortSignal} signal
   * @param {string} label
   */
  constructor(view, ask, goTo, signal, label = "Find a user or title") {
    this.label = label;
    this.ask = ask;
    this.goTo = goTo;
    this.id = `${view}-found`;
    this.serial = 0;
    /** @type {Match[]} */
    this.matches = [];
    /** Which match Enter takes. */
    this.active = 0;
    /** @type {Found["order"]} in which positions of matches count */
    this.order = { user: 0, item: 0 };
    /** @type {Store | null} */
    this.store = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.input = html("input", {
      class: "rw-find",
      type: "text",
      role: "combobox",
      "aria-label": label,
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.id,
      autocomplete: "off",
      spellcheck: "false",
      ...OWN_KEYS,
    });
    this.list = html("ul", {
      class: "rw-found",
      role: "listbox",
      id: this.id,
      "aria-label": "Users and titles found",
      hidden: true,
    });
    this.said = html("div", { class: "rw-found rw-found-none", role: "status", hidden: true });
    this.element = html("div", { class: "rw-search" }, this.input, this.list, this.said);
    this.listen(signal);
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    const { input, list } = this;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    input.addEventListener("input", () => this.look(SETTLED), { signal });
    input.addEventListener("focus", () => this.matches.length || this.look(0), { signal });
    input.addEventListener("blur", () => this.close(), { signal });
    input.addEventListener("keydown", (event) => this.press(event), { signal });
    const optionOf = (/** @type {Event} */ event) => {
      const option = /** @type {Element} */ (event.target).closest("[role=option]");
      return option ? [...list.children].indexOf(option) : -1;
    };
    // The focus stays in the box.
    list.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
    list.addEventListener("pointermove", (event) => this.mark(Math.max(0, optionOf(event))), { signal });
    list.addEventListener("click", (event) => this.choose(optionOf(event)), { signal });
  }

  /** @param {Store} store */
  update(store) {
    this.store = store;
    const { isLive } = store;
    setAttributes(this.input, {
      disabled: !isLive,
      placeholder: isLive ? this.label : "No kernel to search",
      title: isLive ? null : "No kernel searches: run the cell again",
    });
    if (!isLive) this.close();
  }

  /** @param {number} delay milliseconds */
  look(delay) {
    clearTimeout(this.timer);
    this.serial++;
    if (this.input.value.trim() === "") {
      this.close();
      return;
    }
    this.timer = setTimeout(() => {
      this.ask(this.input.value, this.serial);
      this.timer = setTimeout(() => this.say("Searching… the kernel is busy"), SLOW);
    }, delay);
  }

  /**
   * What the kernel found; too late where the box has something else in it by now.
   *
   * @param {Found} found
   */
  take({ serial, matches, order }) {
    if (serial !== this.serial || !this.store) return;
    clearTimeout(this.timer);
    this.matches = matches;
    this.order = order;
    const { columns } = this.store.summary;
    this.list.replaceChildren(
      ...matches.map((match, k) => {
        const { name, detail } = matchInWords(match, columns, this.input.value);
        return html(
          "li",
          { role: "option", id: `${this.id}-${k}`, class: "rw-match", "aria-selected": "false" },
          html("span", { class: "rw-match-name" }, name),
          // The space is for a screen reader, which reads an option as one text.
          " ",
          html("span", { class: "rw-match-detail" }, detail),
        );
      }),
    );
    const none = matches.length === 0;
    setAttributes(this.list, { hidden: none });
    setAttributes(this.input, { "aria-expanded": String(!none) });
    this.say(none ? `No ${noun(columns.user)} or ${noun(columns.item)} matches` : "");
    this.mark(0);
  }

  /** @param {number} active */
  mark(active) {
    this.active = active;
    const options = [...this.list.children];
    for (const [k, option] of options.entries())
      setAttributes(option, { "aria-selected": String(k === active) });
    setAttributes(this.input, { "aria-activedescendant": options[active]?.id ?? null });
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { length } = this.matches;
    const isOpen = !this.list.hidden;
    const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (steps && length) {
      if (isOpen) this.mark((this.active + steps + length) % length);
      else this.open();
    } else if (event.key === "Enter" && isOpen) this.choose(this.active);
    else if (event.key === "Escape" && (isOpen || !this.said.hidden || this.input.value)) {
      // The first closes the list, the next empties the box.
      if (!isOpen && this.said.hidden) this.input.value = "";
      this.close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  open() {
    setAttributes(this.list, { hidden: false });
    setAttributes(this.input, { "aria-expanded": "true" });
    this.mark(this.active);
  }

  /** @param {number} number of the match */
  choose(number) {
    const match = this.matches[number];
    if (!match || !this.store) return;
    const { user, item } = this.store.sorting;
    // Since they were found, others may have sorted.
    if (user.serial !== this.order.user || item.serial !== this.order.item) {
      this.look(0);
      return;
    }
    this.input.value = matchInWords(match, this.store.summary.columns).name;
    this.close();
    this.goTo(match);
  }

  close() {
    clearTimeout(this.timer);
    this.serial++;
    setAttributes(this.list, { hidden: true });
    setAttributes(this.input, { "aria-expanded": "false", "aria-activedescendant": null });
    this.say("");
  }

  /** @param {string} text in place of matches, or none */
  say(text) {
    setText(this.said, text);
    setAttributes(this.said, { hidden: text === "" });
    if (text) setAttributes(this.list, { hidden: true });
  }
}

/**
 * @param {Match} match
 * @param {{user: string, item: string}} columns
 * @param {string} [query]
 * @returns {{name: string, detail: string}}
 */
export function matchInWords({ side, id, title, n_ratings }, columns, query = "") {
  const one = `${noun(columns[side])} ${id}`;
  const { name, year } = titleParts(title === id ? "" : (title ?? ""));
  const ratings = `${count(n_ratings)} ${n_ratings === 1 ? "rating" : "ratings"}`;
  // An id beside a title is told where it may be what was looked for.
  const told = name && query && id.toLowerCase().includes(query.trim().toLowerCase()) ? one : "";
  return { name: name || one, detail: [year, told, ratings].filter(Boolean).join(", ") };
}
