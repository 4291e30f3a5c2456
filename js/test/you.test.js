import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../store.js";
import { decodeYou, ratingChoices, YouRequests } from "../you.js";
import { frame, losses, progress, settings, state, summary } from "./samples.js";

test("whole ratings are to choose from where they are few, else five that reach from end to end", () => {
  assert.deepEqual(ratingChoices([0.5, 5]), [1, 2, 3, 4, 5]);
  assert.deepEqual(ratingChoices([1, 10]).length, 10);
  assert.deepEqual(ratingChoices([0, 100]), [0, 25, 50, 75, 100]);
  assert.deepEqual(ratingChoices([-10, 10]), [-10, -5, 0, 5, 10]);
  assert.deepEqual(ratingChoices([0.1, 0.9]).length, 5);
  assert.deepEqual(ratingChoices([3, 3]), [3]);
  assert.deepEqual(ratingChoices([Number.NaN, Number.NaN]), []);
});

test("other ratings are asked of at once, an epoch only once the last answer has come", () => {
  let now = 1000;
  /** @type {import("../you.js").YouQuestion[]} */
  const asked = [];
  const requests = new YouRequests(
    (question) => asked.push(question),
    () => {},
    () => now,
    new AbortController().signal,
  );
  const store = new Store(settings(), state({ status: "running" }), summary());
  const epoch = (/** @type {number} */ number) =>
    store.addFrame(frame({ progress: progress({ epoch: number }), losses: losses([], [], []) }));
  epoch(1);
  requests.want(store, 10);
  requests.want(store, 10);
  assert.equal(asked.length, 1);
  store.your_ratings = [[3, 5]];
  requests.want(store, 10);
  assert.deepEqual(
    asked.map(({ ratings }) => ratings),
    [[], [[3, 5]]],
  );
  assert.equal(requests.answered(/** @type {any} */ ({ serial: 1 })), false);
  epoch(2);
  now += 500;
  requests.want(store, 10);
  assert.equal(asked.length, 2);
  assert.equal(requests.answered(/** @type {any} */ ({ serial: 2 })), true);
  requests.want(store, 10);
  assert.equal(asked.length, 3);
  requests.answered(/** @type {any} */ ({ serial: 3 }));
  epoch(3);
  now += 50;
  requests.want(store, 10);
  assert.equal(asked.length, 3);
  now += 200;
  requests.want(store, 10);
  assert.equal(asked.length, 4);
});

test("an answer without a list says why", () => {
  const packed = {
    arrays: [{ name: "rated_idx", dtype: "int32", shape: [1] }],
    serial: 4,
    epoch: 2,
    reason: "no dot product",
    rated: { ids: ["7"], titles: null },
    top: null,
  };
  const answer = decodeYou(packed, [Int32Array.of(9).buffer]);
  assert.deepEqual(answer.rated, [{ index: 9, id: "7", title: "", prediction: Number.NaN }]);
  assert.equal(answer.top, null);
  assert.equal(answer.reason, "no dot product");
});
