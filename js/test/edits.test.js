import assert from "node:assert/strict";
import { test } from "node:test";
import { editInWords } from "../edit-list.js";
import { readRating } from "../edit-row.js";
import { moveOf } from "../gestures.js";
import { InspectionRequests } from "../inspection-requests.js";
import { Store } from "../store.js";
import { settings, state, summary, windowData } from "./samples.js";

/** @import { EditLine } from "../types.js" */

const columns = { user: "user_id", item: "movie_id" };
/** @type {EditLine} */
const line = {
  user: 1,
  item: 2,
  user_id: "41",
  item_id: "7",
  title: "Godfather, The (1972)",
  before: { rating: 3.5, part: "train" },
  after: { rating: 4, part: "train" },
  epoch: 12,
};

test("a rating as it is typed is read on the scale, nothing erases, and the rest says what is expected", () => {
  assert.equal(readRating(" 4.5 ", [0.5, 5]), 4.5);
  assert.equal(readRating("3,5", [0.5, 5]), 3.5);
  assert.equal(readRating("-2", [-10, 10]), -2);
  assert.equal(readRating("  ", [0.5, 5]), null);
  for (const text of ["5.1", "0", "four", "1.5.2", "NaN"])
    assert.equal(readRating(text, [0.5, 5]), "A rating is a number from 0.5 to 5", text);
});

test("an edit is told by what it changed", () => {
  const told = (/** @type {Partial<EditLine>} */ more) => editInWords({ ...line, ...more }, columns);
  assert.deepEqual(told({}), { name: "The Godfather", quiet: "user 41", value: "3.5 → 4" });
  assert.equal(told({ before: null }).value, "added 4, train");
  assert.equal(told({ after: null }).value, "erased 3.5");
  assert.equal(told({ after: { rating: 3.5, part: "test" } }).value, "train → test");
  assert.equal(told({ after: { rating: 1, part: "test" } }).value, "3.5 → 1, train → test");
  assert.equal(told({ title: null }).name, "movie 7");
});

test("an edit keeps what is known, and has the selected asked of anew with their ratings", () => {
  const store = new Store(settings(), state(), summary());
  store.addWindow(windowData([0, 6], [0, 5], [[0, 0, 4, 0]]));
  store.selected = { user: 5, item: 4 };
  /** @type {string[][]} */
  const asked = [];
  const requests = new InspectionRequests(
    ({ lists }) => asked.push(lists),
    () => {},
    () => 0,
    new AbortController().signal,
  );
  const answer = (/** @type {unknown[] | null} */ rated) => {
    const side = { rated, bars: { centers: new Float32Array(0), counts: new Int32Array(0) } };
    store.inspection.take(
      /** @type {any} */ ({ user: { index: 5, ...side }, item: { index: 4, ...side }, pair: null }),
    );
    requests.answered({ serial: requests.serial, is_complete: true });
  };
  requests.want(store, 10);
  answer([]);
  requests.want(store, 10);
  assert.deepEqual(asked, [["user", "item"]]);
  assert.equal(store.setSummary(summary({ edits: 1, n_ratings: 5 })), false);
  assert.equal(store.cells.at(0, 0).rating, 4);
  requests.want(store, 10);
  assert.deepEqual(asked, [
    ["user", "item"],
    ["user", "item"],
  ]);
  // An answer that brings no ratings leaves them to be asked for.
  answer(null);
  assert.equal(store.inspection.expired, true);
  answer([]);
  assert.equal(store.inspection.expired, false);
  assert.equal(moveOf("m", false, false), null);
});
