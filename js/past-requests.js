/** Asks the kernel for past epochs of the window in view: all at rest, while training only those one looks at. */

/** @import { Store } from "./store.js" */

import { coarseToFine, keptEpochs, size } from "./past.js";

/** Milliseconds between two requests. */
const PAUSE = 250;

export class PastRequests {
  /**
   * @param {(epochs: number[]) => void} ask
   * @param {() => void} again looks whether there is something to ask for
   * @param {AbortSignal} signal
   */
  constructor(ask, again, signal) {
    this.ask = ask;
    this.again = again;
    /** @type {Set<number>} */
    this.asked = new Set();
    this.key = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /** What was asked for is of another window, or of another run. */
  forget() {
    this.asked.clear();
    this.key = "";
  }

  /** @param {Store} store */
  want(store) {
    const { past, losses, stride, cursor, state } = store;
    if (this.timer !== undefined || !store.isLive) return;
    const resting = state.status !== "running" && state.status !== "loading";
    const key = JSON.stringify([losses.version, past.version, stride, cursor, resting]);
    if (key === this.key) return;
    this.key = key;
    if (!resting && cursor === null) return;
    const room = Math.floor(past.room / Math.max(1, size(store.live)));
    const order = coarseToFine(keptEpochs(losses, stride)).slice(0, room);
    const wanted = cursor === null ? order : [cursor, ...order.filter((epoch) => epoch !== cursor)];
    const missing = wanted.filter((epoch) => !past.has(epoch));
    if (missing.every((epoch) => this.asked.has(epoch))) return;
    this.asked = new Set(missing);
    this.ask(missing);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.again();
    }, PAUSE);
  }
}
