/** The panels that a widget shows, by their names. */

/** @import { PanelName } from "./types.js" */

import { ArchitecturePanel } from "./architecture-panel.js";
import { LossPanel } from "./loss-panel.js";
import { MatrixPanel } from "./matrix-panel.js";
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

/** Ratings and their parts are two looks at the same cells. */
const BY = /** @type {const} */ ([
  { kind: "ratings", label: "Ratings matrix", title: "by rating" },
  { kind: "split", label: "Train/test grid", title: "by split" },
]);

/**
 * @param {PanelName[]} names
 * @param {string} view by which ids are told from those of other views
 * @param {import("./runs-panel.js").RunActions} told
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
  const factors = FACTORS.flatMap(made);
  const loss = new LossPanel(`${view}-loss`);
  // Beside others, the layers are there for the asking.
  const folded = names.length > 1;
  const architecture = new ArchitecturePanel(`${view}-architecture`, { folded, changed }, signal);
  const sections = [...matrices, ...factors].map((panel) => panel.section);
  if (names.includes("loss")) sections.push(loss.section);
  const runs = new RunsPanel(`${view}-runs`, told, signal);
  if (names.includes("runs")) sections.push(runs.section);
  if (names.includes("architecture")) sections.push(architecture.section);
  return { matrices, factors, loss, runs, architecture, sections };
}
