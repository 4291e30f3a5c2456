/** Asks the kernel for past epochs of the window in view: all at rest, while training those that one looks at. */

/** @import { Store } from "./store.js" */

import { coarseToFine, keptEpochs, size } from "./past.js";

/** Epochs asked for at a time: the next when these are here. */
const MOST = 24;
/** While training: how many epochs to either side of the one that is shown. */
const NEIGHBOURS = 4;
/** Milliseconds after which an answer is taken to be lost. */
const PATIENCE = 3000;

export class PastRequests {
  /**
   * @param {(epochs: number[], serial: number) => void} ask
   * @param {() => void} again looks whether there is something to ask for
   * @param {() => number} now milliseconds
   * @param {AbortSignal} signal
   */
  constructor(ask, again, now, signal) {
    this.ask = ask;
    this.again = again;
    this.now = now;
    /** @type {Set<number>} */
    this.asked = new Set();
    this.since = 0;
    this.serial = -1;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /** @param {Store} store */
  want(store) {
    const { past, cursor, state } = store;
    if (this.serial !== store.serial) {
      this.serial = store.serial;
      this.asked.clear();
    }
    const resting = state.status !== "running" && state.status !== "loading";
    if (!store.isLive || !store.live.source || (!resting && cursor === null)) return;
    const wanted = this.wanted(store, resting);
    past.keep(new Set(wanted));
    const missing = wanted.filter((epoch) => !past.has(epoch));
    const waits = missing.some((epoch) => this.asked.has(epoch)) && this.now() - this.since < PATIENCE;
    const urgent = cursor !== null && missing.includes(cursor) && !this.asked.has(cursor);
    if (missing.length === 0 || (waits && !urgent)) return;
    const next = missing.slice(0, MOST);
    this.asked = new Set(next);
    this.since = this.now();
    this.ask(next, this.serial);
    clearTimeout(this.timer);
    this.timer = setTimeout(this.again, PATIENCE);
  }

  /**
   * What is to be here, as much as there is room for: first what is shown.
   *
   * @param {Store} store
   * @param {boolean} resting
   */
  wanted({ past, losses, stride, cursor, live }, resting) {
    const kept = keptEpochs(losses, stride);
    const room = Math.max(2, Math.floor(past.room / Math.max(1, size(live))));
    const at = cursor === null ? -1 : kept.indexOf(cursor);
    const near = cursor === null ? [] : kept.slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1);
    // While training, what came before stays: it may be looked at again.
    const rest = resting ? coarseToFine(kept) : [...past.moments.keys()];
    const order = [...(cursor === null ? [] : [cursor]), ...near, ...rest];
    return [...new Set(order)].slice(0, room);
  }
}
