/** Icons and marks as small drawings of one colour. */

import { setAttributes, svg } from "./dom.js";

/** Paths on a 12 x 12 field. */
const ICONS = {
  play: "M3 1.5v9l7.5-4.5z",
  pause: "M2.5 1.5h2.5v9h-2.5zM7 1.5h2.5v9h-2.5z",
  "step batch": "M2 1.5v9l6-4.5zM8.5 1.5h1.75v9h-1.75z",
  "step epoch": "M.5 1.5v9l4.75-4.5zM5.25 1.5v9l4.75-4.5zM10 1.5h1.5v9h-1.5z",
};

/** @param {keyof typeof ICONS | "reset"} name */
export function icon(name) {
  const shape =
    name === "reset"
      ? [
          svg("path", {
            d: "M2.6 3.9A4.4 4.4 0 1 1 1.6 6.4",
            fill: "none",
            stroke: "currentColor",
            "stroke-width": 1.5,
          }),
          svg("path", { d: "M1.6 1v3.6h3.6z" }),
        ]
      : [svg("path", { d: ICONS[name] })];
  return svg(
    "svg",
    {
      class: "rw-icon",
      viewBox: "0 0 12 12",
      width: 12,
      height: 12,
      fill: "currentColor",
      "aria-hidden": "true",
    },
    ...shape,
  );
}

/** @typedef {"dot" | "ring" | "bars" | "square" | "diamond" | "half" | "pie" | "stop"} Mark */

/** Marks of the status chip on an 8 x 8 field: told apart by shape, never by colour alone. */
const MARKS = {
  dot: "M4 0a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  ring: "M4 0a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 1.4a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2z",
  bars: "M0 0h2.4v8H0zM5.6 0H8v8H5.6z",
  square: "M0 0h8v8H0z",
  stop: "M0 0h8v8H0zM1.4 1.4v5.2h5.2V1.4z",
  diamond: "M4-.8 8.8 4 4 8.8-.8 4z",
  half: "M4 0a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 1.2v5.6a2.8 2.8 0 0 0 0-5.6z",
  pie: "M4 0a4 4 0 1 0 4 4H4z",
};

/** Milliseconds of a breath, and how much of the ink is left in its middle. */
const BREATH = { length: 2000, least: 0.35 };

/**
 * How strong the mark of a running training is. It breathes with the frames: an animation of its own would have the
 * page composed sixty times a second, by the processor that trains.
 *
 * @param {number} now milliseconds
 */
export function breath(now) {
  const depth = (1 - Math.cos((2 * Math.PI * now) / BREATH.length)) / 2;
  return 1 - (1 - BREATH.least) * depth;
}

export function markIcon() {
  const path = svg("path", { "fill-rule": "evenodd" });
  const element = svg(
    "svg",
    {
      class: "rw-mark",
      viewBox: "-1 -1 10 10",
      width: 10,
      height: 10,
      fill: "currentColor",
      "aria-hidden": "true",
    },
    path,
  );
  /** @param {Mark} mark */
  const show = (mark) => {
    setAttributes(path, { d: MARKS[mark] });
    if (mark === "dot") element.style.setProperty("--rw-breath", breath(performance.now()).toFixed(2));
    setAttributes(element, { "data-mark": mark });
  };
  return { element, show };
}

/**
 * The sign of a part: train filled, test hollow, validation with a slit.
 *
 * @param {"train" | "validation" | "test"} part
 */
export function partIcon(part) {
  const shapes = {
    train: [svg("path", { d: "M0 0h10v10H0z" })],
    validation: [svg("path", { d: "M0 0h10v3.4H0zM0 6.6h10V10H0z" })],
    test: [svg("path", { d: "M0 0h10v10H0zM2 2v6h6V2z", "fill-rule": "evenodd" })],
  };
  return svg(
    "svg",
    {
      class: `rw-part rw-${part}`,
      viewBox: "0 0 10 10",
      width: 10,
      height: 10,
      fill: "currentColor",
      "aria-hidden": "true",
    },
    ...shapes[part],
  );
}

/** Names of `part` as it travels. */
export const PARTS = /** @type {const} */ (["train", "validation", "test"]);
