/** Undo, redo, and the edits one by one. */

/** @import { EditLine } from "./types.js" */
/** @import { Store } from "./store.js" */

import { ChoiceList } from "./choice-list.js";
import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";
import { count, noun, plain, titleParts } from "./format.js";

export class EditList {
  /**
   * @param {string} id by which parts are told from those of other views
   * @param {{undo: () => void, redo: () => void, choose: (line: EditLine) => void}} told
   * @param {AbortSignal} signal
   */
  constructor(id, { undo, redo, choose }, signal) {
    this.undo = linkButton("Undo");
    this.redo = linkButton("Redo");
    this.toggle = linkButton("");
    setAttributes(this.toggle, { "aria-controls": `${id}-edits`, "aria-expanded": "false" });
    /** @type {EditLine[]} */
    this.last = [];
    this.list = new ChoiceList("Edits", "rw-edits", (number) => choose(this.last[number]), signal);
    this.more = html("p", { class: "rw-say" });
    this.panel = html(
      "div",
      { class: "rw-edit-list", id: `${id}-edits`, role: "group", "aria-label": "Edits", hidden: true },
      this.list.element,
      this.more,
    );
    this.element = html(
      "span",
      { class: "rw-edit-links", hidden: true },
      this.undo,
      this.redo,
      this.toggle,
      this.panel,
    );
    this.undo.addEventListener("click", () => isEnabled(this.undo) && undo(), { signal });
    this.redo.addEventListener("click", () => isEnabled(this.redo) && redo(), { signal });
    this.toggle.addEventListener("click", () => this.fold(!this.panel.hidden), { signal });
    this.element.addEventListener("keydown", (event) => this.key(event), { signal });
    this.element.addEventListener(
      "focusout",
      ({ relatedTarget }) => {
        const inside = relatedTarget instanceof Node && this.element.contains(relatedTarget);
        if (!inside && relatedTarget) this.fold(true);
      },
      { signal },
    );
    /** @type {Store["edit_list"]} */
    this.shown = null;
  }

  /** @param {boolean} folded */
  fold(folded) {
    setAttributes(this.panel, { hidden: folded });
    setAttributes(this.toggle, { "aria-expanded": String(!folded) });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "Escape" || this.panel.hidden) return;
    this.fold(true);
    this.toggle.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Store} store */
  update({ edit_list, isLive, summary }) {
    setAttributes(this.undo, { "aria-disabled": String(!isLive || !edit_list?.n) });
    setAttributes(this.redo, { "aria-disabled": String(!isLive || !edit_list?.n_undone) });
    if (edit_list === this.shown) return;
    this.shown = edit_list;
    const { n, n_undone, last } = edit_list ?? { n: 0, n_undone: 0, last: [] };
    setAttributes(this.element, { hidden: n + n_undone === 0 });
    setText(this.toggle, n === 1 ? "1 edit" : `${count(n)} edits`);
    this.last = last;
    const lines = last.map((line, k) => ({
      index: k,
      lead: "",
      color: "",
      ...editInWords(line, summary.columns),
      part: /** @type {const} */ (""),
      mark: `epoch ${line.epoch}`,
      weight: /** @type {const} */ (""),
    }));
    setAttributes(this.undo, { title: last[0] ? `Undo: ${inOneLine(lines[0])}` : null });
    this.list.update(lines, null);
    const more = n - last.length;
    setText(this.more, n === 0 ? "All edits are undone." : more > 0 ? `and ${count(more)} before` : "");
    setAttributes(this.more, { hidden: n > 0 && more <= 0 });
  }
}

/**
 * @param {EditLine} line
 * @param {{user: string, item: string}} columns
 * @returns {{name: string, quiet: string, value: string}}
 */
export function editInWords({ user_id, item_id, title, before, after }, columns) {
  const { name } = titleParts(title === item_id ? "" : (title ?? ""));
  const item = name || `${noun(columns.item)} ${item_id}`;
  return { name: item, quiet: `${noun(columns.user)} ${user_id}`, value: changeInWords(before, after) };
}

/**
 * @param {EditLine["before"]} before
 * @param {EditLine["after"]} after
 */
function changeInWords(before, after) {
  if (!before) return after ? `added ${plain(after.rating)}, ${after.part}` : "";
  if (!after) return `erased ${plain(before.rating)}`;
  const rating = before.rating === after.rating ? "" : `${plain(before.rating)} → ${plain(after.rating)}`;
  const part = before.part === after.part ? "" : `${before.part} → ${after.part}`;
  return [rating, part].filter(Boolean).join(", ");
}

/** @param {{name: string, quiet: string, value: string}} line */
function inOneLine({ name, quiet, value }) {
  return `${name}, ${quiet}: ${value}`;
}

/** @param {HTMLElement} button */
function isEnabled(button) {
  return button.getAttribute("aria-disabled") !== "true";
}

/** @param {string} text */
function linkButton(text) {
  return html("button", { type: "button", class: "rw-link", ...OWN_KEYS }, text);
}
