/** The status chip in words: a mark, the state, a detail. */

/** @import { Progress, State } from "./types.js" */
/** @import { Mark } from "./icons.js" */
/** @import { Pending } from "./kernel.js" */

import { duration, fixed, perSecond } from "./format.js";

/** Unanswered for this long, a command is waiting for a busy kernel. */
export const PATIENCE = 1000;

/** A kernel that hears while a cell waits for the training answers sooner; where it is busy, an interrupt helps. */
const SOON = 400;

/**
 * @param {Object} now
 * @param {State} now.state
 * @param {Progress | null} now.progress
 * @param {number} now.epochs
 * @param {Pending | null} now.pending
 * @param {number} now.waiting milliseconds the pending command has waited
 * @param {number} now.loading milliseconds that TensorFlow has been loading
 * @param {boolean} [now.isLive] whether there is a kernel
 * @param {"validation" | "test"} [now.decider] the part that the best epoch is told by
 * @returns {{mark: Mark, word: string, detail: string}}
 */
export function describe({
  state,
  progress,
  epochs,
  pending,
  waiting,
  loading,
  isLive = true,
  decider = "test",
}) {
  if (!isLive)
    return {
      mark: "ring",
      word: "No kernel",
      detail: `saved state${told(place(progress))}; run the cell again to train`,
    };
  if (state.is_building || state.status === "loading") {
    const plays = pending?.command === "play" || state.status === "loading";
    const detail = `${Math.floor(loading / 1000)} s so far${plays ? ", then training" : ""}`;
    return { mark: "pie", word: "Loading TensorFlow", detail };
  }
  if (pending) {
    if (pending.command === "pause" && state.is_waited_for && waiting > SOON)
      return {
        mark: "half",
        word: "Waiting",
        detail: "for the busy cell; interrupting the kernel (■) pauses at once",
      };
    if (waiting > PATIENCE)
      return { mark: "half", word: "Waiting", detail: "the kernel is busy with a cell" };
    if (pending.command === "pause") return { mark: "bars", word: "Pausing", detail: "" };
    if (pending.command === "play") return { mark: "ring", word: "Starting", detail: "" };
    if (pending.command === "reset") return { mark: "ring", word: "Resetting", detail: "" };
  }
  const { mark, word, detail } = standing(state, progress, epochs, decider);
  const restored = progress?.restored ?? null;
  return { mark, word, detail: restored === null ? detail : `with the weights of epoch ${restored}` };
}

/**
 * @param {State} state
 * @param {Progress | null} progress
 * @param {number} epochs
 * @param {"validation" | "test"} decider
 * @returns {{mark: Mark, word: string, detail: string}}
 */
function standing(state, progress, epochs, decider) {
  switch (state.status) {
    case "idle":
      return { mark: "ring", word: "Idle", detail: "not trained yet" };
    case "running":
      return { mark: "dot", word: "Running", detail: pace(progress) };
    case "paused":
      return { mark: "bars", word: "Paused", detail: place(progress) };
    case "stopped":
      return { mark: "stop", word: "Stopped", detail: place(progress) };
    case "finished":
      return {
        mark: "square",
        word: "Finished",
        detail: finished(state, progress, epochs, decider),
      };
    default:
      // What failed stands below, in full.
      return { mark: "diamond", word: "Failed", detail: place(progress) };
  }
}

/**
 * @param {State} state
 * @param {Progress | null} progress
 * @param {number} epochs planned
 * @param {"validation" | "test"} decider
 */
function finished({ reason }, progress, epochs, decider) {
  const at = `at epoch ${progress?.epoch ?? 0}`;
  if (reason === "callback") return `${at}, by a callback`;
  if (reason === "early stopping")
    return `${at}: none better on the ${decider} part${decider === "test" ? ", which is optimistic" : ""}`;
  return epochs === 1 ? "one epoch" : `all ${epochs} epochs`;
}

/** @param {Progress | null} progress */
function pace(progress) {
  const parts = [];
  if (progress?.rate) parts.push(perSecond(progress.rate));
  if (progress?.seconds_left) parts.push(`${duration(progress.seconds_left)} left`);
  return parts.join(", ");
}

/** @param {Progress | null} progress */
function place(progress) {
  if (!progress) return "";
  if (progress.batch > 0)
    return `in epoch ${progress.epoch + 1}, batch ${progress.batch} of ${progress.n_batches}`;
  return `at epoch ${progress.epoch}`;
}

/** @param {string} where */
function told(where) {
  return where ? ` ${where}` : "";
}

/**
 * The losses as RMSE: "train 0.596 · test 0.894".
 *
 * @param {import("./losses.js").EpochLoss | undefined} loss
 */
export function lossesInWords(loss) {
  if (!loss) return "";
  const named = /** @type {const} */ ([
    ["train", loss.train],
    ["validation", loss.validation],
    ["test", loss.test],
  ]);
  return named
    .filter(([, mse]) => !Number.isNaN(mse))
    .map(([name, mse]) => `${name} ${rmse(mse)}`)
    .join(" · ");
}

/** @param {number} mse */
export function rmse(mse) {
  return lossText(Math.sqrt(mse));
}

/** @param {number} loss */
export function lossText(loss) {
  return Number.isFinite(loss) ? fixed(loss, loss < 10 ? 3 : loss < 1000 ? 1 : 0) : "∞";
}
