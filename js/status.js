/** The status chip in words: a mark, the state, a detail. */

/** @import { Progress, State } from "./types.js" */
/** @import { Mark } from "./icons.js" */
/** @import { Pending } from "./kernel.js" */

import { duration, fixed, perSecond } from "./format.js";

/** Unanswered for this long, a command is waiting for a busy kernel. */
export const PATIENCE = 1000;

/**
 * @param {Object} now
 * @param {State} now.state
 * @param {Progress | null} now.progress
 * @param {number} now.epochs
 * @param {Pending | null} now.pending
 * @param {number} now.waiting milliseconds the pending command has waited
 * @param {number} now.loading milliseconds that TensorFlow has been loading
 * @returns {{mark: Mark, word: string, detail: string}}
 */
export function describe({ state, progress, epochs, pending, waiting, loading }) {
  if (pending && state.status !== "loading") {
    if (waiting > PATIENCE)
      return { mark: "half", word: "Waiting", detail: "the kernel is busy with a cell" };
    if (pending.command === "pause") return { mark: "bars", word: "Pausing", detail: "" };
    if (pending.command === "play") return { mark: "ring", word: "Starting", detail: "" };
    if (pending.command === "reset") return { mark: "ring", word: "Resetting", detail: "" };
  }
  switch (state.status) {
    case "idle":
      return { mark: "ring", word: "Idle", detail: "not trained yet" };
    case "loading": {
      const seconds = `${Math.floor(loading / 1000)} s so far`;
      return {
        mark: "pie",
        word: "Loading TensorFlow",
        detail: pending?.command === "play" ? `${seconds}, then training` : seconds,
      };
    }
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
        detail: epochs === 1 ? "one epoch" : `all ${epochs} epochs`,
      };
    case "failed":
      return { mark: "diamond", word: "Failed", detail: headline(state.message) };
  }
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

/**
 * The line that says most: the last of a traceback, the first of anything else.
 *
 * @param {string} message
 */
function headline(message) {
  const lines = message.trim().split("\n");
  return (lines[0].startsWith("Traceback") ? lines[lines.length - 1] : lines[0]).trim();
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
  return Number.isFinite(mse) ? fixed(Math.sqrt(mse), 3) : "∞";
}
