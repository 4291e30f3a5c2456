/** Which cells are shown: those of each part, and those without a rating. They hide and show; what is counted stays. */

/** @import { Summary } from "./types.js" */

import { UNSEEN } from "./cells.js";
import { html, OWN_KEYS, setAttributes, svg } from "./dom.js";
import { PARTS, partIcon } from "./icons.js";

/**
 * The kinds of cells that there are.
 *
 * @param {Summary} summary
 * @param {boolean} predicts whether cells without a rating show something
 * @returns {{name: string, part: number}[]}
 */
export function kindsOf({ n_ratings, n_validation, n_test }, predicts) {
  const held = n_validation + n_test > 0;
  const counts = [n_ratings, n_validation, n_test];
  const parts = PARTS.flatMap((name, part) =>
    counts[part] > 0 ? [{ name: held ? name : "rated", part }] : [],
  );
  const kinds = predicts && n_ratings > 0 ? [...parts, { name: "unseen", part: UNSEEN }] : parts;
  return kinds.length > 1 ? kinds : [];
}

/**
 * @param {Uint8Array} parts of cells
 * @param {ReadonlySet<number>} hidden parts
 * @returns {Uint8Array | null} 1 where a cell is hidden; null where none is
 */
export function hides(parts, hidden) {
  return hidden.size > 0 ? parts.map((part) => (hidden.has(part) ? 1 : 0)) : null;
}

export class PartToggles {
  /**
   * @param {boolean} predicts
   * @param {(hidden: ReadonlySet<number>) => void} changed
   * @param {AbortSignal} signal
   */
  constructor(predicts, changed, signal) {
    this.predicts = predicts;
    /** @type {Set<number>} */
    this.hidden = new Set();
    this.key = "";
    /** @type {{name: string, part: number}[]} */
    this.kinds = [];
    this.element = html("span", { class: "rw-parts", role: "group", "aria-label": "Cells shown" });
    this.element.addEventListener(
      "click",
      (event) => {
        const button = /** @type {Element} */ (event.target).closest("button");
        const kind = this.kinds[button ? [...this.element.children].indexOf(button) : -1];
        if (!button || !kind) return;
        if (!this.hidden.delete(kind.part)) this.hidden.add(kind.part);
        setAttributes(button, { "aria-pressed": String(!this.hidden.has(kind.part)) });
        changed(this.hidden);
      },
      { signal },
    );
  }

  /** @param {Summary} summary */
  update(summary) {
    const kinds = kindsOf(summary, this.predicts);
    const key = JSON.stringify(kinds);
    if (key === this.key) return;
    this.key = key;
    this.kinds = kinds;
    this.element.replaceChildren(
      ...kinds.map(({ name, part }) =>
        html(
          "button",
          {
            type: "button",
            class: "rw-part-toggle",
            "aria-pressed": String(!this.hidden.has(part)),
            title: `Show or hide ${name === "unseen" ? "cells without a rating" : `${name} cells`}`,
            ...OWN_KEYS,
          },
          part === UNSEEN ? unseenIcon() : partIcon(PARTS[part]),
          html("span", {}, name),
        ),
      ),
    );
  }
}

function unseenIcon() {
  return svg(
    "svg",
    {
      class: "rw-part",
      viewBox: "0 0 10 10",
      width: 10,
      height: 10,
      fill: "none",
      stroke: "currentColor",
      "stroke-dasharray": "1.5 1.5",
      "aria-hidden": "true",
    },
    svg("path", { d: "M.5 .5h9v9h-9z" }),
  );
}
