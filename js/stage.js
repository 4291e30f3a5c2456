/** Where the cells lie: the viewport fitted to the room there is, and the way between points and cells. */

/** @import { Move, Place } from "./gestures.js" */
/** @import { Plot } from "./matrix-overlay.js" */
/** @import { Viewport } from "./viewport.js" */

import * as view from "./viewport.js";

/** CSS pixels above the cells for names on end. */
export const TITLE_BAND = 104;

/** From this cell size on a line of ground parts the cells. */
const PARTED = 12;

/**
 * @typedef {Object} Cell
 * @property {number} user position, -1 for none
 * @property {number} item position, -1 for none
 * @property {number} [factor] number, in a map of factors
 * @property {boolean} [binned] whether the positions are those of bins of the whole matrix
 */

/**
 * @typedef {Object} Room
 * @property {number} width of a panel, CSS pixels
 * @property {number} cell the default size of a cell, CSS pixels
 * @property {number} height of a matrix without names, CSS pixels
 * @property {number} ratio device pixels a CSS pixel
 */

export class Stage {
  /**
   * @param {number} n_users
   * @param {number} n_items
   * @param {(viewport: Viewport, ratio: number) => number} measureNames device pixels that row names want
   */
  constructor(n_users, n_items, measureNames) {
    this.n_users = n_users;
    this.n_items = n_items;
    this.measureNames = measureNames;
    /** @type {Viewport} */
    this.viewport = { user: 0, item: 0, rows: 1, columns: 1, cell: 0 };
    this.chosen = false;
    /** @type {Room} */
    this.room = { width: 0, cell: 0, height: 0, ratio: 1 };
    /** The cell at which a small matrix fills the frame with names and values, or 0. */
    this.small = 0;
    this.names = 0;
    this.height = 0;
  }

  /** @param {Room} room */
  layout(room) {
    this.room = room;
    const { cell, height } = room;
    const fit = view.fittingCell(
      this.n_users,
      this.n_items,
      (size) => ({ width: room.width - (size >= view.LABELLED ? 40 : 0), height }),
      cell,
    );
    if (!this.chosen) this.viewport.cell = fit;
    this.small = fit >= view.LABELLED ? fit : 0;
    this.arrange();
  }

  /** Rows and columns that fit. The frame keeps its height whatever the zoom, but for the band of names. */
  arrange() {
    const { n_users, n_items, small } = this;
    const { width, height: usual, ratio } = this.room;
    const cell = view.devicePixels(this.viewport.cell, ratio);
    const height = small ? Math.max(n_users * small, usual - TITLE_BAND) : usual;
    const rows = Math.min(n_users, Math.floor((height * ratio) / cell));
    // The widest names seen so far: columns that come and go while one pans would make the picture jump.
    const names = this.labelled ? this.measureNames({ ...this.viewport, rows }, ratio) : 0;
    this.names = this.labelled ? Math.max(this.names, names) : 0;
    const columns = Math.floor((Math.floor(width * ratio) - this.names) / cell);
    this.viewport = view.clamp({ ...this.viewport, rows, columns }, n_users, n_items);
    this.height = height + (this.labelled || small ? TITLE_BAND : 0);
  }

  get labelled() {
    return this.viewport.cell >= view.LABELLED;
  }

  get rect() {
    return view.rectOf(this.viewport);
  }

  /** @returns {Plot} */
  get plot() {
    const { cell } = this.viewport;
    const { ratio } = this.room;
    return {
      left: this.names,
      top: this.labelled ? Math.round(TITLE_BAND * ratio) : 0,
      cell: view.devicePixels(cell, ratio),
      gap: cell >= PARTED ? Math.round(ratio) : 0,
      ratio,
    };
  }

  /**
   * Fractional positions of a point.
   *
   * @param {Place} place
   * @returns {Cell}
   */
  positionAt({ x, y }) {
    const { left, top, cell, ratio } = this.plot;
    return {
      user: this.viewport.user + (y * ratio - top) / cell,
      item: this.viewport.item + (x * ratio - left) / cell,
    };
  }

  /**
   * @param {Place} place
   * @returns {Cell | null} null outside the cells
   */
  cellAt(place) {
    const at = this.positionAt(place);
    const cell = { user: Math.floor(at.user), item: Math.floor(at.item) };
    return this.shows(cell) ? cell : null;
  }

  /** @param {Cell} cell */
  shows({ user, item }) {
    return view.contains(this.rect, { users: [user, user + 1], items: [item, item + 1] });
  }

  /**
   * @param {Cell} cell
   * @returns {import("./tooltip.js").Box} in CSS pixels from the canvas's corner
   */
  boxOf({ user, item }) {
    const { left, top, cell, ratio } = this.plot;
    const x = (left + (item - this.viewport.item) * cell) / ratio;
    const y = (top + (user - this.viewport.user) * cell) / ratio;
    return { left: x, top: y, right: x + cell / ratio, bottom: y + cell / ratio };
  }

  get canZoom() {
    const { rows, columns, cell } = this.viewport;
    const whole = rows === this.n_users && columns === this.n_items;
    return { out: cell > view.STEPS[0] && !whole, in: cell < view.STEPS[view.STEPS.length - 1] };
  }

  /**
   * What lies under the anchor stays under it.
   *
   * @param {number} steps
   * @param {Place | Cell | null} at a point, a cell, or the middle of the view
   */
  zoom(steps, at) {
    if (steps > 0 ? !this.canZoom.in : !this.canZoom.out) return;
    const { user, item, rows, columns } = this.viewport;
    const anchor =
      at && "x" in at ? at : centre(this.boxOf(at ?? { user: user + rows / 2, item: item + columns / 2 }));
    const before = this.positionAt(anchor);
    this.chosen = true;
    this.viewport = { ...this.viewport, cell: view.nextCell(this.viewport.cell, steps) };
    this.arrange();
    const after = this.positionAt(anchor);
    // Whole cells: the one under the anchor stays there, and many steps don't add up to a drift.
    this.moveTo({
      user: this.viewport.user + Math.floor(before.user) - Math.floor(after.user),
      item: this.viewport.item + Math.floor(before.item) - Math.floor(after.item),
    });
    if (at && "user" in at) this.moveTo(view.reveal(this.viewport, at.user, at.item));
  }

  /** @param {Cell} first the cell in the corner */
  moveTo({ user, item }) {
    this.viewport = view.clamp({ ...this.viewport, user, item }, this.n_users, this.n_items);
    if (this.labelled) this.arrange();
  }

  /**
   * Move as little as needed to have a user and an item in view.
   *
   * @param {Cell} cell -1 where it is to stay
   */
  reveal({ user, item }) {
    const at = { user: user < 0 ? this.viewport.user : user, item: item < 0 ? this.viewport.item : item };
    this.moveTo(view.reveal(this.viewport, at.user, at.item));
  }

  /**
   * Where a key leads; the view follows.
   *
   * @param {Cell} from
   * @param {Move} move
   * @returns {Cell}
   */
  follow(from, { by, users, items }) {
    const { n_users, n_items } = this;
    const { rows, columns } = this.viewport;
    const far = by === "end" ? Math.max(n_users, n_items) : 1;
    const cell = {
      user: view.within(from.user + users * (by === "page" ? rows : far), 0, n_users - 1),
      item: view.within(from.item + items * (by === "page" ? columns : far), 0, n_items - 1),
    };
    this.moveTo(view.reveal(this.viewport, cell.user, cell.item));
    return cell;
  }
}

/** @param {import("./tooltip.js").Box} box */
function centre({ left, top, right, bottom }) {
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}
