/** What a teacher would say of the run: the gravest first, each with why and what to try. */

/** @import { Store } from "./store.js" */

import { count, fixed } from "./format.js";

/**
 * @typedef {Object} Callout
 * @property {string} kind
 * @property {string} what
 * @property {string} why and what to try
 */

/** Epochs after which a run can be judged, and by how much a loss has to differ to be spoken of. */
const JUDGED = 3;
const NOTABLE = 1.003;
/** From this share on the first ten items are the same for all. */
const ALIKE = 0.9;
/** Share of the test part's users or items that are cold, from which on it is spoken of. */
const COLD = 0.02;

/**
 * @param {Pick<Store, "state" | "losses" | "summary" | "measures">} store
 * @returns {Callout[]} the gravest first
 */
export function callouts({ state, losses, summary, measures }) {
  const { rows, best, last, decider } = losses;
  if (!last) return [];
  /** @type {Callout[]} */
  const found = [];
  const diverged = state.status === "failed" && state.message.includes("diverged");
  const first = rows[0];
  const grows = last.epoch >= 2 && last.train > first.train * NOTABLE;
  if (diverged || grows)
    found.push({
      kind: "diverged",
      what: diverged
        ? `The loss grew without bound. Training stopped after epoch ${last.epoch}.`
        : "The train loss grows.",
      why: diverged
        ? "Below stands what to try."
        : "Its steps are too large, or the regularization is too strong: lower one of them, then reset.",
    });
  if (last.epoch < JUDGED) return found;
  const alike = measures.last?.alike ?? 0;
  if (alike >= ALIKE)
    found.push({
      kind: "alike",
      what: "The model ranks items alike for everyone.",
      why: "Biases or a single factor do all the work: train longer, take more factors or less regularization.",
    });
  const { name, test_rmse } = strongest(summary.baselines);
  const loss = Math.sqrt(last.test);
  if (loss > test_rmse * NOTABLE)
    found.push({
      kind: "baseline",
      what: `Worse than the baseline ${name} (${fixed(test_rmse, 3)}).`,
      why: "It knows no factors at all: train longer, or try another learning rate or regularization.",
    });
  const since = best?.epoch ?? last.epoch;
  const rising = best !== undefined && last[decider] > best[decider] * NOTABLE && last.epoch > since + 1;
  const row = rows.find(({ epoch }) => epoch === since);
  if (rising && row && last.train < row.train)
    found.push({
      kind: "overfitting",
      what: `The ${decider} loss rises since epoch ${since} while the train loss falls.`,
      why: "The factors learn this sample, not taste: stop there, or try more regularization or fewer factors.",
    });
  const { n_cold_users, n_cold_items, n_users, n_items } = summary;
  if (n_cold_users > COLD * n_users || n_cold_items > COLD * n_items) {
    const who = n_cold_users / n_users > n_cold_items / n_items ? "users" : "items";
    found.push({
      kind: "cold",
      what: `${count(who === "users" ? n_cold_users : n_cold_items)} ${who} in the test part were never trained on.`,
      why: `Their factors are as they began, so that the rest decides: a split by user, or more ratings, shows more.`,
    });
  }
  return found;
}

/**
 * The best epoch is chosen by the losses; of the part that it is judged by as well, that is a kinder choice than it
 * deserves.
 *
 * @param {"validation" | "test"} decider
 */
export function noteOnBest(decider) {
  return decider === "validation"
    ? "The best epoch is chosen on the validation part."
    : "The best epoch is chosen on the test part, so what it shows there is optimistic.";
}

/** @param {{name: string, test_rmse: number}[]} baselines */
function strongest(baselines) {
  return baselines.reduce((best, one) => (one.test_rmse < best.test_rmse ? one : best), {
    name: "",
    test_rmse: Number.POSITIVE_INFINITY,
  });
}
