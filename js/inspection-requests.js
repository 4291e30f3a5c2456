/** Asks the kernel of the selected user and item: the last question only, one at a time, and seldom while training. */

/** @import { Selected } from "./types.js" */
/** @import { Store } from "./store.js" */

/**
 * @typedef {Object} Question
 * @property {number | null} user
 * @property {number | null} item
 * @property {number} n length of the lists
 * @property {number | null} epoch null: now
 * @property {("user" | "item")[]} lists whose ratings are not here yet
 * @property {number} serial comes with the answer
 */

/** Milliseconds between two questions: at rest and, at least and at most, while training. */
const PAUSE = 50;
const SPARING = { least: 200, most: 10_000 };
/** While training, answers take this part of the kernel's time at most. */
const SHARE = 1 / 5;
/** Milliseconds after which an answer is taken to be lost. */
const PATIENCE = 5000;

export class InspectionRequests {
  /**
   * @param {(question: Question) => void} ask
   * @param {() => void} again looks whether there is something to ask
   * @param {() => number} now milliseconds
   * @param {AbortSignal} signal
   */
  constructor(ask, again, now, signal) {
    this.ask = ask;
    this.again = again;
    this.now = now;
    this.serial = 0;
    this.since = Number.NEGATIVE_INFINITY;
    this.waiting = false;
    this.complete = true;
    this.took = 0;
    /** Of whom was asked, and at which moment. */
    this.about = "";
    this.moment = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /**
   * @param {Store} store
   * @param {number} n length of the lists
   * @returns {boolean} whether others are asked of than before
   */
  want(store, n) {
    const { selected, state, progress, summary } = store;
    if (!store.isLive || (selected.user === null && selected.item === null)) return false;
    const about = JSON.stringify([
      selected.user,
      selected.item,
      n,
      summary.data,
      summary.edits,
      progress?.run,
    ]);
    const epoch = store.pastEpoch;
    const live = epoch ?? [progress?.epoch, progress?.batch, progress?.restored, store.source !== null];
    const moment = JSON.stringify(live);
    const other = about !== this.about;
    if (!other && moment === this.moment && this.complete && !this.waiting) return false;
    if (!other && this.wait(state.status === "running")) return false;
    this.about = about;
    this.moment = moment;
    this.since = this.now();
    this.waiting = true;
    this.serial++;
    this.ask({ ...selected, n, epoch, lists: missing(store, selected), serial: this.serial });
    return other;
  }

  /**
   * @param {boolean} running
   * @returns {boolean} whether it is too early to ask
   */
  wait(running) {
    const sparing = Math.min(SPARING.most, Math.max(SPARING.least, this.took / SHARE));
    const pause = this.waiting ? PATIENCE : running ? sparing : PAUSE;
    const left = this.since + pause - this.now();
    clearTimeout(this.timer);
    if (left > 0) this.timer = setTimeout(this.again, left);
    return left > 0;
  }

  /** @param {{serial: number, is_complete: boolean}} answer */
  answered({ serial, is_complete }) {
    if (serial !== this.serial) return;
    this.waiting = false;
    this.complete = is_complete;
    this.took = this.now() - this.since;
  }
}

/**
 * @param {Store} store
 * @param {Selected} selected
 */
function missing({ inspection }, { user, item }) {
  /** @type {("user" | "item")[]} */
  const lists = [];
  const known = (/** @type {{rated: unknown} | null} */ side) => side?.rated && !inspection.expired;
  if (user !== null && !known(inspection.user(user))) lists.push("user");
  if (item !== null && !known(inspection.item(item))) lists.push("item");
  return lists;
}
