/** Small data that several tests share. */

/** @import { Frame, LossRows, Progress, Source, State, Summary, Settings, WindowData } from "../types.js" */

/** @returns {Summary} */
export function summary(more = {}) {
  return {
    n_users: 6,
    n_items: 5,
    n_ratings: 4,
    rating_scale: [0.5, 5],
    n_train: 3,
    n_validation: 0,
    n_test: 1,
    n_cold_users: 0,
    n_cold_items: 0,
    n_users_without_test: 5,
    loss_name: "RMSE",
    no_predictions: "",
    data: 1,
    edits: 0,
    baselines: [{ name: "global mean", test_rmse: 1.04 }],
    columns: { user: "user_id", item: "movie_id", rating: "rating", timestamp: null },
    run: 1,
    ...more,
  };
}

/** @returns {State} */
export function state(more = {}) {
  return {
    status: "idle",
    message: "",
    reason: "",
    run: 1,
    epoch: 0,
    batch: 0,
    epochs: 60,
    is_building: false,
    is_waited_for: false,
    engine: null,
    has_halves: true,
    updates: "both",
    speed: "10",
    ...more,
  };
}

/** @returns {Settings} */
export function settings(more = {}) {
  return {
    model: "biased_mf",
    split: "random",
    shares: [0.8, 0.2],
    seed: 0,
    n_factors: 12,
    learning_rate: 0.006,
    regularization: 0.01,
    batch_size: 256,
    epochs: 60,
    early_stopping: null,
    engine: "auto",
    ...more,
  };
}

/**
 * A window at [users, items] with the ratings [user, item, rating, part] by position.
 *
 * @param {[number, number]} users
 * @param {[number, number]} items
 * @param {[number, number, number, number][]} ratings
 * @returns {WindowData}
 */
export function windowData(users, items, ratings) {
  const span = (/** @type {[number, number]} */ [start, stop]) =>
    Array.from({ length: stop - start }, (_, k) => start + k);
  const inside = ratings.filter(
    ([user, item]) => user >= users[0] && user < users[1] && item >= items[0] && item < items[1],
  );
  const columns = items[1] - items[0];
  return {
    users,
    items,
    // Indices run against positions, so that mixing the two up shows.
    user_idx: Int32Array.from(span(users), (position) => 5 - position),
    item_idx: Int32Array.from(span(items), (position) => 4 - position),
    user_ids: span(users).map((position) => `u${position}`),
    item_ids: span(items).map((position) => `i${position}`),
    user_titles: null,
    user_details: null,
    item_titles: span(items).map((position) => `Title ${position} (199${position})`),
    cell: Int32Array.from(inside, ([user, item]) => (user - users[0]) * columns + item - items[0]),
    rating: Float32Array.from(inside, ([, , rating]) => rating),
    part: Uint8Array.from(inside, ([, , , part]) => part),
    order: { user: told(), item: told() },
  };
}

/**
 * @param {Partial<import("../types.js").Told>} more
 * @returns {import("../types.js").Told}
 */
export function told(more = {}) {
  return { serial: 0, by: "activity", of: null, name: null, epoch: null, ...more };
}

/** @param {Partial<import("../types.js").Progress>} more */
export function progress(more = {}) {
  return {
    frame: 1,
    run: 1,
    epoch: 0,
    batch: 0,
    n_batches: 10,
    epochs: 60,
    rate: null,
    seconds_left: null,
    running_mse: null,
    restored: null,
    ...more,
  };
}

/**
 * @param {number[]} epochs
 * @param {number[]} train
 * @param {number[]} test
 */
export function losses(epochs, train, test) {
  return {
    epoch_number: Int32Array.from(epochs),
    train_mse: Float32Array.from(train),
    validation_mse: new Float32Array(epochs.length).fill(Number.NaN),
    test_mse: Float32Array.from(test),
  };
}

/**
 * A frame of what predicts the users and items of `source`.
 *
 * @param {{progress: Progress, losses: LossRows, source?: Source | null, stride?: number, wants_answer?: boolean}} parts
 * @returns {Frame}
 */
export function frame({ progress, losses, source = null, stride = 0, wants_answer = true }) {
  return { wants_answer, progress, losses, stride, moment: moment(source) };
}

/**
 * @param {Source | null} source
 * @returns {import("../types.js").Moment}
 */
export function moment(source) {
  const none = new Int32Array(0);
  const rows = { user_idx: source?.user_idx ?? none, item_idx: source?.item_idx ?? none };
  return { source, tables: { user: null, item: null }, rows, map: null };
}
