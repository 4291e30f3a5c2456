/** Asks the kernel to measure epochs: at rest all that are kept, while training the last one now and then. */

/** @import { Store } from "./store.js" */

import { coarseToFine, keptEpochs } from "./past.js";

/** Epochs asked for at most: more can't be told apart in a curve. */
const MOST = 100;
/** Milliseconds between two questions while training, and after which an answer is taken to be lost. */
const PAUSE = 1500;
const PATIENCE = 20_000;
/** While training, measuring takes this part of the time at most. */
const SHARE = 1 / 5;

export class MeasureRequests {
  /**
   * @param {(epochs: number[]) => void} ask
   * @param {() => void} again looks whether there is something to ask
   * @param {() => number} now milliseconds
   * @param {AbortSignal} signal
   */
  constructor(ask, again, now, signal) {
    this.ask = ask;
    this.again = again;
    this.now = now;
    this.since = Number.NEGATIVE_INFINITY;
    this.waiting = false;
    this.asked = "";
    this.took = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /** The first of the epochs that were asked for has come. */
  answered() {
    if (this.waiting) this.took = this.now() - this.since;
    this.waiting = false;
  }

  /** @param {Store} store */
  want(store) {
    const { state, losses, stride, measures, progress } = store;
    if (!store.isLive || !store.live.source || state.status === "loading") return;
    const kept = keptEpochs(losses, stride);
    const running = state.status === "running";
    const wanted = running ? kept.slice(-1) : coarseToFine(kept).slice(0, MOST);
    const best = losses.best?.epoch;
    if (!running && best !== undefined && kept.includes(best)) wanted.unshift(best);
    const missing = [...new Set(wanted)].filter((epoch) => !measures.of(epoch));
    if (missing.length === 0) return;
    const asked = `${progress?.run} ${wanted.join()}`;
    const left =
      this.since +
      (running ? Math.max(PAUSE, this.took / SHARE) : asked === this.asked ? PATIENCE : 0) -
      this.now();
    clearTimeout(this.timer);
    if (left > 0) {
      this.timer = setTimeout(this.again, left);
      return;
    }
    this.asked = asked;
    this.since = this.now();
    this.waiting = true;
    this.ask(missing);
  }
}
