/** The panels that a widget shows, by their names. */

/** @import { PanelName } from "./types.js" */

import { ArchitecturePanel } from "./architecture-panel.js";
import { LossPanel } from "./loss-panel.js";
import { MatrixPanel } from "./matrix-panel.js";

const MATRICES = /** @type {const} */ ([
  { kind: "ratings", label: "Ratings matrix", title: "Ratings" },
  { kind: "split", label: "Train/test grid", title: "Train/test" },
  { kind: "predictions", label: "Predictions matrix", title: "Predictions" },
]);
const FACTORS = /** @type {const} */ ([
  { kind: "user_factors", label: "User factors", title: "User factors" },
  { kind: "item_factors", label: "Item factors", title: "Item factors" },
]);

/**
 * @param {PanelName[]} names
 * @param {string} view by which ids are told from those of other views
 * @param {() => void} changed
 * @param {AbortSignal} signal
 */
export function makePanels(names, view, changed, signal) {
  const made = (/** @type {import("./matrix-panel.js").PanelText} */ text) =>
    names.includes(text.kind) ? [new MatrixPanel(text, `${view}-${text.kind}`)] : [];
  const matrices = MATRICES.flatMap(made);
  const factors = FACTORS.flatMap(made);
  const loss = new LossPanel(`${view}-loss`);
  // Beside others, the layers are there for the asking.
  const folded = names.length > 1;
  const architecture = new ArchitecturePanel(`${view}-architecture`, { folded, changed }, signal);
  const sections = [...matrices, ...factors].map((panel) => panel.section);
  if (names.includes("loss")) sections.push(loss.section);
  if (names.includes("architecture")) sections.push(architecture.section);
  return { matrices, factors, loss, architecture, sections };
}
