/** What predicted at the end of past epochs, as far as it is here. */

/** @import { Moment, Selected } from "./types.js" */

/** Bytes of all moments together. */
export const ROOM = 64 * 1024 ** 2;

export class Past {
  constructor() {
    this.room = ROOM;
    /** @type {Map<number, Moment>} */
    this.moments = new Map();
    this.version = 0;
  }

  clear() {
    this.moments.clear();
    this.version++;
  }

  /**
   * @param {number} epoch
   * @param {Moment} moment
   */
  add(epoch, moment) {
    this.moments.set(epoch, moment);
    this.version++;
  }

  /**
   * Forget all epochs but some.
   *
   * @param {Set<number>} epochs
   */
  keep(epochs) {
    for (const epoch of this.moments.keys()) if (!epochs.has(epoch)) this.moments.delete(epoch);
  }

  /**
   * Whether all moments that are here know a user and an item, where these are not null.
   *
   * @param {Selected} selected
   */
  tellsOf({ user, item }) {
    return [...this.moments.values()].every(
      ({ rows }) =>
        (user === null || rows.user_idx.includes(user)) && (item === null || rows.item_idx.includes(item)),
    );
  }

  /** @param {number} epoch */
  has(epoch) {
    return this.moments.has(epoch);
  }

  /**
   * @param {number} epoch
   * @returns {{epoch: number, moment: Moment} | null} of the nearest epoch that is here
   */
  nearest(epoch) {
    let found = null;
    for (const [at, moment] of this.moments) {
      if (!found || Math.abs(at - epoch) < Math.abs(found.epoch - epoch)) found = { epoch: at, moment };
    }
    return found;
  }
}

/**
 * @param {Moment} moment
 * @returns {number} bytes
 */
export function size({ source, tables, map, overviews = [] }) {
  const binned = overviews.flatMap((one) => [...one.residuals, ...Object.values(one.source ?? {})]);
  const held = [...Object.values(source ?? {}), tables.user?.values, tables.item?.values, ...binned];
  const arrays = new Set([...held, ...Object.values(map ?? {})].filter((one) => ArrayBuffer.isView(one)));
  let bytes = 0;
  for (const { byteLength } of arrays) bytes += byteLength;
  return bytes;
}

/**
 * The epochs that the kernel keeps: every so many, and the first, the best and the last.
 *
 * @param {import("./losses.js").Losses} losses
 * @param {number} stride 0 where none is kept
 * @returns {number[]} ascending
 */
export function keptEpochs({ rows, best, last }, stride) {
  if (stride === 0) return [];
  const epochs = rows.map(({ epoch }) => epoch);
  return epochs.filter((epoch) => epoch % stride === 0 || epoch === best?.epoch || epoch === last?.epoch);
}

/**
 * So that few of them are spread over all: the last and the first, then halves, quarters and so on.
 *
 * @param {number[]} epochs ascending
 */
export function coarseToFine(epochs) {
  const n = epochs.length;
  /** @type {Set<number>} */
  const order = new Set(n ? [epochs[n - 1]] : []);
  for (let step = 2 ** Math.ceil(Math.log2(Math.max(n, 1))); step >= 1; step /= 2) {
    for (let k = 0; k < n; k += step) order.add(epochs[k]);
  }
  return [...order];
}

/**
 * The epoch that is nearest, of two the earlier.
 *
 * @param {number[]} epochs ascending, one or more
 * @param {number} epoch
 */
export function nearestOf(epochs, epoch) {
  return epochs.reduce((best, one) => (Math.abs(one - epoch) < Math.abs(best - epoch) ? one : best));
}
