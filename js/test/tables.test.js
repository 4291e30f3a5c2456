import assert from "node:assert/strict";
import { test } from "node:test";
import { HELP } from "../help.js";
import { Overview } from "../overview.js";
import { fileName } from "../panel-tools.js";
import { Store } from "../store.js";
import { csvOf, tableOf } from "../tables.js";
import { frame, losses, progress, settings, state, summary, windowData } from "./samples.js";

/** A reader of its own: what is written is read back. @param {string} text */
function read(text) {
  /** @type {string[][]} */
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows[rows.length - 1].push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") rows.push([]);
  }
  return rows.slice(0, -1);
}

test("whatever text there is in it, a table is read back from its CSV", () => {
  const texts = ["plain", "a, b", 'say "no"', "two\nlines", "\r\n", " padded ", "", '"', "été 東京", "=1+1"];
  const rows = texts.map((text, k) => [text, texts[texts.length - 1 - k]]);
  assert.deepEqual(read(csvOf({ columns: ["a", "b,c"], rows })), [["a", "b,c"], ...rows]);
});

test("numbers are those of 32 bits, and what is not known is empty", () => {
  const row = [Math.fround(0.1), -0.5, 1e-9, 0, Number.NaN, Number.POSITIVE_INFINITY, null, undefined, true];
  assert.equal(csvOf({ columns: [], rows: [row] }), "\r\n0.1,-0.5,1e-9,0,,,,,true\r\n");
});

/** The prediction at user u and item i, by position, is 3 + 10 u + i. */
function trained() {
  const store = new Store(settings(), state(), summary());
  store.addWindow(
    windowData(
      [0, 2],
      [0, 3],
      [
        [0, 1, 4, 0],
        [1, 2, 2.5, 2],
      ],
    ),
  );
  const source = {
    n_factors: 1,
    rating_range: null,
    global_mean: 3,
    user_idx: Int32Array.of(5, 4),
    item_idx: Int32Array.of(4, 3, 2),
    user_factors: Float32Array.of(0, 1),
    item_factors: Float32Array.of(10, 10, 10),
    user_bias: Float32Array.of(0, 0),
    item_bias: Float32Array.of(0, 1, 2),
  };
  store.addFrame(frame({ progress: progress(), losses: losses([0, 1], [4, 2], [5, 3]), source }));
  store.shown.tables = {
    user: { n_factors: 1, values: source.user_factors },
    item: { n_factors: 1, values: source.item_factors },
  };
  return store;
}

/**
 * @param {[number, number]} users
 * @param {[number, number]} items
 */
const cells = (users, items) => ({ rect: { users, items }, whole: null, answer: null });

test("of a matrix, each cell in view has a row, with the rating where there is one", () => {
  const store = trained();
  const { columns, rows } = tableOf("ratings", store, cells([0, 2], [1, 3]));
  assert.deepEqual(columns, ["user_id", "movie_id", "title", "rating", "part", "prediction", "residual"]);
  assert.equal(rows.length, 4);
  const values = rows.map((row) => row.slice(3));
  assert.deepEqual(values, [
    [4, "train", 4, 0],
    [null, null, 5, null],
    [null, null, 14, null],
    [2.5, "test", 15, -12.5],
  ]);
  assert.deepEqual(rows[0].slice(0, 2), [store.users.id(0), store.items.id(1)]);
});

test("of the whole matrix, each bin has a row with the positions it holds", () => {
  const store = trained();
  const whole = new Overview(store, { width: 6, height: 3, cell: 3, ratio: 1 });
  const { columns, rows } = tableOf("residuals", store, { ...cells([0, 2], [0, 3]), whole });
  assert.equal(columns.length, 8);
  const { n_users, n_items } = whole.stage;
  assert.equal(rows.length, n_users * n_items);
  assert.deepEqual(rows[0].slice(0, 2), [1, Math.ceil(store.summary.n_users / n_users)]);
  assert.equal(rows.at(-1)?.[1], store.summary.n_users);
  assert.equal(rows.at(-1)?.[3], store.summary.n_items);
});

test("beside a run that is compared with, its predictions have a column", () => {
  const store = trained();
  const { source, rows: known } = store.shown;
  assert.ok(source);
  store.setPinned({ run: 3, source, rows: known });
  const { columns, rows } = tableOf("ratings", store, cells([0, 2], [1, 3]));
  assert.equal(columns.at(-1), "prediction_run_3");
  for (const row of rows) assert.equal(row[7], row[5]);
});

test("what one rated, and what is recommended for it, are one table", () => {
  const store = trained();
  store.your_ratings = [[2, 4.5]];
  const named = { index: 2, id: "i2", title: "Title 2" };
  const answer = {
    serial: 1,
    epoch: 1,
    reason: "",
    rated: [{ ...named, prediction: 4 }],
    top: [{ ...named, index: 1, id: "i1", score: 3.5, n_ratings: 9 }],
  };
  const { rows } = tableOf("you", store, { ...cells([0, 2], [0, 3]), answer });
  assert.deepEqual(rows, [
    ["rated", null, "i2", "Title 2", 4.5, 4],
    ["recommended", 1, "i1", "Title 2", null, 3.5],
  ]);
});

test("losses and factors are those of the store", () => {
  const store = trained();
  const rect = cells([0, 2], [0, 3]);
  assert.deepEqual(
    tableOf("loss", store, rect).rows.map((row) => [row[0], row[1], row[3]]),
    [
      [0, 4, 5],
      [1, 2, 3],
    ],
  );
  const { columns, rows } = tableOf("item_factors", store, rect);
  assert.deepEqual(columns, ["side", "id", "title", "factor_1"]);
  assert.deepEqual(
    rows.map((row) => [row[0], row[3]]),
    [
      ["user", 0],
      ["user", 1],
      ["item", 10],
      ["item", 10],
      ["item", 10],
    ],
  );
});

test("every panel has a table with as many columns as its rows have values, even before anything is known", () => {
  for (const store of [new Store(settings(), state(), summary()), trained()]) {
    for (const name of /** @type {import("../types.js").PanelName[]} */ (Object.keys(HELP))) {
      const { columns, rows } = tableOf(name, store, cells([0, 2], [0, 3]));
      assert.ok(columns.length > 1, name);
      for (const row of rows) assert.equal(row.length, columns.length, name);
    }
  }
});

test("files are named after what they show, and when", () => {
  assert.equal(fileName("Train/test grid", 12, "csv"), "train-test-grid-epoch-12.csv");
});
