/** What the model is made of: a box a layer, and what feeds what. */

/** @import { Layout, Place } from "./layering.js" */
/** @import { Layer } from "./types.js" */

import { html, OWN_KEYS, setAttributes, setText, svg } from "./dom.js";
import { count } from "./format.js";
import { layeredLayout } from "./layering.js";

/** CSS pixels. */
const BOX = { width: 132, narrow: 100, height: 54, low: 38 };
const GAP = { along: 26, across: 12, close: 8 };
const LINE = 15;
const LETTER = { name: 6.5, text: 5.9 };

export class ArchitecturePanel {
  /**
   * @param {string} id
   * @param {{folded: boolean, changed: () => void}} options whether the boxes are hidden at first
   * @param {AbortSignal} signal
   */
  constructor(id, { folded, changed }, signal) {
    this.folded = folded;
    this.note = html("span", { class: "rw-note" });
    this.toggle = html("button", {
      type: "button",
      class: "rw-fold",
      "aria-controls": `${id}-layers`,
      ...OWN_KEYS,
    });
    this.toggle.addEventListener(
      "click",
      () => {
        this.folded = !this.folded;
        this.key = "";
        changed();
      },
      { signal },
    );
    this.drawing = svg("svg", { class: "rw-architecture", role: "img" });
    this.frame = html("div", { class: "rw-layers", id: `${id}-layers`, tabindex: -1 }, this.drawing);
    this.section = html(
      "section",
      { class: "rw-panel", "aria-label": "Architecture", id },
      html(
        "div",
        { class: "rw-panel-head" },
        html("span", { class: "rw-title" }, "Architecture"),
        this.note,
        this.toggle,
      ),
      this.frame,
    );
    this.key = "";
  }

  /**
   * @param {Layer[]} layers none before the model is built
   * @param {number} width CSS pixels
   */
  update(layers, width) {
    const key = JSON.stringify([layers, width, this.folded]);
    if (key === this.key || width <= 0) return;
    this.key = key;
    setText(this.note, summary(layers));
    setText(this.toggle, this.folded ? "Show layers" : "Hide layers");
    setAttributes(this.toggle, { "aria-expanded": String(!this.folded), hidden: layers.length === 0 });
    setAttributes(this.frame, { hidden: this.folded || layers.length === 0 });
    setAttributes(this.drawing, { "aria-label": inWords(layers) });
    this.drawing.replaceChildren(...this.draw(layers, width));
  }

  /**
   * @param {Layer[]} layers
   * @param {number} width
   */
  draw(layers, width) {
    const number = new Map(layers.map(({ name }, k) => [name, k]));
    const layout = layeredLayout(
      layers.map(({ inputs }) =>
        inputs.flatMap((name) => /** @type {number[]} */ (number.has(name) ? [number.get(name)] : [])),
      ),
    );
    const { box, pitch, down, size } = fitting(layout, width);
    setAttributes(this.drawing, {
      style: `width: ${size.width}px; height: ${size.height}px`,
      viewBox: `0 0 ${size.width} ${size.height}`,
    });
    const corner = (/** @type {Place} */ { rank, at }) =>
      down
        ? { x: at * pitch.across, y: rank * pitch.along }
        : { x: rank * pitch.along, y: at * pitch.across };
    const edges = layout.edges.map((edge, k) => {
      const [from, to] = layout.ends[k].map((end) =>
        down ? (box.height - heightOf(layers[end], box)) / 2 : 0,
      );
      return svg("path", {
        class: "rw-edge-line",
        d: edgePath(edge.map(corner), { ...box, from, to }, down),
      });
    });
    const boxes = layers.map((layer, k) => drawBox(layer, corner(layout.places[k]), box));
    return [...edges, ...boxes];
  }
}

/**
 * From left to right where the ranks fit; else, where a rank's boxes fit, from above; else from left to right, and one
 * scrolls.
 *
 * @param {Layout} layout
 * @param {number} width
 */
export function fitting({ n_ranks, breadth }, width) {
  const along = (width + GAP.along) / Math.max(1, n_ranks) - GAP.along;
  const across = (width + GAP.close) / Math.max(1, breadth) - GAP.close;
  const down = along < BOX.narrow && across >= BOX.narrow;
  const room = down ? across : along;
  const box = { width: Math.floor(Math.max(BOX.narrow, Math.min(BOX.width, room))), height: BOX.height };
  const pitch = down
    ? { along: box.height + GAP.along, across: box.width + (room > BOX.width ? GAP.across : GAP.close) }
    : { along: box.width + GAP.along, across: box.height + GAP.across };
  const [long, broad] = down ? [box.height, box.width] : [box.width, box.height];
  const length = Math.max(0, (n_ranks - 1) * pitch.along + long);
  const extent = Math.max(0, (breadth - 1) * pitch.across + broad);
  const size = down ? { width: extent, height: length } : { width: length, height: extent };
  return { box, pitch, down, size: { width: Math.ceil(size.width), height: Math.ceil(size.height) } };
}

/**
 * Straight into and out of each box, and bent between.
 *
 * @param {{x: number, y: number}[]} corners
 * @param {{width: number, height: number, from: number, to: number}} box and what lies free below the first box and
 *   above the last
 * @param {boolean} down
 */
function edgePath(corners, { width, height, from, to: free }, down) {
  const ends = corners.map(({ x, y }) =>
    down
      ? { in: { x: x + width / 2, y }, out: { x: x + width / 2, y: y + height } }
      : { in: { x, y: y + height / 2 }, out: { x: x + width, y: y + height / 2 } },
  );
  if (down) {
    ends[0].out.y -= from;
    ends[ends.length - 1].in.y += free;
  }
  let path = `M${round(ends[0].out.x)} ${round(ends[0].out.y)}`;
  for (let k = 1; k < ends.length; k++) {
    const { x, y } = ends[k - 1].out;
    const to = ends[k].in;
    const [a, b] = down
      ? [`${round(x)} ${round((y + to.y) / 2)}`, `${round(to.x)} ${round((y + to.y) / 2)}`]
      : [`${round((x + to.x) / 2)} ${round(y)}`, `${round((x + to.x) / 2)} ${round(to.y)}`];
    path += `C${a} ${b} ${round(to.x)} ${round(to.y)}`;
    if (k < ends.length - 1) path += `L${round(ends[k].out.x)} ${round(ends[k].out.y)}`;
  }
  return path;
}

/**
 * @param {Layer} layer
 * @param {{x: number, y: number}} corner
 * @param {{width: number, height: number}} box
 */
function drawBox(layer, { x, y }, { width, height }) {
  const { name, kind, n_parameters, trainable } = layer;
  const shape = shapeText(layer);
  const weights = n_parameters > 0;
  const tall = heightOf(layer, { height });
  const top = y + (height - tall) / 2;
  const lines = /** @type {[string, string][]} */ ([
    [shortened(name, width, LETTER.name), "rw-layer-name"],
    [kindText(kind, shape, width), "rw-layer-kind"],
    ...(weights ? [[countText(n_parameters, trainable, width), "rw-layer-kind"]] : []),
  ]);
  const first = top + (tall - LINE * lines.length) / 2 + 11.5;
  const title = [name, kind, shape && `output ${shape}`, parameters(n_parameters, trainable)];
  return svg(
    "g",
    { class: weights ? "rw-layer rw-weights" : "rw-layer" },
    svg("title", {}, title.filter(Boolean).join(", ")),
    svg("rect", { x: x + 0.5, y: top + 0.5, width: width - 1, height: tall - 1, rx: 2 }),
    ...lines.map(([text, style], k) =>
      svg("text", { class: style, x: x + width / 2, y: first + k * LINE, "text-anchor": "middle" }, text),
    ),
  );
}

/**
 * Where there is no room for both, the kind gives way to the shape.
 *
 * @param {string} kind
 * @param {string} shape
 * @param {number} width of the box
 */
export function kindText(kind, shape, width) {
  if (!shape) return shortened(kind, width, LETTER.text);
  const room = width - (shape.length + 1) * LETTER.text;
  return room < 10 + 3 * LETTER.text ? shape : `${shortened(kind, room, LETTER.text)} ${shape}`;
}

/**
 * The output shape without the batch: "1 × 2"; empty where not known.
 *
 * @param {{output_shape: (number | null)[] | null}} layer
 */
export function shapeText({ output_shape }) {
  if (!output_shape) return "";
  const rest = output_shape.slice(1).map((length) => (length === null ? "any" : String(length)));
  return rest.length ? rest.join(" × ") : "1";
}

/** @param {Layer[]} layers */
export function summary(layers) {
  if (layers.length === 0) return "comes with the model";
  const total = layers.reduce((sum, { n_parameters }) => sum + n_parameters, 0);
  const known = layers.some(({ inputs, output_shape }) => inputs.length > 0 || output_shape);
  const where = known ? "" : "; its class doesn't tell shapes and what feeds what";
  return `${parameters(total, true)} in ${count(layers.length)} ${layers.length === 1 ? "layer" : "layers"}${where}`;
}

/**
 * @param {number} n
 * @param {boolean} trainable
 */
function parameters(n, trainable) {
  return `${count(n)} ${trainable ? "" : "fixed "}${n === 1 ? "parameter" : "parameters"}`;
}

/**
 * @param {number} n
 * @param {boolean} trainable
 * @param {number} width of the box
 */
function countText(n, trainable, width) {
  const text = parameters(n, trainable);
  return text.length * LETTER.text <= width - 8 ? text : text.replace(/parameters?$/, "params");
}

/**
 * A box without weights has a line less.
 *
 * @param {Layer} layer
 * @param {{height: number}} box
 */
function heightOf({ n_parameters }, { height }) {
  return n_parameters > 0 ? height : BOX.low;
}

/** @param {Layer[]} layers */
function inWords(layers) {
  const words = layers.map((layer) => {
    const shape = shapeText(layer);
    const told = [layer.kind, shape && `output ${shape}`];
    if (layer.n_parameters) told.push(parameters(layer.n_parameters, layer.trainable));
    if (layer.inputs.length) told.push(`fed by ${layer.inputs.join(" and ")}`);
    return `${layer.name}: ${told.filter(Boolean).join(", ")}`;
  });
  return ["Layers of the model", ...words].join("; ");
}

/**
 * @param {string} text
 * @param {number} width of the box
 * @param {number} letter
 */
function shortened(text, width, letter) {
  const most = Math.floor((width - 10) / letter);
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
