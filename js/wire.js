/** Decode what Python packs: little-endian arrays described by name, dtype and shape. */

/** @import { Buffer, Frame, Moment, Numbers, Packed, WindowData } from "./types.js" */

const ARRAYS = { int32: Int32Array, float32: Float32Array, uint8: Uint8Array };

const EMPTY_INT = new Int32Array(0);
const EMPTY_FLOAT = new Float32Array(0);

/**
 * @param {Packed} packed
 * @param {Buffer[]} [buffers] of a message; those of a trait lie in `packed`
 * @returns {Record<string, Numbers>}
 */
export function unpack(packed, buffers = packed.buffers ?? []) {
  /** @type {Record<string, Numbers>} */
  const arrays = {};
  packed.arrays.forEach(({ name, dtype, shape }, k) => {
    const buffer = buffers[k];
    const kind = ARRAYS[dtype];
    if (!kind) throw new Error(`array ${name} has the unknown dtype ${dtype}`);
    if (!buffer) throw new Error(`array ${name} has no buffer`);
    const length = shape.reduce((product, size) => product * size, 1);
    if (buffer.byteLength !== length * kind.BYTES_PER_ELEMENT) {
      throw new Error(`array ${name} (${dtype}, ${shape.join(" x ")}) came with ${buffer.byteLength} bytes`);
    }
    arrays[name] = view(buffer, kind, length);
  });
  return arrays;
}

/**
 * A typed array over the bytes; copied only where they are not aligned.
 *
 * @param {Buffer} buffer
 * @param {typeof Int32Array | typeof Float32Array | typeof Uint8Array} kind
 * @param {number} length
 * @returns {Numbers}
 */
function view(buffer, kind, length) {
  if (buffer instanceof ArrayBuffer) return new kind(buffer, 0, length);
  const memory = /** @type {ArrayBuffer} */ (buffer.buffer);
  if (buffer.byteOffset % kind.BYTES_PER_ELEMENT === 0) return new kind(memory, buffer.byteOffset, length);
  return new kind(memory.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength), 0, length);
}

/**
 * @param {any} packed
 * @param {Buffer[]} [buffers]
 * @returns {WindowData}
 */
export function decodeWindow(packed, buffers) {
  const arrays = unpack(packed, buffers);
  const rows = packed.users[1] - packed.users[0];
  const columns = packed.items[1] - packed.items[0];
  if (arrays.user_idx?.length !== rows || arrays.item_idx?.length !== columns) {
    throw new Error(`a window of ${rows} x ${columns} came with other rows or columns`);
  }
  return {
    users: packed.users,
    items: packed.items,
    user_ids: packed.user_ids,
    item_ids: packed.item_ids,
    item_titles: packed.item_titles ?? null,
    user_titles: packed.user_titles ?? null,
    user_details: packed.user_details ?? null,
    order: packed.order,
    .../** @type {any} */ (arrays),
  };
}

/**
 * @param {any} packed
 * @param {Buffer[]} [buffers]
 * @returns {Frame}
 */
export function decodeFrame(packed, buffers) {
  const arrays = /** @type {any} */ (unpack(packed, buffers));
  const { frame, run, epoch, batch, n_batches, epochs } = packed;
  const n_epochs = arrays.epoch_number?.length ?? 0;
  const none = () => new Float32Array(n_epochs).fill(Number.NaN);
  return {
    wants_answer: packed.wants_answer ?? false,
    progress: {
      frame,
      run,
      epoch,
      batch,
      n_batches,
      epochs,
      rate: packed.rate ?? null,
      seconds_left: packed.seconds_left ?? null,
      running_mse: packed.running_mse ?? null,
      restored: packed.restored ?? null,
    },
    losses: {
      epoch_number: arrays.epoch_number ?? EMPTY_INT,
      train_mse: arrays.train_mse ?? EMPTY_FLOAT,
      validation_mse: arrays.validation_mse ?? none(),
      test_mse: arrays.test_mse ?? none(),
    },
    stride: packed.stride ?? 0,
    map_version: packed.map_version ?? 0,
    moment: moment(packed, arrays),
  };
}

/**
 * A past epoch.
 *
 * @param {any} packed
 * @param {Buffer[]} [buffers]
 * @returns {{serial: number, epoch: number, moment: Moment}}
 */
export function decodePast(packed, buffers) {
  const { serial, epoch } = packed;
  return { serial, epoch, moment: moment(packed, unpack(packed, buffers)) };
}

/**
 * What a kept run predicts, which predictions are compared with.
 *
 * @param {any} packed
 * @param {Buffer[]} [buffers]
 * @returns {import("./types.js").Pinned | null} null where there is none
 */
export function decodePinned(packed, buffers) {
  const { run } = packed;
  const { source, rows } = moment(packed, unpack(packed, buffers));
  return run === null || source === null ? null : { run, source, rows };
}

/**
 * @param {any} packed
 * @param {any} arrays
 * @returns {Moment}
 */
function moment(packed, arrays) {
  const block = arrays.predictions
    ? {
        user_idx: arrays.user_idx,
        item_idx: arrays.item_idx,
        predictions: arrays.predictions,
        ...(arrays.deviations ? { deviations: arrays.deviations } : {}),
      }
    : null;
  const source =
    packed.n_factors > 0 && arrays.user_factors && arrays.item_factors
      ? {
          n_factors: packed.n_factors,
          rating_range: packed.rating_range ?? null,
          global_mean: packed.global_mean,
          user_idx: arrays.user_idx,
          item_idx: arrays.item_idx,
          user_factors: arrays.user_factors,
          item_factors: arrays.item_factors,
          user_bias: arrays.user_bias ?? new Float32Array(arrays.user_idx.length),
          item_bias: arrays.item_bias ?? new Float32Array(arrays.item_idx.length),
        }
      : block;
  return {
    source,
    tables: {
      user: table(packed, "user_factors", arrays.user_factors),
      item: table(packed, "item_factors", arrays.item_factors),
    },
    rows: { user_idx: arrays.user_idx ?? EMPTY_INT, item_idx: arrays.item_idx ?? EMPTY_INT },
    map: mapPlaces(arrays),
    overviews: (packed.overviews ?? []).map((/** @type {any} */ told, /** @type {number} */ number) =>
      binnedMoment(told, (name) => arrays[`overview_${number}_${name}`]),
    ),
  };
}

/**
 * @param {any} arrays
 * @returns {import("./types.js").MapPlaces | null}
 */
function mapPlaces({ map_user_idx, map_item_idx, map_users, map_items }) {
  if (!map_user_idx && !map_item_idx) return null;
  return {
    user_idx: map_user_idx ?? EMPTY_INT,
    item_idx: map_item_idx ?? EMPTY_INT,
    users: map_users ?? EMPTY_FLOAT,
    items: map_items ?? EMPTY_FLOAT,
  };
}

/**
 * @param {any} packed
 * @returns {import("./types.js").Points | null} null where there is no map
 */
export function decodePoints(packed) {
  if (!packed.arrays) return null;
  const { arrays, buffers, ...told } = packed;
  return { ...told, .../** @type {any} */ (unpack({ arrays, buffers })) };
}

/**
 * @param {any} told
 * @param {(name: string) => any} array
 * @returns {import("./types.js").BinnedMoment}
 */
function binnedMoment(told, array) {
  const { rows, columns, order, n_cells, n_residuals, n_factors, global_mean } = told;
  const bins = { user_idx: upTo(rows), item_idx: upTo(columns) };
  const predictions = array("predictions");
  const factors = {
    n_factors,
    global_mean,
    rating_range: null,
    ...bins,
    user_factors: array("user_factors"),
    item_factors: array("item_factors"),
    user_bias: array("user_bias"),
    item_bias: array("item_bias"),
  };
  return {
    rows,
    columns,
    order,
    n_cells,
    n_residuals,
    source: n_factors > 0 ? factors : predictions ? { ...bins, predictions } : null,
    residuals: [0, 1, 2].map((part) => array(`residuals_${part}`) ?? null),
  };
}

/** @param {number} n */
function upTo(n) {
  return Int32Array.from({ length: n }, (_, k) => k);
}

/**
 * The whole matrix, binned.
 *
 * @param {any} packed
 * @param {Buffer[]} [buffers]
 * @returns {import("./types.js").Binned}
 */
export function decodeBinned(packed, buffers) {
  const { count, mean } = /** @type {any} */ (unpack(packed, buffers));
  const { rows, columns, order } = packed;
  return { rows, columns, order, count, mean };
}

/**
 * @param {Packed} packed
 * @param {string} name
 * @param {Float32Array | undefined} values
 * @returns {import("./types.js").FactorTable | null}
 */
function table({ arrays }, name, values) {
  const head = arrays.find((one) => one.name === name);
  return head && values ? { n_factors: head.shape[1], values } : null;
}
