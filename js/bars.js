/** How often each rating was given: bars in the colours of the ratings. */

import { colorOf, cssColor } from "./colors.js";
import { html, setAttributes, setText, svg } from "./dom.js";
import { count, plain } from "./format.js";

/** CSS pixels. */
const HEIGHT = 18;
const WIDTH = 64;

export class Bars {
  constructor() {
    this.low = html("span");
    this.high = html("span");
    this.drawing = svg("svg", {
      class: "rw-bars",
      role: "img",
      style: `width: ${WIDTH}px; height: ${HEIGHT}px`,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    });
    this.element = html("span", { class: "rw-histogram" }, this.low, this.drawing, this.high);
    this.key = "";
  }

  /**
   * @param {{centers: Float32Array, counts: Int32Array}} bars
   * @param {[number, number]} rating_scale
   * @param {import("./theme.js").Palette} palette
   */
  update({ centers, counts }, [low, high], palette) {
    const key = JSON.stringify([[...counts], low, high, palette.dark]);
    if (key === this.key) return;
    this.key = key;
    setAttributes(this.element, { hidden: counts.length === 0 });
    if (counts.length === 0) return;
    const most = Math.max(1, ...counts);
    const step = WIDTH / counts.length;
    const scale = { table: palette.ratings, low, high };
    setText(this.low, plain(low));
    setText(this.high, plain(high));
    this.drawing.replaceChildren(
      svg("path", { class: "rw-axis", d: `M0 ${HEIGHT - 0.5}H${WIDTH}` }),
      ...[...counts].map((n, k) => {
        const height = n === 0 ? 0 : Math.max(1, (n / most) * (HEIGHT - 1));
        return svg("rect", {
          x: k * step,
          y: HEIGHT - 1 - height,
          width: Math.max(1, step - 1),
          height,
          style: `fill: ${cssColor(colorOf(scale, centers[k]))}`,
        });
      }),
    );
    const words = [...counts].map((n, k) => `${plain(Number(centers[k].toFixed(2)))}: ${count(n)}`);
    setAttributes(this.drawing, { "aria-label": `How often each rating: ${words.join(", ")}` });
  }
}
