/** What the pointer and the keys move over: matrices of ratings and maps of factors, alike. */

/** @import { FactorMaps } from "./factor-maps.js" */
/** @import { FactorStrips } from "./factor-strips.js" */
/** @import { Matrices } from "./matrices.js" */
/** @import { MatrixPanel } from "./matrix-panel.js" */
/** @import { Move, Place } from "./gestures.js" */
/** @import { Cell } from "./stage.js" */
/** @import { Box, CellText } from "./tooltip.js" */

import { cellText, factorText } from "./cell-text.js";
import { boxOf, cellAt, follow } from "./factor-plot.js";
import * as strips from "./strip-plot.js";
import { within } from "./viewport.js";

/**
 * @typedef {Object} Field
 * @property {MatrixPanel} panel
 * @property {() => Cell} first the cell in the corner
 * @property {(cell: Cell) => boolean} shows
 * @property {(place: Place) => Cell | null} cellAt
 * @property {(cell: Cell) => Box} boxOf in CSS pixels from the canvas's corner
 * @property {(cell: Cell, move: Move) => Cell} follow where a key leads; the view follows
 * @property {(cell: Cell) => CellText} text
 * @property {(place: Place) => Place | Cell | null} [anchor] of a zoom; the place itself where not given
 * @property {(from: Cell, x: number, y: number) => Cell} [panned] the cell in the corner after a drag
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

/**
 * @param {MatrixPanel} panel
 * @param {FactorStrips} all
 * @returns {Field}
 */
export function stripField(panel, all) {
  const stage = () => all.matrices.stage;
  const users = all.ofUsers(panel);
  return {
    panel,
    first: () => {
      const { user, item } = stage().viewport;
      return users ? { user, item: -1, factor: 0 } : { user: -1, item, factor: 0 };
    },
    shows: (cell) => strips.shows(all.stripOf(panel), cell),
    cellAt: (place) => (all.tableOf(panel) ? strips.cellAt(all.stripOf(panel), place) : null),
    boxOf: (cell) => strips.boxOf(all.stripOf(panel), cell),
    follow: (from, { by, users: down, items: across }) => {
      const { rows } = all.stripOf(panel);
      const factor = within((from.factor ?? 0) + down * (by === "cell" ? 1 : rows), 0, rows - 1);
      const start = { user: Math.max(0, from.user), item: Math.max(0, from.item) };
      const move = { by, users: users ? across : 0, items: users ? 0 : across };
      const { user, item } = stage().follow(start, move);
      return users ? { user, item: -1, factor } : { user: -1, item, factor };
    },
    text: (cell) => factorText(all.store, cell, all.value(panel, cell)),
    anchor: (place) => {
      const { user, item, rows, columns } = stage().viewport;
      const cell = strips.cellAt(all.stripOf(panel), place);
      if (!cell) return null;
      return users
        ? { user: cell.user, item: item + Math.floor(columns / 2) }
        : { user: user + Math.floor(rows / 2), item: cell.item };
    },
    panned: ({ user, item }, x) => {
      const { xs, columns, ratio } = all.stripOf(panel);
      const by = (x * ratio * columns) / xs[columns];
      return users ? { user: user - by, item } : { user, item: item - by };
    },
  };
}
