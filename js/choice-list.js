/** A list of users or items, one of which can be chosen: by pointer, or by arrow keys and Enter. */

import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";
import { partIcon } from "./icons.js";

/**
 * @typedef {Object} Line
 * @property {number} index of the user or item
 * @property {string} lead before the name: a rank or a rating
 * @property {string} color of the sign before the name, empty for none
 * @property {string} name
 * @property {string} quiet after the name
 * @property {string} value at the end
 * @property {"train" | "validation" | "test" | ""} part whose sign stands before the mark
 * @property {string} mark
 * @property {"hit" | "miss" | ""} weight of the mark
 */

/** Rows that are in view without scrolling. */
const PAGE = 10;

export class ChoiceList {
  /**
   * @param {string} label
   * @param {string} style
   * @param {(index: number) => void} choose
   * @param {AbortSignal} signal
   */
  constructor(label, style, choose, signal) {
    this.choose = choose;
    this.element = html("div", { class: `rw-choices ${style}`, role: "listbox", "aria-label": label });
    /** @type {ReturnType<typeof makeRow>[]} */
    this.rows = [];
    /** @type {Line[]} */
    this.lines = [];
    /** @type {number | null | undefined} index */
    this.selected = undefined;
    /** The row that Tab leads to. */
    this.at = 0;
    this.element.addEventListener("click", (event) => this.press(this.rowOf(event)), { signal });
    this.element.addEventListener("keydown", (event) => this.key(event), { signal });
  }

  /** @param {Event} event */
  rowOf(event) {
    const target = /** @type {Element} */ (event.target);
    return this.rows.findIndex(({ element }) => element.contains(target));
  }

  /** @param {number} row */
  press(row) {
    if (row < 0 || row >= this.lines.length) return;
    this.move(row, false);
    this.choose(this.lines[row].index);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") this.press(this.rowOf(event));
    else {
      const last = this.lines.length - 1;
      const to = {
        ArrowUp: this.at - 1,
        ArrowDown: this.at + 1,
        PageUp: this.at - PAGE,
        PageDown: this.at + PAGE,
        Home: 0,
        End: last,
      }[event.key];
      if (to === undefined) return;
      this.move(Math.max(0, Math.min(last, to)), true);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * @param {number} row
   * @param {boolean} focus
   */
  move(row, focus) {
    const before = this.rows[this.at];
    if (before) setAttributes(before.element, { tabindex: -1 });
    this.at = row;
    const { element } = this.rows[row];
    setAttributes(element, { tabindex: 0 });
    if (focus) element.focus();
  }

  /**
   * Rows stay where they are, so that the focus stays, and what did not change is not touched.
   *
   * @param {Line[]} lines
   * @param {number | null} selected index
   */
  update(lines, selected) {
    if (lines === this.lines && selected === this.selected) return;
    this.lines = lines;
    this.selected = selected;
    setAttributes(this.element, { hidden: lines.length === 0 });
    while (this.rows.length < lines.length) {
      const made = makeRow();
      this.rows.push(made);
      this.element.append(made.element);
    }
    while (this.rows.length > lines.length) this.rows.pop()?.element.remove();
    this.at = Math.max(0, Math.min(this.at, lines.length - 1));
    this.rows.forEach((row, k) => {
      fill(row, lines[k]);
      setAttributes(row.element, {
        "aria-selected": String(lines[k].index === selected),
        tabindex: k === this.at ? 0 : -1,
      });
    });
  }
}

function makeRow() {
  const parts = {
    lead: html("span", { class: "rw-lead" }),
    sign: html("span", { class: "rw-swatch" }),
    name: html("span", { class: "rw-choice-text" }),
    quiet: html("span", { class: "rw-quiet" }),
    title: html("span", { class: "rw-choice-name" }),
    value: html("span", { class: "rw-choice-value" }),
    icon: html("span", {}),
    text: html("span", {}),
    mark: html("span", { class: "rw-choice-mark" }),
    part: "",
  };
  parts.title.append(parts.name, " ", parts.quiet);
  parts.mark.append(parts.icon, parts.text);
  const { lead, sign, title, value, mark } = parts;
  const element = html(
    "div",
    { class: "rw-choice", role: "option", ...OWN_KEYS },
    ...[lead, " ", sign, title, " ", value, " ", mark],
  );
  return { ...parts, element };
}

/**
 * @param {ReturnType<typeof makeRow>} row
 * @param {Line} line
 */
function fill(row, { lead, color, name, quiet, value, part, mark, weight }) {
  setText(row.lead, lead);
  if (row.sign.style.background !== color) row.sign.style.background = color;
  setAttributes(row.sign, { hidden: color === "" });
  setText(row.name, name);
  setText(row.quiet, quiet);
  setAttributes(row.title, { title: [name, quiet].filter(Boolean).join(" ") });
  setText(row.value, value);
  setText(row.text, mark);
  setAttributes(row.mark, { class: `rw-choice-mark rw-${part || "none"} ${weight ? `rw-${weight}` : ""}` });
  if (row.part === part) return;
  row.part = part;
  row.icon.replaceChildren(...(part ? [partIcon(part)] : []));
}
