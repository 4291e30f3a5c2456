/** What the panels show, as tables of plain values, and as CSV. */

/** @import { PanelName, Rect, Side } from "./types.js" */
/** @import { Overview } from "./overview.js" */
/** @import { Store } from "./store.js" */
/** @import { YouAnswer } from "./you.js" */

import { courseOf, ratingOf } from "./cell-panel.js";
import { UNSEEN } from "./cells.js";
import { PARTS } from "./icons.js";
import { liveRows } from "./runs-panel.js";

/** @typedef {string | number | boolean | null | undefined} Value */
/** @typedef {{columns: string[], rows: Value[][]}} Table */

/**
 * As RFC 4180 has it. What is not known is empty.
 *
 * @param {Table} table
 */
export function csvOf({ columns, rows }) {
  return [columns, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/** @param {Value} value */
function field(value) {
  if (value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value)))
    return "";
  // The shortest text that is the same number in 32 bits, as most of them are.
  const text = typeof value === "number" ? String(Number(value.toPrecision(7))) : String(value);
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {PanelName} name
 * @param {Store} store
 * @param {{rect: Rect, whole: Overview | null, answer: YouAnswer | null}} shown the cells in view, or the whole matrix;
 *   and what is recommended to who sits before it
 * @returns {Table}
 */
export function tableOf(name, store, { rect, whole, answer }) {
  switch (name) {
    case "loss":
      return ofLosses(store);
    case "user_factors":
    case "item_factors":
      return ofFactors(store, rect);
    case "map":
      return ofMap(store);
    case "cell":
      return ofCell(store);
    case "user":
      return ofUser(store);
    case "item":
      return ofItem(store);
    case "runs":
      return ofRuns(store);
    case "architecture":
      return ofLayers(store);
    case "you":
      return ofYou(store, answer);
    default:
      return whole ? ofBins(whole) : ofCells(store, rect);
  }
}

/**
 * Every cell in view.
 *
 * @param {Store} store
 * @param {Rect} rect
 * @returns {Table}
 */
function ofCells(store, rect) {
  const { user, item, rating } = store.summary.columns;
  const width = rect.items[1] - rect.items[0];
  const predictions = new Float32Array((rect.users[1] - rect.users[0]) * width).fill(Number.NaN);
  store.predictions(rect, predictions);
  const others = predictions.slice().fill(Number.NaN);
  const { pinned } = store;
  store.pinnedPredictions(rect, others);
  const rows = [];
  for (let u = rect.users[0]; u < rect.users[1]; u++) {
    for (let i = rect.items[0]; i < rect.items[1]; i++) {
      const cell = store.cells.at(u, i);
      const known = cell.part < UNSEEN;
      const k = (u - rect.users[0]) * width + i - rect.items[0];
      const prediction = predictions[k];
      rows.push([
        store.users.id(u),
        store.items.id(i),
        store.items.title(i),
        known ? cell.rating : null,
        known ? PARTS[cell.part] : null,
        prediction,
        known ? cell.rating - prediction : null,
        ...(pinned ? [others[k]] : []),
      ]);
    }
  }
  const columns = [user, item, "title", rating ?? "rating", "part", "prediction", "residual"];
  return { columns: pinned ? [...columns, `prediction_run_${pinned.run}`] : columns, rows };
}

/**
 * The bins of the whole matrix: the positions that each holds, from 1 on, and what is in it.
 *
 * @param {Overview} whole
 * @returns {Table}
 */
function ofBins(whole) {
  const { n_users, n_items } = whole.stage;
  const rows = [];
  for (let user = 0; user < n_users; user++) {
    for (let item = 0; item < n_items; item++) {
      const { users, items } = whole.rectOf({ user, item });
      const { ratings, mean, prediction, residual } = whole.contentOf({ user, item });
      rows.push([users[0] + 1, users[1], items[0] + 1, items[1], ratings, mean, prediction, residual]);
    }
  }
  const columns = ["first_user", "last_user", "first_item", "last_item"];
  return { columns: [...columns, "ratings", "mean_rating", "mean_prediction", "mean_residual"], rows };
}

/**
 * @param {Store} store
 * @param {YouAnswer | null} answer
 * @returns {Table}
 */
function ofYou({ summary, your_ratings }, answer) {
  const given = new Map(your_ratings);
  const rated = (answer?.rated ?? []).map(({ index, id, title, prediction }) => [
    ...["rated", null, id, title, given.get(index), prediction],
  ]);
  const top = (answer?.top ?? []).map(({ id, title, score }, k) => [
    ...["recommended", k + 1, id, title, null, score],
  ]);
  const columns = ["list", "rank", summary.columns.item, "title", "your_rating", "prediction"];
  return { columns, rows: [...rated, ...top] };
}

/**
 * @param {Store} store
 * @returns {Table}
 */
function ofLosses({ losses, measures }) {
  const columns = ["epoch", "train_mse", "validation_mse", "test_mse", "train_mae", "test_mae", "ndcg"];
  const rows = losses.rows.map(({ epoch, train, validation, test }) => {
    const more = measures.of(epoch);
    return [epoch, train, validation, test, more?.train_mae, more?.test_mae, more?.ndcg];
  });
  return { columns, rows };
}

/**
 * @param {Store} store
 * @param {Rect} rect
 * @returns {Table}
 */
function ofFactors(store, rect) {
  const { user, item } = store.tables;
  const n = Math.max(user?.n_factors ?? 0, item?.n_factors ?? 0);
  const columns = ["side", "id", "title", ...Array.from({ length: n }, (_, k) => `factor_${k + 1}`)];
  /** @param {Side} side */
  const of = (side) => {
    const table = store.tables[side];
    const [order, index] = side === "user" ? [store.users, store.user_rows] : [store.items, store.item_rows];
    const range = side === "user" ? rect.users : rect.items;
    if (!table) return [];
    return [...store.rowsOf(order, index, range)].flatMap((row, k) => {
      if (row < 0) return [];
      const values = table.values.subarray(row * table.n_factors, (row + 1) * table.n_factors);
      return [[side, order.id(range[0] + k), order.title(range[0] + k), ...values]];
    });
  };
  return { columns, rows: [...of("user"), ...of("item")] };
}

/**
 * @param {Store} store
 * @returns {Table}
 */
function ofMap({ points, shown: { map } }) {
  const columns = ["side", "id", "title", "x", "y", "ratings", "mean_rating"];
  if (!points || !map) return { columns, rows: [] };
  /** @param {Side} side */
  const of = (side) => {
    const at = new Map([...map[`${side}_idx`]].map((index, k) => [index, k]));
    const places = map[`${side}s`];
    return [...points[`${side}_idx`]].flatMap((index, k) => {
      const place = at.get(index);
      if (place === undefined) return [];
      const [x, y] = places.subarray(2 * place, 2 * place + 2);
      const title = points[`${side}_titles`]?.[k];
      return [
        [side, points[`${side}_ids`][k], title, x, y, points[`${side}_count`][k], points[`${side}_mean`][k]],
      ];
    });
  };
  return { columns, rows: [...of("user"), ...of("item")] };
}

/**
 * The prediction over the epochs.
 *
 * @param {Store} store
 * @returns {Table}
 */
function ofCell(store) {
  const { user, item } = store.selected;
  const columns = ["epoch", "prediction", "rating"];
  if (user === null || item === null) return { columns, rows: [] };
  const rating = ratingOf(store, user, item)?.rating;
  const course = [...courseOf(store, user, item)].sort(([a], [b]) => a - b);
  return { columns, rows: course.map(([epoch, prediction]) => [epoch, prediction, rating]) };
}

/**
 * @param {Store} store
 * @returns {Table}
 */
function ofUser({ inspection, selected, summary }) {
  const top = inspection.user(selected.user)?.top ?? [];
  const rows = top.map(({ id, title, score, rating, hit }, k) => [k + 1, id, title, score, rating, hit]);
  return { columns: ["rank", summary.columns.item, "title", "score", "held_out_rating", "hit"], rows };
}

/**
 * @param {Store} store
 * @returns {Table}
 */
function ofItem({ inspection, selected, summary }) {
  const similar = inspection.item(selected.item)?.similar ?? [];
  const rows = similar.map(({ id, title, score, n_ratings }, k) => [k + 1, id, title, score, n_ratings]);
  return { columns: ["rank", summary.columns.item, "title", "similarity", "ratings"], rows };
}

/**
 * @param {Store} store
 * @returns {Table}
 */
function ofRuns(store) {
  const set = /** @type {const} */ (["n_factors", "learning_rate", "regularization", "batch_size", "seed"]);
  const rows = liveRows(store).map((run) => [
    ...[run.run, run.name, run.settings.model, run.engine],
    ...set.map((name) => run.settings[name]),
    ...[run.settings.split, run.settings.shares.at(-1)],
    ...[run.best_epoch, run.test_rmse, run.ndcg, run.seconds],
  ]);
  const columns = [
    ...["run", "name", "model", "engine", ...set, "split", "test_share"],
    ...["best_epoch", "test_rmse", "ndcg", "seconds"],
  ];
  return { columns, rows };
}

/**
 * @param {Store} store
 * @returns {Table}
 */
function ofLayers({ architecture }) {
  const rows = architecture.map(({ name, kind, output_shape, n_parameters, trainable, inputs }) => [
    ...[name, kind, output_shape?.map((length) => length ?? "any").join(" × ")],
    ...[n_parameters, trainable, inputs.join(" ")],
  ]);
  return { columns: ["layer", "kind", "output_shape", "parameters", "trainable", "inputs"], rows };
}
