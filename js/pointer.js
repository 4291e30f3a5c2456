/** Whose cell the crosshair is on: the pointer's, or the keyboard's while it has the focus. */

/** @import { MatrixPanel } from "./matrix-panel.js" */
/** @import { Cell } from "./stage.js" */
/** @import { Matrices } from "./matrices.js" */
/** @import { Store } from "./store.js" */
/** @import { Tooltip } from "./tooltip.js" */

import { cellText, spoken } from "./cell-text.js";
import { setText } from "./dom.js";
import { listen } from "./gestures.js";
import { BLEED } from "./matrix-panel.js";

/** A screen reader is told where a run of keys ended, not every step. */
const SETTLED = 150;

export class Pointer {
  /**
   * @param {Matrices} matrices
   * @param {Tooltip} tooltip
   * @param {Element} voice a live region
   * @param {() => void} changed
   * @param {AbortSignal} signal
   */
  constructor(matrices, tooltip, voice, changed, signal) {
    this.matrices = matrices;
    this.tooltip = tooltip;
    this.voice = voice;
    this.changed = changed;
    /** @type {Cell | null} */
    this.hovered = null;
    /** @type {Cell | null} */
    this.focused = null;
    /** The keyboard's cell is shown: its keys were used last. */
    this.keyed = false;
    this.panel = matrices.panels[0];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    for (const panel of matrices.panels) this.attach(panel, signal);
  }

  /**
   * @param {MatrixPanel} panel
   * @param {AbortSignal} signal
   */
  attach(panel, signal) {
    const { canvas } = panel;
    /** @type {Cell} */
    let from = { user: 0, item: 0 };
    listen(
      canvas,
      {
        hover: (place) => {
          this.hovered = place && this.matrices.stage.cellAt(place);
          if (this.hovered) this.keyed = false;
          this.show(panel);
        },
        press: (place) => {
          this.focused = this.matrices.stage.cellAt(place) ?? this.focused;
          this.keyed = true;
          this.show(panel);
        },
        hold: (dragging) => {
          const { user, item } = this.matrices.stage.viewport;
          from = { user, item };
          this.hovered = null;
          this.keyed = false;
          canvas.classList.toggle("rw-dragging", dragging);
          this.show(panel);
        },
        drag: (x, y) => {
          const { cell, ratio } = this.matrices.stage.plot;
          this.matrices.stage.moveTo({
            user: from.user - (y * ratio) / cell,
            item: from.item - (x * ratio) / cell,
          });
          this.show(panel);
        },
        zoom: (steps, place) => {
          const keyed = this.keyed ? this.focused : null;
          this.matrices.stage.zoom(steps, place ?? keyed);
          if (place) this.hovered = this.matrices.stage.cellAt(place);
          this.show(panel);
        },
        move: (move) => {
          const start = this.startCell();
          this.hovered = null;
          this.focused = this.keyed ? this.matrices.stage.follow(start, move) : start;
          this.keyed = true;
          this.show(panel);
          this.speak();
        },
        dismiss: () => {
          this.hovered = null;
          this.keyed = false;
          this.show(panel);
        },
      },
      signal,
    );
    canvas.addEventListener(
      "focus",
      () => {
        if (!canvas.matches(":focus-visible")) return;
        this.focused = this.startCell();
        this.keyed = true;
        this.show(panel);
        this.speak();
      },
      { signal },
    );
    canvas.addEventListener(
      "blur",
      () => {
        this.keyed = false;
        this.show(panel);
      },
      { signal },
    );
  }

  /** The cell keys start from: the last one if it is in view, else the one in the corner. */
  startCell() {
    const { stage } = this.matrices;
    const last = this.hovered ?? this.focused;
    if (last && stage.shows(last)) return last;
    return { user: stage.viewport.user, item: stage.viewport.item };
  }

  /** @param {MatrixPanel} panel */
  show(panel) {
    this.panel = panel;
    this.matrices.cursor = this.hovered ?? (this.keyed ? this.focused : null);
    this.changed();
  }

  /**
   * Keep the tooltip at the ring and its numbers those of the epoch shown.
   *
   * @param {Store} store
   * @param {HTMLElement} root
   */
  update(store, root) {
    const { cursor, stage } = this.matrices;
    if (!cursor || !stage.shows(cursor) || this.panel.section.hidden) {
      this.tooltip.hide();
      return;
    }
    const box = stage.boxOf(cursor);
    const frame = this.panel.canvas.getBoundingClientRect();
    const origin = root.getBoundingClientRect();
    const x = frame.left - origin.left;
    const y = frame.top - origin.top;
    const ring = {
      left: box.left + x - BLEED,
      top: box.top + y - BLEED,
      right: box.right + x + BLEED,
      bottom: box.bottom + y + BLEED,
    };
    const room = { width: root.clientWidth, height: root.clientHeight };
    this.tooltip.show(cellText(store, cursor.user, cursor.item), ring, room);
  }

  speak() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { focused, matrices } = this;
      if (focused) setText(this.voice, spoken(cellText(matrices.store, focused.user, focused.item)));
    }, SETTLED);
  }
}
