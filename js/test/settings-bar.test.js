import assert from "node:assert/strict";
import { test } from "node:test";

import { current, inBrief, isAskedFor, remark } from "../settings-bar.js";

const settings = {
  model: "biased_mf",
  split: "random",
  shares: [0.7, 0.1, 0.2],
  seed: 0,
  n_factors: 12,
  learning_rate: 0.08,
  regularization: null,
  batch_size: 256,
  epochs: 25,
  early_stopping: null,
  engine: "auto",
};
const values = {
  model: "biased_mf",
  split: "random",
  test_share: 0.2,
  seed: 0,
  n_factors: 12,
  learning_rate: 0.08,
  regularization: null,
  batch_size: 256,
  epochs: 25,
  early_stopping: null,
};
const proposed = { values, refused: {}, disabled: {}, choices: { model: [], split: [] }, now: [] };

test("the test share is the last of the shares, and there may be none", () => {
  assert.equal(current(settings, "test_share"), 0.2);
  assert.equal(current({ ...settings, shares: [] }, "test_share"), null);
  assert.equal(current(settings, "regularization"), null);
});

test("a reset begins another run where a value differs from the run's", () => {
  assert.equal(isAskedFor(null, settings), false);
  assert.equal(isAskedFor(proposed, settings), false);
  for (const [name, value] of Object.entries({ n_factors: 13, test_share: 0.3, regularization: 0 })) {
    assert.equal(isAskedFor({ ...proposed, values: { ...values, [name]: value } }, settings), true, name);
  }
});

test("a refusal is said in brief: what is seen is not said again", () => {
  assert.equal(
    inBrief("n_factors", 'n_factors must be an integer of 1 or more, not "ten"'),
    "Must be an integer of 1 or more",
  );
  assert.equal(
    inBrief("test_share", "test_share must be above 0 and below 1, not 1.2; it is still 0.2"),
    "Must be above 0 and below 1; it is still 0.2",
  );
  assert.equal(inBrief("model", 'model="x" learns from ratings'), 'Model="x" learns from ratings');
});

test("under a control stands why it has no value, after what is asked for and refused", () => {
  const none = { ...proposed, disabled: { n_factors: "the builder mine takes no n_factors" } };
  assert.equal(remark(proposed, "n_factors", 12), "");
  assert.equal(remark(none, "n_factors", 12), "the builder mine takes no n_factors");
  assert.equal(remark(none, "n_factors", 8), "8 until the next reset");
  const refused = { ...none, refused: { n_factors: { value: "x", reason: "n_factors must be an integer" } } };
  assert.equal(remark(refused, "n_factors", 12), "Must be an integer");
});
