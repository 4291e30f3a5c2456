/** Whose cell the crosshair is on: the pointer's, or the keyboard's while it has the focus. */

/** @import { Field } from "./fields.js" */
/** @import { Cell } from "./stage.js" */
/** @import { Matrices } from "./matrices.js" */
/** @import { Tooltip } from "./tooltip.js" */

import { spoken } from "./cell-text.js";
import { scaleOf, setText } from "./dom.js";
import { listen } from "./gestures.js";
import { BLEED } from "./matrix-panel.js";

/** A screen reader is told where a run of keys ended, not every step. */
const SETTLED = 150;

export class Pointer {
  /**
   * @param {Matrices} matrices
   * @param {Field[]} fields
   * @param {Tooltip} tooltip
   * @param {Element} voice a live region
   * @param {{changed: () => void, select: (cell: Cell | null) => string, swap: (cell: Cell) => string}} told of
   *   what happens; select and swap answer with what is so then, in words
   * @param {AbortSignal} signal
   */
  constructor(matrices, fields, tooltip, voice, { changed, select, swap }, signal) {
    this.matrices = matrices;
    this.select = select;
    this.swap = swap;
    this.tooltip = tooltip;
    this.voice = voice;
    this.changed = changed;
    /** @type {Cell | null} */
    this.hovered = null;
    /** @type {Cell | null} */
    this.focused = null;
    /** The keyboard's cell is shown: its keys were used last. */
    this.keyed = false;
    /** @type {Field | undefined} */
    this.field = fields[0];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    for (const field of fields) this.attach(field, signal);
  }

  /**
   * @param {Field} field
   * @param {AbortSignal} signal
   */
  attach(field, signal) {
    const { canvas } = field.panel;
    /** @type {Cell} */
    let from = { user: 0, item: 0 };
    listen(
      canvas,
      {
        hover: (place) => {
          this.hovered = place && field.cellAt(place);
          if (this.hovered) this.keyed = false;
          this.show(field);
        },
        press: (place) => {
          const cell = field.cellAt(place);
          this.focused = cell ?? this.focused;
          this.keyed = true;
          if (cell) this.choose(field, cell);
          this.show(field);
        },
        hold: (dragging) => {
          const { user, item } = this.matrices.view.viewport;
          from = { user, item };
          this.hovered = null;
          this.keyed = false;
          canvas.classList.toggle("rw-dragging", dragging);
          this.show(field);
        },
        drag: (x, y) => {
          const { stage, view } = this.matrices;
          const { cell, ratio } = view.plot;
          const panned = field.panned?.(from, x, y);
          if (panned) stage.moveTo(panned);
          else view.moveTo({ user: from.user - (y * ratio) / cell, item: from.item - (x * ratio) / cell });
          this.show(field);
        },
        zoom: (steps, place) => {
          const keyed = this.keyed ? this.focused : null;
          const whole = keyed && keyed.user >= 0 && keyed.item >= 0 ? keyed : null;
          const anchor = place && field.anchor ? field.anchor(place) : place;
          this.matrices.zoom(steps, anchor ?? whole);
          if (place) this.hovered = field.cellAt(place);
          this.show(field);
        },
        move: (move) => {
          const start = this.startCell(field);
          this.hovered = null;
          this.focused = this.keyed ? field.follow(start, move) : start;
          this.keyed = true;
          this.show(field);
          this.speak();
        },
        choose: () => {
          if (!this.keyed) this.focused = this.startCell(field);
          this.keyed = true;
          clearTimeout(this.timer);
          setText(this.voice, this.choose(field, this.focused));
          this.show(field);
        },
        swap: () => {
          if (!this.keyed) this.focused = this.startCell(field);
          this.keyed = true;
          clearTimeout(this.timer);
          if (this.focused) setText(this.voice, this.swap(this.focused));
          this.show(field);
        },
        dismiss: () => {
          this.hovered = null;
          this.keyed = false;
          setText(this.voice, this.select(null));
          this.show(field);
        },
      },
      signal,
    );
    canvas.addEventListener(
      "focus",
      () => {
        if (!canvas.matches(":focus-visible")) return;
        this.focused = this.startCell(field);
        this.keyed = true;
        this.show(field);
        this.speak();
      },
      { signal },
    );
    canvas.addEventListener(
      "blur",
      () => {
        this.keyed = false;
        this.show(field);
      },
      { signal },
    );
  }

  /**
   * In the grid of the parts, what is selected already is moved to the other.
   *
   * @param {Field} field
   * @param {Cell | null} cell
   */
  choose(field, cell) {
    const { user, item } = this.matrices.store.selection;
    const again = cell !== null && cell.user === user && cell.item === item;
    return (again && field.panel.shown === "split" && this.swap(cell)) || this.select(cell);
  }

  /**
   * The cell keys start from: the last one if it is in view, else the one in the corner.
   *
   * @param {Field} field
   */
  startCell(field) {
    const last = this.hovered ?? this.focused;
    return last && field.shows(last) ? last : field.first();
  }

  /** @param {Field} field */
  show(field) {
    this.field = field;
    this.matrices.cursor = this.hovered ?? (this.keyed ? this.focused : null);
    this.changed();
  }

  /**
   * Keep the tooltip at the ring and its numbers those of the epoch shown.
   *
   * @param {HTMLElement} root
   */
  update(root) {
    const { cursor } = this.matrices;
    const { field } = this;
    if (!cursor || !field?.shows(cursor) || field.panel.section.hidden) {
      this.tooltip.hide();
      return;
    }
    const box = field.boxOf(cursor);
    const frame = field.panel.canvas.getBoundingClientRect();
    const origin = root.getBoundingClientRect();
    const scale = scaleOf(root);
    const x = (frame.left - origin.left) / scale;
    const y = (frame.top - origin.top) / scale;
    const ring = {
      left: box.left + x - BLEED,
      top: box.top + y - BLEED,
      right: box.right + x + BLEED,
      bottom: box.bottom + y + BLEED,
    };
    const room = { width: root.clientWidth, height: root.clientHeight };
    this.tooltip.show(field.text(cursor), ring, room);
  }

  speak() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { focused, field } = this;
      if (focused && field?.shows(focused)) setText(this.voice, spoken(field.text(focused)));
    }, SETTLED);
  }
}
