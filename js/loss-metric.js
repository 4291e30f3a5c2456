/** What the loss curves are drawn in: root mean squared, mean squared or mean absolute error. */

/** @import { EpochLoss } from "./losses.js" */
/** @import { EpochMeasures } from "./measures.js" */

/** @typedef {"RMSE" | "MSE" | "MAE"} Metric */

export const METRICS = /** @type {const} */ (["RMSE", "MSE", "MAE"]);

/**
 * @param {EpochLoss[]} rows mean squared errors
 * @param {Metric} metric
 * @param {EpochMeasures} measures
 * @returns {EpochLoss[]} the same in the metric; of absolute errors only the epochs that were measured
 */
export function inMetric(rows, metric, measures) {
  if (metric === "MSE") return rows;
  if (metric === "RMSE") return rows.map((row) => each(row, Math.sqrt));
  return rows.flatMap(({ epoch }) => {
    const known = measures.of(epoch);
    return known
      ? [{ epoch, train: known.train_mae, validation: known.validation_mae, test: known.test_mae }]
      : [];
  });
}

/**
 * @param {{test_rmse: number, test_mae?: number}} baseline
 * @param {Metric} metric
 */
export function ofBaseline({ test_rmse, test_mae }, metric) {
  if (metric === "MAE") return test_mae ?? Number.NaN;
  return metric === "MSE" ? test_rmse ** 2 : test_rmse;
}

/**
 * @param {number} mse
 * @param {Metric} metric
 * @returns {number} NaN where it can't be told
 */
export function ofMse(mse, metric) {
  if (metric === "MAE") return Number.NaN;
  return metric === "MSE" ? mse : Math.sqrt(mse);
}

/**
 * @param {EpochLoss} row
 * @param {(value: number) => number} turn
 */
function each({ epoch, train, validation, test }, turn) {
  return { epoch, train: turn(train), validation: turn(validation), test: turn(test) };
}
