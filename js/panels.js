/** The panels that a widget shows, by their names. */

/** @import { PanelName } from "./types.js" */

import { ArchitecturePanel } from "./architecture-panel.js";
import { html } from "./dom.js";
import { Inspector } from "./inspector.js";
import { LossPanel } from "./loss-panel.js";
import { MapPanel } from "./map-panel.js";
import { MatrixPanel } from "./matrix-panel.js";
import { countPlaces, placesOf } from "./places.js";
import { RunsPanel } from "./runs-panel.js";

const MATRICES = /** @type {const} */ ([
  { kind: "ratings", label: "Ratings matrix", title: "Ratings" },
  { kind: "split", label: "Train/test grid", title: "Train/test" },
  { kind: "predictions", label: "Predictions matrix", title: "Predictions" },
  { kind: "residuals", label: "Residuals matrix", title: "Residuals" },
]);
const FACTORS = /** @type {const} */ ([
  { kind: "user_factors", label: "User factors", title: "User factors" },
  { kind: "item_factors", label: "Item factors", title: "Item factors" },
]);
/** Beside other panels they are two strips of one place, and have one heading. */
const STRIPS = FACTORS.map((text) => ({ ...text, title: "Factors" }));

/** Ratings and their parts are two looks at the same cells. */
const BY = /** @type {const} */ ([
  { kind: "ratings", label: "Ratings matrix", title: "matrix" },
  { kind: "split", label: "Train/test grid", title: "train/test" },
]);

/**
 * @param {PanelName[]} names
 * @param {string} view by which ids are told from those of other views
 * @param {import("./runs-panel.js").RunActions & import("./inspector.js").Told} told
 * @param {AbortSignal} signal
 */
export function makePanels(names, view, told, signal) {
  const { changed } = told;
  const both = names.includes("ratings") && names.includes("split");
  const made = (/** @type {import("./matrix-panel.js").PanelText} */ text) =>
    names.includes(text.kind) && !(both && text.kind === "split")
      ? [new MatrixPanel(text, `${view}-${text.kind}`, both && text.kind === "ratings" ? BY : [])]
      : [];
  const matrices = MATRICES.flatMap(made);
  const inPlot = names.some((name) => !FACTORS.some(({ kind }) => kind === name));
  const factors = (inPlot ? STRIPS : FACTORS).flatMap(made);
  const map = names.includes("map") ? new MapPanel(`${view}-map`) : null;
  const loss = new LossPanel(`${view}-loss`, changed, signal);
  // Beside others, the layers are there for the asking.
  const folded = names.length > 1;
  const architecture = new ArchitecturePanel(`${view}-architecture`, { folded, changed }, signal);
  /** @type {Map<string, HTMLElement>} */
  const sections = new Map([...matrices, ...factors].map((panel) => [panel.kind, panel.section]));
  if (map) sections.set("map", map.section);
  if (names.includes("loss")) sections.set("loss", loss.section);
  if (names.includes("architecture")) sections.set("architecture", architecture.section);
  const inspector = new Inspector(names, view, told, signal);
  for (const [name, section] of inspector.sections) sections.set(name, section);
  const runs = new RunsPanel(`${view}-runs`, told, signal);
  if (names.includes("runs")) sections.set("runs", runs.section);
  return {
    matrices,
    factors,
    inPlot,
    map,
    loss,
    inspector,
    runs,
    architecture,
    sections,
    ...gridOf(sections),
  };
}

/**
 * The sections in their places. The style sheet finds a place by its kind and a panel by its name.
 *
 * @param {Map<string, HTMLElement>} sections by the names of their panels
 */
function gridOf(sections) {
  const places = placesOf([...sections.keys()]);
  const counts = countPlaces(places);
  const elements = places.map(({ kind, names }) => {
    const inside = names.flatMap((name) => {
      const section = sections.get(name);
      if (section) section.dataset.panel = name;
      return section ? [section] : [];
    });
    const element = names.length > 1 ? html("div", { class: "rw-stack" }, ...inside) : inside[0];
    element.dataset.place = kind;
    return element;
  });
  const { matrix, plot, list } = counts;
  const grid = html(
    "div",
    { class: "rw-panels", "data-matrices": matrix, "data-plots": plot, "data-others": plot + list },
    ...elements,
  );
  return { grid, counts };
}
