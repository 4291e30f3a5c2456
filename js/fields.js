/** What the pointer and the keys move over: matrices of ratings and maps of factors, alike. */

/** @import { FactorMaps } from "./factor-maps.js" */
/** @import { Matrices } from "./matrices.js" */
/** @import { MatrixPanel } from "./matrix-panel.js" */
/** @import { Move, Place } from "./gestures.js" */
/** @import { Cell } from "./stage.js" */
/** @import { Box, CellText } from "./tooltip.js" */

import { cellText, factorText } from "./cell-text.js";
import { boxOf, cellAt, follow } from "./factor-plot.js";

/**
 * @typedef {Object} Field
 * @property {MatrixPanel} panel
 * @property {() => Cell} first the cell in the corner
 * @property {(cell: Cell) => boolean} shows
 * @property {(place: Place) => Cell | null} cellAt
 * @property {(cell: Cell) => Box} boxOf in CSS pixels from the canvas's corner
 * @property {(cell: Cell, move: Move) => Cell} follow where a key leads; the view follows
 * @property {(cell: Cell) => CellText} text
 */

/**
 * @param {MatrixPanel} panel
 * @param {Matrices} matrices
 * @returns {Field}
 */
export function matrixField(panel, matrices) {
  const own = (/** @type {Cell} */ cell) => (matrices.whole ? { ...cell, binned: true } : cell);
  return {
    panel,
    first: () => own({ user: matrices.view.viewport.user, item: matrices.view.viewport.item }),
    shows: (cell) => Boolean(cell.binned) === (matrices.whole !== null) && matrices.view.shows(cell),
    cellAt: (place) => {
      const cell = matrices.view.cellAt(place);
      return cell && own(cell);
    },
    boxOf: (cell) => matrices.view.boxOf(cell),
    follow: (cell, move) => own(matrices.view.follow(cell, move)),
    text: (cell) => matrices.whole?.text(cell) ?? cellText(matrices.store, cell.user, cell.item),
  };
}

/**
 * @param {MatrixPanel} panel
 * @param {FactorMaps} maps
 * @returns {Field}
 */
export function factorField(panel, maps) {
  const { store } = maps.matrices;
  const stage = () => maps.matrices.stage;
  const viewport = () => stage().viewport;
  const users = maps.ofUsers(panel);
  return {
    panel,
    first: () =>
      users ? { user: viewport().user, item: -1, factor: 0 } : { user: -1, item: viewport().item, factor: 0 },
    shows: ({ user, item, factor }) => {
      const { user: u, item: i, rows, columns } = viewport();
      const inside = users ? user >= u && user < u + rows : item >= i && item < i + columns;
      return inside && factor !== undefined;
    },
    cellAt: (place) => (maps.tableOf(panel) ? cellAt(stage(), maps.plotOf(panel), place) : null),
    boxOf: (cell) => boxOf(stage(), maps.plotOf(panel), cell),
    follow: (cell, move) => follow(stage(), maps.plotOf(panel), cell, move),
    text: (cell) => factorText(store, cell, maps.value(panel, cell)),
  };
}
