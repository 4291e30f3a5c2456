import assert from "node:assert/strict";
import { test } from "node:test";
import { cellText, factorText, spoken } from "../cell-text.js";
import { Store } from "../store.js";
import { frame, losses, progress, settings, state, summary, windowData } from "./samples.js";

function scene() {
  const store = new Store(settings(), state({ status: "paused" }), summary());
  store.addWindow(windowData([0, 2], [0, 2], [[0, 1, 4.5, 2]]));
  return store;
}

/** @param {Store} store */
function withModel(store) {
  store.addFrame(
    frame({
      progress: progress({ epoch: 3 }),
      losses: losses([], [], []),
      source: {
        n_factors: 0,
        rating_range: null,
        global_mean: 3.5,
        user_idx: Int32Array.of(5, 4),
        item_idx: Int32Array.of(4, 3),
        user_factors: new Float32Array(0),
        item_factors: new Float32Array(0),
        user_bias: Float32Array.of(0.25, 0),
        item_bias: Float32Array.of(0, 0.5),
      },
    }),
  );
  return store;
}

test("a rated cell tells title, user, rating, part, prediction and residual", () => {
  const text = cellText(withModel(scene()), 0, 1);
  assert.deepEqual(text, {
    title: "Title 1",
    detail: "1991, user u0, epoch 3",
    rating: "4.5",
    part: 2,
    prediction: "4.25",
    residual: "+0.25",
  });
  assert.equal(
    spoken(text),
    "Title 1, 1991, user u0, epoch 3; rated 4.5, test; prediction 4.25; residual +0.25",
  );
});

test("a cell without a rating has a prediction and no residual", () => {
  const text = cellText(withModel(scene()), 1, 0);
  assert.deepEqual([text.rating, text.part, text.prediction, text.residual], ["none", null, "3.50", "–"]);
  assert.equal(spoken(text), "Title 0, 1990, user u1, epoch 3; not rated; prediction 3.50");
});

test("before the model there is neither prediction nor residual", () => {
  const text = cellText(scene(), 0, 1);
  assert.deepEqual([text.rating, text.prediction, text.residual], ["4.5", "–", "–"]);
});

test("an item without a title goes by the user's own column and id", () => {
  const store = scene();
  store.items.titles.clear();
  assert.equal(cellText(store, 0, 1).title, "movie i1");
});

test("a user is told with the name and what else is known", () => {
  const store = scene();
  store.users.titles.set(0, "Ann");
  store.users.details.set(0, "31, clerk");
  assert.equal(cellText(store, 0, 1).detail, "1991, user u0 (Ann, 31, clerk), epoch 0");
  store.users.titles.set(1, "u1");
  assert.equal(cellText(store, 1, 1).detail, "1991, user u1, epoch 0");
});

test("where nothing trains and nothing predicts, there is no word of epochs, parts and predictions", () => {
  const store = new Store(settings(), state(), summary({ n_train: 4, n_test: 0 }));
  store.has_status = false;
  store.addWindow(windowData([0, 2], [0, 2], [[0, 1, 4.5, 0]]));
  const text = cellText(store, 0, 1);
  assert.deepEqual([text.detail, text.part, text.prediction, text.residual], ["1991, user u0", null, "", ""]);
  assert.equal(spoken(text), "Title 1, 1991, user u0; rated 4.5");
});

test("a factor is told with whose it is", () => {
  const store = withModel(scene());
  const user = factorText(store, { user: 1, item: -1, factor: 2 }, -0.25);
  assert.deepEqual(user, { title: "user u1", detail: "epoch 3", factor: "factor 3", value: "−0.250" });
  const item = factorText(store, { user: -1, item: 0, factor: 0 }, 0.5);
  assert.equal(spoken(item), "Title 0, 1990, epoch 3; factor 1 +0.500");
});

test("beside the prediction stands that of a pinned run", () => {
  const store = withModel(scene());
  const { source, rows } = store.shown;
  assert.ok(source && "global_mean" in source);
  store.setPinned({ run: 2, source: { ...source, global_mean: 3 }, rows });
  const text = cellText(store, 0, 1);
  assert.deepEqual(text.versus, { run: 2, prediction: "3.75" });
  assert.match(spoken(text), /residual \+0\.25; run 2 3\.75$/);
});
