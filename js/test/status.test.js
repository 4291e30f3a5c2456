import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, lossesInWords } from "../status.js";
import { state as anyState, progress } from "./samples.js";

/** @param {any} more */
const chip = (more) => {
  const { mark, word, detail } = describe({
    state: anyState(),
    progress: progress({ epoch: 41 }),
    epochs: 60,
    pending: null,
    waiting: 0,
    loading: 0,
    ...more,
  });
  return [mark, word, detail].join("|");
};

/** @param {string} status */
const state = (status, message = "") => ({ state: { status, message } });

test("each state has its own mark and word", () => {
  const shown = ["idle", "loading", "running", "paused", "stopped", "finished", "failed"].map((status) =>
    chip(state(status)).split("|"),
  );
  assert.equal(new Set(shown.map(([mark]) => mark)).size, 7);
  assert.equal(new Set(shown.map(([, word]) => word)).size, 7);
});

test("running tells its pace, paused its place, finished why", () => {
  const pace = { ...state("running"), progress: progress({ rate: 807_000, seconds_left: 2 }) };
  assert.equal(chip(pace), "dot|Running|807k ratings/s, 2 s left");
  assert.equal(chip(state("paused")), "bars|Paused|at epoch 41");
  const within = { ...state("paused"), progress: progress({ epoch: 41, batch: 3 }) };
  assert.equal(chip(within), "bars|Paused|in epoch 42, batch 3 of 10");
  const all = { ...state("finished"), progress: progress({ epoch: 60 }) };
  assert.equal(chip(all), "square|Finished|all 60 epochs");
});

test("weights that were put back are told of, and what ended a training early", () => {
  const early = (/** @type {string} */ reason) => {
    const finished = state("finished");
    return { ...finished, state: { ...finished.state, reason }, progress: progress({ epoch: 12 }) };
  };
  assert.equal(chip(early("callback")), "square|Finished|at epoch 12, by a callback");
  const stopped = early("early stopping");
  assert.equal(
    chip(stopped),
    "square|Finished|at epoch 12: none better on the test part, which is optimistic",
  );
  const judged = { ...stopped, decider: /** @type {const} */ ("validation") };
  assert.equal(chip(judged), "square|Finished|at epoch 12: none better on the validation part");
  const restored = { ...state("paused"), progress: progress({ restored: 5 }) };
  assert.equal(chip(restored), "bars|Paused|with the weights of epoch 5");
});

test("a failure says where it came; what it was stands below, once", () => {
  assert.equal(chip(state("failed", "loss is NaN\nlower learning_rate")), "diamond|Failed|at epoch 41");
});

test("Pause is answered at once, and a kernel that does not answer is waited for, saying so", () => {
  const pending = { command: "pause" };
  assert.equal(chip({ ...state("running"), pending, waiting: 30 }), "bars|Pausing|");
  assert.equal(
    chip({ ...state("running"), pending, waiting: 1500 }),
    "half|Waiting|the kernel is busy with a cell",
  );
});

test("where a cell waits for the training, it is said what pauses at once, if Pause was not heard", () => {
  const running = { ...state("running"), state: anyState({ status: "running", is_waited_for: true }) };
  const waited = { ...running, pending: { command: "pause" } };
  const detail = "for the busy cell; interrupting the kernel (■) pauses at once";
  assert.equal(chip({ ...waited, waiting: 100 }), "bars|Pausing|");
  assert.equal(chip({ ...waited, waiting: 500 }), `half|Waiting|${detail}`);
  assert.equal(
    chip({ ...waited, pending: { command: "step epoch" }, waiting: 1500 }),
    "half|Waiting|the kernel is busy with a cell",
  );
});

test("loading counts its seconds and tells that Play was heard", () => {
  const loading = { state: anyState({ is_building: true }), loading: 4200 };
  assert.equal(chip(loading), "pie|Loading TensorFlow|4 s so far");
  assert.equal(
    chip({ ...state("loading"), loading: 4200 }),
    "pie|Loading TensorFlow|4 s so far, then training",
  );
  const pending = { command: "play" };
  assert.equal(
    chip({ ...loading, pending, waiting: 9000 }),
    "pie|Loading TensorFlow|4 s so far, then training",
  );
});

test("without a kernel the chip says so, and where training was left", () => {
  assert.equal(
    chip({ ...state("running"), isLive: false }),
    "ring|No kernel|saved state at epoch 41; run the cell again to train",
  );
});

test("losses are said as RMSE, without a part that is not there", () => {
  const loss = { epoch: 1, train: 0.355, validation: Number.NaN, test: 0.8 };
  assert.equal(lossesInWords(loss), "train 0.596 · test 0.894");
  assert.equal(lossesInWords({ ...loss, validation: 0.81 }), "train 0.596 · validation 0.900 · test 0.894");
  assert.equal(lossesInWords({ ...loss, train: Number.POSITIVE_INFINITY }), "train ∞ · test 0.894");
  assert.equal(lossesInWords(undefined), "");
});
