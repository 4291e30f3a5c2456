/** The line of epochs under the panels: where training stands, which epochs are kept, and the one that is shown. */

/** @import { Store } from "./store.js" */

import { html, OWN_KEYS, scaleOf, setAttributes, setText, svg } from "./dom.js";
import { keptEpochs, nearestOf } from "./past.js";
import { tickStep, ticks } from "./ticks.js";

/** Room at both ends of the line and above it, in CSS pixels. */
const SIDE = 10;
const LINE = 22;
const HEIGHT = 44;
/** Marks of kept epochs are at least so far apart; numbers as well. */
const APART = 3;
const NUMBERS = 56;
/** Width of what is written at epoch 0. */
const UNTRAINED = 76;
/** Part of the line that Page Up and Page Down go. */
const PAGE = 10;

export class Scrubber {
  /**
   * @param {(epoch: number | null) => void} seek shows an epoch; null: what there is now
   * @param {AbortSignal} signal
   */
  constructor(seek, signal) {
    this.seek = seek;
    /** @type {number[]} */
    this.kept = [];
    /** @type {number | null} */
    this.cursor = null;
    this.last = 0;
    this.end = 1;
    this.width = 0;
    this.measured = 0;
    /** @type {number | null} */
    this.restored = null;
    this.key = "";
    this.scaleKey = "";
    this.number = html("b", { class: "rw-epoch" });
    this.rest = svg("path", { class: "rw-scrub-rest" });
    this.done = svg("path", { class: "rw-scrub-done" });
    this.marks = svg("path", { class: "rw-scrub-marks" });
    this.numbers = svg("g", { class: "rw-scrub-numbers" });
    this.best = svg("text", { class: "rw-scrub-best", y: 10 });
    this.live = svg("circle", { class: "rw-scrub-live", r: 4, cy: LINE });
    this.thumb = svg("rect", { class: "rw-scrub-thumb", width: 6, height: 18, y: LINE - 9 });
    this.drawing = svg(
      "svg",
      { "aria-hidden": "true" },
      this.rest,
      this.done,
      this.marks,
      this.numbers,
      this.best,
      this.live,
      this.thumb,
    );
    this.slider = html(
      "div",
      {
        class: "rw-scrub-line",
        role: "slider",
        tabindex: 0,
        "aria-label": "Epoch",
        "aria-valuemin": 0,
        ...OWN_KEYS,
      },
      this.drawing,
    );
    this.dot = html("span", { class: "rw-scrub-dot", "aria-hidden": "true" });
    this.toLive = html(
      "button",
      { type: "button", class: "rw-button rw-scrub-button", ...OWN_KEYS },
      this.dot,
      "Live",
    );
    this.element = html(
      "div",
      { class: "rw-scrubber", hidden: true },
      html("span", { class: "rw-scrub-epoch" }, "epoch ", this.number),
      this.slider,
      this.toLive,
    );
    this.toLive.addEventListener("click", () => this.seek(null), { signal });
    this.slider.addEventListener("keydown", (event) => this.press(event), { signal });
    this.drag(signal);
  }

  /** @param {AbortSignal} signal */
  drag(signal) {
    let held = false;
    const go = (/** @type {PointerEvent} */ event) => {
      const x = (event.clientX - this.slider.getBoundingClientRect().left) / scaleOf(this.slider);
      this.goTo(((x - SIDE) / Math.max(1, this.width - 2 * SIDE)) * this.end);
    };
    this.slider.addEventListener(
      "pointerdown",
      (event) => {
        if (event.button !== 0) return;
        held = true;
        this.slider.setPointerCapture(event.pointerId);
        go(event);
      },
      { signal },
    );
    this.slider.addEventListener("pointermove", (event) => held && go(event), { signal });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.slider.addEventListener(end, () => (held = false), { signal });
    }
  }

  /** @param {number} epoch the nearest that is kept is shown; at the last one the view goes live */
  goTo(epoch) {
    if (this.kept.length === 0) return;
    const nearest = nearestOf(this.kept, epoch);
    // Keys may come faster than pictures. Where weights were put back, what there is now is not the last epoch.
    this.cursor = nearest === this.last && this.restored === null ? null : nearest;
    this.seek(this.cursor);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || this.kept.length === 0) return;
    const at = this.kept.indexOf(nearestOf(this.kept, this.cursor ?? this.last));
    const page = Math.max(1, Math.round(this.kept.length / PAGE));
    const steps = {
      ArrowLeft: -1,
      ArrowDown: -1,
      ArrowRight: 1,
      ArrowUp: 1,
      PageDown: -page,
      PageUp: page,
      Home: -at,
      End: this.kept.length,
    }[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.goTo(this.kept[Math.max(0, Math.min(this.kept.length - 1, at + steps))]);
  }

  /**
   * @param {Store} store
   * @param {number} width of the widget's content, in CSS pixels
   */
  update(store, width) {
    const { losses, stride, cursor, epochs, epoch, past, shownEpoch, state } = store;
    const restored = store.progress?.restored ?? null;
    const key = JSON.stringify([
      losses.version,
      past.version,
      stride,
      cursor,
      epochs,
      epoch,
      width,
      restored,
      state.status,
    ]);
    if (key === this.key) return;
    this.key = key;
    this.kept = keptEpochs(losses, stride);
    this.cursor = cursor;
    this.restored = restored;
    setAttributes(this.element, { hidden: this.kept.length === 0 });
    if (this.kept.length === 0) return;
    this.last = this.kept[this.kept.length - 1];
    if (width !== this.measured) {
      this.measured = width;
      this.width = this.slider.clientWidth;
    }
    const shown = cursor ?? restored ?? this.last;
    this.draw(losses.best, Math.max(epochs, epoch, 1), shown);
    setText(this.number, String(cursor ?? restored ?? epoch));
    const running = state.status === "running";
    setAttributes(this.slider, {
      "aria-valuemax": this.last,
      "aria-valuenow": shown,
      // What changes ten times a second is not for reading out.
      "aria-valuetext": inWords({ cursor, restored, shown: shownEpoch, last: running ? null : this.last }),
    });
    this.element.classList.toggle("rw-rewound", cursor !== null);
    setAttributes(this.toLive, { "aria-pressed": String(cursor === null) });
  }

  /**
   * @param {import("./losses.js").EpochLoss | undefined} best
   * @param {number} end
   * @param {number} shown
   */
  draw(best, end, shown) {
    const { width } = this;
    this.end = end;
    const x = (/** @type {number} */ epoch) => SIDE + (epoch / end) * Math.max(0, width - 2 * SIDE);
    const scaleKey = `${end} ${width}`;
    if (scaleKey !== this.scaleKey) {
      this.scaleKey = scaleKey;
      setAttributes(this.drawing, {
        style: `width: ${width}px; height: ${HEIGHT}px`,
        viewBox: `0 0 ${width} ${HEIGHT}`,
      });
      const step = tickStep(end, Math.max(2, Math.floor(width / NUMBERS)), true);
      this.numbers.replaceChildren(
        svg("text", { x: x(0), y: HEIGHT - 3, "text-anchor": "start" }, "0 untrained"),
        ...ticks(step, end, step)
          .filter((epoch) => x(epoch) > UNTRAINED + 8)
          .map((epoch) =>
            svg("text", { x: x(epoch), y: HEIGHT - 3, "text-anchor": "middle" }, String(epoch)),
          ),
      );
    }
    setAttributes(this.rest, { d: `M${x(this.last)} ${LINE}H${x(end)}` });
    setAttributes(this.done, { d: `M${x(0)} ${LINE}H${x(this.last)}` });
    setAttributes(this.marks, { d: marksOf(this.kept, x) });
    setAttributes(this.live, { cx: x(this.last) });
    setAttributes(this.thumb, { x: x(shown) - 3 });
    const known = best !== undefined && best.epoch > 0;
    setText(this.best, known ? `best ${best.epoch} ▾` : "");
    if (!known) return;
    const right = x(best.epoch) > width / 2;
    setText(this.best, right ? `best ${best.epoch} ▾` : `▾ best ${best.epoch}`);
    setAttributes(this.best, { x: x(best.epoch) + (right ? 4 : -4), "text-anchor": right ? "end" : "start" });
  }
}

/**
 * @param {Object} now
 * @param {number | null} now.cursor
 * @param {number | null} now.restored
 * @param {number} now.shown
 * @param {number | null} now.last null while it moves
 */
export function inWords({ cursor, restored, shown, last }) {
  if (cursor === null && restored !== null) return `epoch ${restored}, put back`;
  if (cursor === null) return last === null ? "live" : `epoch ${last}, live`;
  const place = last === null ? `epoch ${cursor}` : `epoch ${cursor} of ${last}`;
  return shown === cursor ? place : `${place}, on its way`;
}

/**
 * @param {number[]} kept
 * @param {(epoch: number) => number} x
 */
function marksOf(kept, x) {
  let path = "";
  let before = Number.NEGATIVE_INFINITY;
  for (const epoch of kept) {
    const at = Math.round(x(epoch)) + 0.5;
    if (at - before < APART) continue;
    before = at;
    path += `M${at} ${LINE + 3}v4`;
  }
  return path;
}
