/** Everything one view knows, merged from traits, windows and frames. Knows nothing of the page. */

/** @import { Frame, Layer, Moment, Points, Progress, Selected, Settings, Source, State, Summary, Tables, WindowData } from "./types.js" */

import { Cells } from "./cells.js";
import { Inspection } from "./inspection.js";
import { Losses } from "./losses.js";
import { EpochMeasures } from "./measures.js";
import { Order } from "./order.js";
import { Past } from "./past.js";
import { deviate, predict, RowOf } from "./prediction.js";
import { many } from "./selection.js";

/** @returns {import("./types.js").Sorted} most active users and most rated items first */
const byActivity = () => {
  const first = { serial: 0, by: "activity", of: null, name: null, epoch: null };
  return { user: first, item: first };
};

/** @returns {Moment} nothing that predicts */
const nothing = () => ({
  source: null,
  tables: { user: null, item: null },
  rows: { user_idx: new Int32Array(0), item_idx: new Int32Array(0) },
  map: null,
});

export class Store {
  /**
   * @param {Settings} settings
   * @param {State} state
   * @param {Summary} summary
   */
  constructor(settings, state, summary) {
    this.settings = settings;
    this.state = state;
    this.summary = summary;
    this.cells = new Cells();
    this.losses = new Losses();
    this.measures = new EpochMeasures();
    this.users = new Order(summary.n_users);
    this.items = new Order(summary.n_items);
    /** By what the positions of users and items are counted. */
    this.sorting = byActivity();
    this.user_rows = new RowOf(summary.n_users);
    this.item_rows = new RowOf(summary.n_items);
    /** @type {Progress | null} */
    this.progress = null;
    /** What predicts now. */
    this.live = nothing();
    /** What is shown: of now, or of a past epoch. */
    this.shown = this.live;
    this.past = new Past();
    /** Grows with each window and each run: by it past epochs are told from those of before. */
    this.serial = 0;
    /** Of the epochs that the kernel keeps, 0 where it keeps none. */
    this.stride = 0;
    /** @type {number | null} the epoch to show; null: what there is now */
    this.cursor = null;
    /** @type {number | null} the one that is shown: the nearest that is here */
    this.pastEpoch = null;
    /** @type {import("./types.js").Binned | null} the whole matrix, where it is looked at */
    this.binned = null;
    /** @type {import("./types.js").Pinned | null} what predictions are compared with */
    this.pinned = null;
    this.pinned_user_rows = new RowOf(summary.n_users);
    this.pinned_item_rows = new RowOf(summary.n_items);
    /** @type {Layer[]} */
    this.architecture = [];
    /** @type {import("./types.js").Proposed | null} */
    this.proposed = null;
    /** @type {import("./types.js").RunRow[]} */
    this.run_table = [];
    /** @type {import("./you.js").YourRating[]} */
    this.your_ratings = [];
    /** @type {import("./types.js").EditList | null} */
    this.edit_list = null;
    this.inspection = new Inspection();
    /** @type {Selected} */
    this.pointed = { user: null, item: null };
    /** Indices of all that are selected. */
    this.many = many(this.pointed);
    /** Grows with each selection. */
    this.selections = 0;
    /** @type {Points | null} who and what is on the map of factors */
    this.points = null;
    /** Of the axes of the map, and of who is on it. */
    this.map_version = 0;
    this.frames = 0;
    /** The last frame that is to be answered; those that came since may not be. */
    this.asked = 0;
    /** Whether there is a training to tell of. */
    this.has_status = true;
    /** Whether there is a kernel to answer. */
    this.isLive = true;
  }

  /** @type {Selected} */
  get selected() {
    return this.pointed;
  }

  set selected(selected) {
    this.pointed = selected;
    this.many = many(selected);
    this.selections++;
  }

  /**
   * New data empties the matrix; a new run of the same data keeps it, and so do edits, whose cells come apart.
   *
   * @param {Summary} summary
   * @returns {boolean} whether the data is new
   */
  setSummary(summary) {
    const changed = fingerprint(summary) !== fingerprint(this.summary);
    if (summary.edits !== this.summary.edits) this.inspection.expire();
    this.summary = summary;
    if (!changed) return false;
    this.cells.clear();
    this.inspection.clear();
    this.users = new Order(summary.n_users);
    this.items = new Order(summary.n_items);
    this.user_rows = new RowOf(summary.n_users);
    this.item_rows = new RowOf(summary.n_items);
    this.pinned = null;
    this.pinned_user_rows = new RowOf(summary.n_users);
    this.pinned_item_rows = new RowOf(summary.n_items);
    this.sorting = byActivity();
    this.binned = null;
    this.live = nothing();
    this.leavePast();
    return true;
  }

  /**
   * A status tells where it was reached, so that the counter is right even where its frame comes later.
   *
   * @param {State} state
   */
  setState(state) {
    this.state = state;
    const { progress } = this;
    if (!progress || !isLater(state, progress)) return;
    if (state.run > progress.run) this.beginRun();
    const restored = state.run > progress.run ? null : progress.restored;
    this.progress = { ...progress, run: state.run, epoch: state.epoch, batch: state.batch, restored };
  }

  /**
   * A window in another order makes everything known by position void.
   *
   * @param {WindowData} data
   * @returns {{user: boolean, item: boolean}} which sides are in another order now
   */
  addWindow(data) {
    const fits = data.users[1] <= this.users.size && data.items[1] <= this.items.size;
    if (!fits) return { user: false, item: false };
    const turned = this.turnTo(data.order);
    this.users.add(data.users[0], data.user_idx, data.user_ids, data.user_titles, data.user_details);
    this.items.add(data.items[0], data.item_idx, data.item_ids, data.item_titles);
    this.cells.add(data);
    return turned;
  }

  /** @param {import("./types.js").Sorted} order */
  turnTo({ user, item }) {
    const { sorting } = this;
    const turned = { user: user.serial !== sorting.user.serial, item: item.serial !== sorting.item.serial };
    if (!turned.user && !turned.item) return turned;
    this.sorting = { user, item };
    this.cells.clear();
    if (turned.user) this.users = new Order(this.users.size);
    if (turned.item) this.items = new Order(this.items.size);
    this.forgetPast();
    return turned;
  }

  /**
   * Frames are latest-wins, their losses are not: each brings those the kernel does not know to have arrived.
   *
   * @param {Frame} frame
   */
  addFrame({ wants_answer, progress, losses, stride, moment, map_version = 0 }) {
    if (wants_answer) this.asked = progress.frame;
    if (this.progress && progress.run !== this.progress.run) this.beginRun();
    this.losses.merge(losses);
    this.progress = progress;
    this.stride = stride;
    this.live = moment;
    // On other axes, places of the past and of now don't go together.
    if (map_version !== this.map_version) this.forgetPast();
    this.map_version = map_version;
    this.turn();
  }

  /**
   * An epoch of the past has come; of another window or run it is too late.
   *
   * @param {{serial: number, epoch: number, moment: Moment}} past
   */
  addPast({ serial, epoch, moment }) {
    if (serial !== this.serial) return;
    this.past.add(epoch, moment);
    this.turn();
  }

  /** @param {import("./types.js").Pinned | null} pinned what predictions are compared with from now on */
  setPinned(pinned) {
    this.pinned = pinned;
    if (pinned) {
      this.pinned_user_rows.set(pinned.rows.user_idx);
      this.pinned_item_rows.set(pinned.rows.item_idx);
    }
    this.frames++;
  }

  /** What is here of the past is not of what is looked at any more. */
  forgetPast() {
    this.past.clear();
    this.serial++;
  }

  /** @param {number | null} epoch to show; null: what there is now */
  seek(epoch) {
    this.cursor = epoch;
    this.turn();
  }

  /** @param {{run: number, epoch: number} & Record<string, number | null>} content */
  addMeasures(content) {
    if (content.run === this.progress?.run) this.measures.add(content);
  }

  beginRun() {
    this.losses.clear();
    this.measures.clear();
    this.leavePast();
  }

  leavePast() {
    this.forgetPast();
    this.cursor = null;
    this.turn();
  }

  /** Show what is wanted, or what comes nearest to it; it may be shown already. */
  turn() {
    const found = this.cursor === null ? null : this.past.nearest(this.cursor);
    // Until it comes, what was shown stays.
    if (this.cursor !== null && !found && this.pastEpoch !== null) return;
    this.pastEpoch = found?.epoch ?? null;
    const shown = found?.moment ?? this.live;
    if (shown === this.shown) return;
    this.shown = shown;
    this.user_rows.set(shown.rows.user_idx);
    this.item_rows.set(shown.rows.item_idx);
    this.frames++;
  }

  /** @type {Source | null} */
  get source() {
    return this.shown.source;
  }

  /** @type {Tables} */
  get tables() {
    return this.shown.tables;
  }

  /** The epoch whose weights are on screen. */
  get shownEpoch() {
    return this.pastEpoch ?? this.progress?.restored ?? this.epoch;
  }

  /**
   * The frame that came with the widget; a status that is of later says that it is old.
   *
   * @param {Frame} frame
   */
  addFirstFrame(frame) {
    if (!isLater(this.state, frame.progress)) this.addFrame(frame);
  }

  /**
   * Where the selected user and item stand: -1 where nothing is selected, or nothing is known of it yet.
   *
   * @returns {{user: number, item: number}}
   */
  get selection() {
    const { user, item } = this.selected;
    return {
      user: user === null ? -1 : this.users.indices.indexOf(user),
      item: item === null ? -1 : this.items.indices.indexOf(item),
    };
  }

  /** Epochs done. */
  get epoch() {
    return this.progress?.epoch ?? this.state.epoch;
  }

  /** The planned last epoch. */
  get epochs() {
    return this.progress?.epochs ?? this.state.epochs;
  }

  /**
   * Factor rows of a range of positions, -1 where the frame has none.
   *
   * @param {Order} order
   * @param {RowOf} rows
   * @param {readonly [number, number]} range
   */
  rowsOf(order, rows, [start, stop]) {
    const found = new Int32Array(stop - start);
    for (let k = start; k < stop; k++) found[k - start] = rows.get(order.indices[k]);
    return found;
  }

  /**
   * @param {import("./types.js").Rect} rect
   * @param {Float32Array} out (users * items) of the rectangle
   * @returns {boolean} false before the model is built
   */
  predictions(rect, out) {
    if (!this.source) return false;
    const { users, items } = this.sourceRows(rect);
    predict(this.source, users, items, out);
    return true;
  }

  /**
   * @param {import("./types.js").Rect} rect
   * @param {Float32Array} out (users * items) of the rectangle
   * @returns {boolean} false where the model doesn't know how sure it is
   */
  deviations(rect, out) {
    if (!this.knowsDeviations) return false;
    const { users, items } = this.sourceRows(rect);
    return this.source !== null && deviate(this.source, users, items, out);
  }

  /** Whether predictions come with how sure they are. */
  get knowsDeviations() {
    return this.source !== null && "deviations" in this.source;
  }

  /**
   * What the pinned run predicts.
   *
   * @param {import("./types.js").Rect} rect
   * @param {Float32Array} out (users * items) of the rectangle
   * @returns {boolean} false where none is pinned
   */
  pinnedPredictions({ users, items }, out) {
    if (!this.pinned) return false;
    const rows = this.rowsOf(this.users, this.pinned_user_rows, users);
    predict(this.pinned.source, rows, this.rowsOf(this.items, this.pinned_item_rows, items), out);
    return true;
  }

  /** @param {import("./types.js").Rect} rect */
  sourceRows(rect) {
    return {
      users: this.rowsOf(this.users, this.user_rows, rect.users),
      items: this.rowsOf(this.items, this.item_rows, rect.items),
    };
  }

  /**
   * @param {number} user position
   * @param {number} item position
   * @returns {number} NaN where not known
   */
  prediction(user, item) {
    const out = new Float32Array(1).fill(Number.NaN);
    this.predictions({ users: [user, user + 1], items: [item, item + 1] }, out);
    return out[0];
  }

  /**
   * @param {number} user position
   * @param {number} item position
   * @returns {number} NaN where not known, or none is pinned
   */
  pinnedPrediction(user, item) {
    const out = new Float32Array(1).fill(Number.NaN);
    this.pinnedPredictions({ users: [user, user + 1], items: [item, item + 1] }, out);
    return out[0];
  }

  /**
   * @param {number} user position
   * @param {number} item position
   * @returns {number} NaN where not known
   */
  deviation(user, item) {
    const out = new Float32Array(1).fill(Number.NaN);
    this.deviations({ users: [user, user + 1], items: [item, item + 1] }, out);
    return out[0];
  }
}

/**
 * @param {State} state
 * @param {Progress} progress
 */
function isLater(state, progress) {
  if (state.run !== progress.run) return state.run > progress.run;
  if (state.epoch !== progress.epoch) return state.epoch > progress.epoch;
  return state.batch > progress.batch;
}

/** @param {Summary} summary */
function fingerprint({ data, n_users, n_items }) {
  return JSON.stringify([data, n_users, n_items]);
}
