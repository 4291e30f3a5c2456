import assert from "node:assert/strict";
import { test } from "node:test";
import { Kernel } from "../kernel.js";
import { Store } from "../store.js";
import { frame, losses, progress, settings, state, summary } from "./samples.js";

/** @param {any} status */
function scene(status) {
  /** @type {any[]} */
  const sent = [];
  const clock = { now: 0 };
  const kernel = new Kernel(
    (message) => sent.push(message),
    () => clock.now,
  );
  const store = new Store(settings(), state({ status }), summary());
  return { sent, clock, kernel, store };
}

/** @param {Store} store @param {Partial<import("../types.js").Progress>} more */
function show(store, more) {
  store.addFrame(frame({ progress: progress(more), losses: losses([], [], []), source: null }));
}

test("every message carries the view, and no two views share a name", () => {
  const { sent, kernel, store } = scene("idle");
  const looked = /** @type {import("../types.js").Rect} */ ({ users: [0, 2], items: [1, 3] });
  kernel.ready(looked);
  kernel.ack(7, looked);
  kernel.command("step epoch", store);
  kernel.command("reset", store);
  kernel.window(looked);
  kernel.gone();
  const { view } = kernel;
  assert.deepEqual(sent, [
    { kind: "ready", ...looked, view },
    { kind: "ack", frame: 7, ...looked, view },
    { kind: "command", command: "step", unit: "epoch", view },
    { kind: "command", command: "reset", view },
    { kind: "window", ...looked, view },
    { kind: "gone", view },
  ]);
  assert.notEqual(scene("idle").kernel.view, view);
});

test("Pause pressed before Play is answered is not answered by the state that was there before", () => {
  const { kernel, store } = scene("idle");
  store.state = state({ is_building: true });
  kernel.command("play", store);
  kernel.command("pause", store);
  kernel.settle(store);
  assert.equal(kernel.pending?.command, "pause");
  store.state = state({ status: "running" });
  kernel.settle(store);
  assert.equal(kernel.pending?.command, "pause");
  store.state = state({ status: "paused" });
  kernel.settle(store);
  assert.equal(kernel.pending, null);
});

test("time spent loading TensorFlow is no wait for a busy kernel", () => {
  const { clock, kernel, store } = scene("idle");
  store.state = state({ is_building: true });
  kernel.command("play", store);
  clock.now = 6000;
  kernel.settle(store);
  store.state = state();
  clock.now = 6300;
  kernel.settle(store);
  assert.equal(kernel.pending?.command, "play");
  assert.equal(kernel.waiting, 300);
});

test("Pause stays pending while frames of a busy cell keep coming, until the state says so", () => {
  const { clock, kernel, store } = scene("running");
  kernel.command("pause", store);
  clock.now = 1500;
  show(store, { frame: 2, epoch: 5 });
  kernel.settle(store);
  assert.equal(kernel.waiting, 1500);
  store.state = state({ status: "paused" });
  kernel.settle(store);
  assert.equal(kernel.pending, null);
  assert.equal(kernel.waiting, 0);
});

test("Play pressed while TensorFlow loads is remembered until training runs", () => {
  const { kernel, store } = scene("idle");
  kernel.command("play", store);
  for (const status of /** @type {const} */ (["loading", "idle", "running"])) {
    kernel.settle(store);
    assert.equal(kernel.pending?.command, "play");
    store.state = state({ status });
  }
  kernel.settle(store);
  assert.equal(kernel.pending, null);
});

test("a second failure answers Play as well as a first", () => {
  const { kernel, store } = scene("failed");
  kernel.command("play", store);
  kernel.settle(store);
  assert.ok(kernel.pending);
  store.state = state({ status: "failed", message: "again" });
  kernel.settle(store);
  assert.equal(kernel.pending, null);
});

test("a step is answered by the next batch or epoch", () => {
  const { kernel, store } = scene("paused");
  show(store, { epoch: 3 });
  kernel.command("step batch", store);
  kernel.settle(store);
  assert.ok(kernel.pending);
  show(store, { epoch: 3, batch: 1 });
  kernel.settle(store);
  assert.equal(kernel.pending, null);
});

test("a reset is answered by the next run", () => {
  const { kernel, store } = scene("paused");
  show(store, { epoch: 3, run: 1 });
  kernel.command("reset", store);
  show(store, { epoch: 3, run: 1, frame: 2 });
  kernel.settle(store);
  assert.ok(kernel.pending);
  show(store, { epoch: 0, run: 2, frame: 3 });
  kernel.settle(store);
  assert.equal(kernel.pending, null);
});
