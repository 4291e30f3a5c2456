/** What is selected, looked into: the cell, the user and the item, and the questions to the kernel behind them. */

/** @import { Answer } from "./inspection.js" */
/** @import { Question } from "./inspection-requests.js" */
/** @import { PanelName, Selected } from "./types.js" */
/** @import { Store } from "./store.js" */
/** @import { Palette } from "./theme.js" */

import { CellPanel } from "./cell-panel.js";
import { InspectionRequests } from "./inspection-requests.js";
import { ItemPanel } from "./item-panel.js";
import { UserPanel } from "./user-panel.js";

/**
 * @typedef {Object} Told
 * @property {(question: Question) => void} ask
 * @property {(change: Partial<Selected>) => void} select
 * @property {(change: import("./edit-row.js").Change) => void} edit
 * @property {() => void} changed
 */

export class Inspector {
  /**
   * @param {PanelName[]} names
   * @param {string} view by which ids are told from those of other views
   * @param {Told} told
   * @param {AbortSignal} signal
   */
  constructor(names, view, { ask, select, edit, changed }, signal) {
    const chooseItem = (/** @type {number} */ item) => select({ item });
    const chooseUser = (/** @type {number} */ user) => select({ user });
    this.cell = new CellPanel(`${view}-cell`, edit, signal);
    this.user = new UserPanel(`${view}-user`, { choose: chooseItem, changed }, signal);
    this.item = new ItemPanel(`${view}-item`, { chooseItem, chooseUser }, signal);
    this.requests = new InspectionRequests(ask, changed, () => performance.now(), signal);
    const panels = /** @type {const} */ (["cell", "user", "item"]);
    this.sections = panels
      .filter((name) => names.includes(name))
      .map((name) => /** @type {const} */ ([name, this[name].section]));
  }

  measure() {
    if (this.sections.length === 0) return;
    this.cell.measure();
    this.user.measure();
  }

  /**
   * @param {Store} store
   * @param {Palette} palette
   */
  update(store, palette) {
    if (this.sections.length === 0) return;
    // Before past epochs are asked for: they carry who is asked of here.
    const others = this.requests.want(store, this.user.n);
    if (others && !store.past.tellsOf(store.selected)) store.forgetPast();
    this.cell.update(store, palette);
    this.user.update(store, palette);
    this.item.update(store, palette);
  }

  /**
   * @param {Store} store
   * @param {Answer} answer
   */
  take(store, answer) {
    this.requests.answered(answer);
    store.inspection.take(answer);
  }
}
