/** Pointer, wheel and keys on a matrix, told as what they mean. */

import { scaleOf } from "./dom.js";

/**
 * @typedef {Object} Place in CSS pixels from the canvas's corner
 * @property {number} x
 * @property {number} y
 */

/**
 * @typedef {Object} Meanings
 * @property {(place: Place | null) => void} hover null where the pointer left
 * @property {(place: Place, more: boolean) => void} press a click that did not drag; more: with Shift, Ctrl or Command
 * @property {(x: number, y: number, place: Place) => void} drag CSS pixels since the drag began
 * @property {(dragging: boolean, whole: boolean) => void} hold a drag begins or ends; whole: it was not broken off
 * @property {(steps: number, place: Place | null) => void} zoom
 * @property {(move: Move) => void} move the keyboard's cell
 * @property {(more: boolean) => void} choose the keyboard's cell; more: with Shift
 * @property {() => void} swap move the rating of the keyboard's cell between train and test
 * @property {() => void} dismiss
 */

/**
 * By how much a key moves: cells, pages of the view, or to an end (signed).
 *
 * @typedef {Object} Move
 * @property {"cell" | "page" | "end"} by
 * @property {number} users
 * @property {number} items
 */

/** Wheel delta that makes a step: a notch of a mouse is 100 or more, a pinch sends many small ones. */
const NOTCH = 60;
const DRAG_FROM = 3;
const FAST = 10;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Meanings} meanings
 * @param {AbortSignal} signal
 */
export function listen(canvas, meanings, signal) {
  /** @type {{id: number, x: number, y: number, dragging: boolean} | null} */
  let held = null;
  let wheel = 0;

  /** @param {MouseEvent} event */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = scaleOf(canvas);
    return { x: (event.clientX - box.left) / scale, y: (event.clientY - box.top) / scale };
  };

  canvas.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      held = { id: event.pointerId, x: event.clientX, y: event.clientY, dragging: false };
      canvas.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  canvas.addEventListener(
    "pointermove",
    (event) => {
      if (!held || held.id !== event.pointerId) {
        meanings.hover(place(event));
        return;
      }
      const x = event.clientX - held.x;
      const y = event.clientY - held.y;
      if (!held.dragging && Math.hypot(x, y) >= DRAG_FROM) {
        held.dragging = true;
        meanings.hold(true, true);
      }
      const scale = scaleOf(canvas);
      if (held.dragging) meanings.drag(x / scale, y / scale, place(event));
      else meanings.hover(place(event));
    },
    { signal },
  );
  /** @param {PointerEvent} event */
  const release = (event) => {
    if (!held || held.id !== event.pointerId) return;
    const { dragging } = held;
    held = null;
    const whole = event.type === "pointerup";
    if (dragging) meanings.hold(false, whole);
    else if (whole) meanings.press(place(event), event.shiftKey || event.ctrlKey || event.metaKey);
    if (event.type === "pointerup" && event.pointerType === "mouse") meanings.hover(place(event));
  };
  canvas.addEventListener("pointerup", release, { signal });
  canvas.addEventListener("pointercancel", release, { signal });
  canvas.addEventListener("pointerleave", () => held ?? meanings.hover(null), { signal });

  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      wheel -= event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * NOTCH;
      const steps = Math.trunc(wheel / NOTCH);
      if (steps === 0) return;
      wheel = 0;
      meanings.zoom(Math.sign(steps), place(event));
    },
    { signal, passive: false },
  );

  canvas.addEventListener(
    "keydown",
    (event) => {
      const act = keyMeaning(event, meanings);
      if (!act) return;
      event.preventDefault();
      act();
    },
    { signal },
  );
}

/**
 * @param {KeyboardEvent} event
 * @param {Meanings} meanings
 * @returns {(() => void) | null}
 */
function keyMeaning({ key, shiftKey, ctrlKey, metaKey, altKey }, meanings) {
  if (altKey || metaKey) return null;
  const move = moveOf(key, shiftKey, ctrlKey);
  if (move) return () => meanings.move(move);
  if (ctrlKey) return null;
  if (key === "+" || key === "=") return () => meanings.zoom(1, null);
  if (key === "-" || key === "_") return () => meanings.zoom(-1, null);
  if (key === "Enter") return () => meanings.choose(shiftKey);
  if (key === "m") return () => meanings.swap();
  if (key === "Escape") return () => meanings.dismiss();
  return null;
}

/**
 * @param {string} key
 * @param {boolean} shift
 * @param {boolean} ctrl
 * @returns {Move | null}
 */
export function moveOf(key, shift, ctrl) {
  const by = shift ? FAST : 1;
  switch (key) {
    case "ArrowUp":
      return { by: "cell", users: -by, items: 0 };
    case "ArrowDown":
      return { by: "cell", users: by, items: 0 };
    case "ArrowLeft":
      return { by: "cell", users: 0, items: -by };
    case "ArrowRight":
      return { by: "cell", users: 0, items: by };
    case "PageUp":
      return { by: "page", users: shift ? 0 : -1, items: shift ? -1 : 0 };
    case "PageDown":
      return { by: "page", users: shift ? 0 : 1, items: shift ? 1 : 0 };
    case "Home":
      return { by: "end", users: ctrl ? -1 : 0, items: -1 };
    case "End":
      return { by: "end", users: ctrl ? 1 : 0, items: 1 };
    default:
      return null;
  }
}
