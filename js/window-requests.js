/** Asks the kernel for the window around what is in view, at most once in a while and only when it has moved out. */

/** @import { Rect } from "./types.js" */

import { contains, windowAround } from "./viewport.js";

const PAUSE = 60;

export class WindowRequests {
  /**
   * @param {(rect: Rect) => void} ask
   * @param {Rect} asked what the kernel sends already
   * @param {AbortSignal} signal
   */
  constructor(ask, asked, signal) {
    this.ask = ask;
    this.asked = asked;
    /** @type {{view: Rect, n_users: number, n_items: number} | null} */
    this.wanted = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /**
   * @param {Rect} view
   * @param {number} n_users
   * @param {number} n_items
   */
  want(view, n_users, n_items) {
    this.wanted = contains(this.asked, view) ? null : { view, n_users, n_items };
    if (this.wanted) this.timer ??= setTimeout(() => this.flush(), PAUSE);
  }

  flush() {
    this.timer = undefined;
    if (!this.wanted) return;
    const { view, n_users, n_items } = this.wanted;
    this.wanted = null;
    this.asked = windowAround(view, n_users, n_items);
    this.ask(this.asked);
  }
}
