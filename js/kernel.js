/** What a view says to the kernel, and whether it has been answered. */

/** @import { Command, Rect, State, Status } from "./types.js" */
/** @import { Store } from "./store.js" */

import { PATIENCE } from "./status.js";

/**
 * @typedef {Object} Pending a command the kernel has not answered yet
 * @property {Command} command
 * @property {number} since milliseconds
 * @property {Status} status as it was
 * @property {State} state as it was
 * @property {string} position as it was
 * @property {boolean} afterPlay a pause that came before play was answered
 */

export class Kernel {
  /**
   * @param {(message: object) => void} send
   * @param {() => number} now milliseconds
   */
  constructor(send, now) {
    this.view = Array.from({ length: 4 }, () => Math.random().toString(36).slice(2, 6).padEnd(4, "0")).join(
      "",
    );
    this.send = (/** @type {object} */ message) => send({ ...message, view: this.view });
    this.now = now;
    /** @type {Pending | null} */
    this.pending = null;
  }

  /** @param {Rect} looked the window looked at */
  ready({ users, items }) {
    this.send({ kind: "ready", users, items });
  }

  gone() {
    this.send({ kind: "gone" });
  }

  /**
   * @param {number} frame
   * @param {Rect} looked the window looked at, for a kernel that has forgotten this view
   */
  ack(frame, { users, items }) {
    this.send({ kind: "ack", frame, users, items });
  }

  /**
   * What needs no answer but what then changes.
   *
   * @param {string} command
   * @param {Record<string, string | number | boolean | null>} content
   */
  order(command, content) {
    this.send({ kind: "command", command, ...content });
  }

  /**
   * @param {number[]} epochs of which what predicted then is wanted, in this order
   * @param {number} serial that comes with each answer
   */
  past(epochs, serial) {
    this.send({ kind: "past", epochs, serial });
  }

  /** @param {import("./inspection-requests.js").Question} question of the selected user and item */
  inspect(question) {
    this.send({ kind: "inspect", ...question });
  }

  /** @param {number[]} epochs to measure, in this order */
  measure(epochs) {
    this.send({ kind: "measure", epochs });
  }

  /** @param {Rect} rect */
  window({ users, items }) {
    this.send({ kind: "window", users, items });
  }

  /**
   * Have the whole matrix binned into so many rows and columns.
   *
   * @param {{rows: number, columns: number}} bins none: it is no longer looked at
   * @param {boolean} residuals whether they are shown
   */
  overview({ rows, columns }, residuals) {
    this.send({ kind: "overview", rows, columns, residuals });
  }

  /**
   * @param {string} query
   * @param {number} serial that comes with the answer
   * @param {import("./types.js").Side | null} side that is searched; null: both
   */
  search(query, serial, side = null) {
    this.send({ kind: "search", query, serial, side });
  }

  /** @param {import("./you.js").YouQuestion} question of who sits before it */
  you(question) {
    this.send({ kind: "you", ...question });
  }

  /**
   * Put one side in another order.
   *
   * @param {import("./types.js").Side} side
   * @param {{by: string, of: number | null}} order
   * @param {number | null} epoch of what the model knew; null: what it knows now
   * @param {Rect} looked the window looked at, whose sorted side is shown from its start then
   */
  sort(side, { by, of }, epoch, { users, items }) {
    this.send({ kind: "order", side, by, of, epoch, users, items });
  }

  /**
   * @param {Command} command
   * @param {Store} store
   */
  command(command, store) {
    const { state } = store;
    const afterPlay = command === "pause" && this.pending?.command === "play";
    this.pending = {
      command,
      since: this.now(),
      status: state.status,
      state,
      position: position(store),
      afterPlay,
    };
    const [verb, unit] = command.split(" ");
    this.send({ kind: "command", command: verb, ...(unit ? { unit } : {}) });
  }

  /**
   * Forget the pending command once the store shows its effect.
   *
   * @param {Store} store
   */
  settle(store) {
    // Loading explains a wait; only what comes after it has to be explained anew.
    if (this.pending && store.state.is_building) this.pending.since = this.now();
    if (this.pending && answered(this.pending, store, this.waiting)) this.pending = null;
  }

  /** Milliseconds since the command that is still unanswered. */
  get waiting() {
    return this.pending ? this.now() - this.pending.since : 0;
  }
}

/** @param {Store} store */
function position({ progress }) {
  return progress ? `${progress.run} ${progress.epoch} ${progress.batch}` : "";
}

/**
 * @param {Pending} pending
 * @param {Store} store
 * @param {number} waiting milliseconds so far
 */
function answered({ command, status, state, position: before, afterPlay }, store, waiting) {
  const now = store.state.status;
  // Another speed is no answer.
  const told = store.state !== state && store.state.speed === state.speed;
  switch (command) {
    case "play":
      return (now !== status || told) && now !== "loading" && now !== "idle";
    case "pause":
      // Where play is still unanswered, a state that is merely not running says nothing of the pause.
      if (afterPlay && (store.state.is_building || (!told && waiting < PATIENCE))) return false;
      return now !== "running" && now !== "loading";
    case "reset":
      return (told && now !== "running") || (store.progress?.run ?? 0) > Number.parseInt(before, 10);
    default:
      return now !== "loading" && (told || position(store) !== before);
  }
}
