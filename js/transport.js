/** Buttons that drive the training, and the status that answers. */

/** @import { Command } from "./types.js" */
/** @import { Kernel } from "./kernel.js" */
/** @import { Store } from "./store.js" */

import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";
import { icon, markIcon } from "./icons.js";
import { isAskedFor } from "./settings-bar.js";
import { describe, lossesInWords } from "./status.js";

/** How fast Play trains. */
const SPEEDS = { full: "full speed", 10: "10 epochs/s", 1: "1 epoch/s", slow: "slow motion" };

/** Which vectors are trained: with one side held still, one sees how the other follows. */
const UPDATES = { both: "users and items", users: "users only", items: "items only" };

/** Room the counter keeps, in CSS pixels, so that what follows stays where it is while it counts. */
const COUNTER = { words: 52, digit: 21 };

export class Transport {
  /**
   * @param {string} view by which ids are told from those of other views
   * @param {(command: Command) => void} act
   * @param {(command: string, content: Record<string, string>) => void} order
   * @param {boolean} has_controls whether the training can be driven; otherwise only its status is told
   * @param {AbortSignal} signal
   */
  constructor(view, act, order, has_controls, signal) {
    this.act = act;
    this.has_controls = has_controls;
    this.playIcon = icon("play");
    this.pauseIcon = icon("pause");
    this.playing = false;
    this.play = button("Play", this.playIcon);
    this.play.classList.add("rw-primary");
    this.stepBatch = button("Step batch", icon("step batch"));
    this.stepEpoch = button("Step epoch", icon("step epoch"));
    this.reset = button("Reset", icon("reset"));
    this.play.addEventListener("click", () => this.toggle(), { signal });
    for (const [element, command] of /** @type {const} */ ([
      [this.stepBatch, "step batch"],
      [this.stepEpoch, "step epoch"],
      [this.reset, "reset"],
    ])) {
      element.addEventListener(
        "click",
        () => {
          if (element.getAttribute("aria-disabled") !== "true") act(command);
        },
        { signal },
      );
    }
    const speed = { name: "Speed", title: "How fast Play trains", choices: SPEEDS };
    this.speed = new Choice(speed, (value) => order("speed", { speed: value }), signal);
    const updates = { name: "Update", title: "", choices: UPDATES };
    this.updates = new Choice(updates, (value) => order("updates", { updates: value }), signal);
    this.together = html("span", { class: "rw-note rw-together", id: `${view}-together`, hidden: true });
    setAttributes(this.updates.element, { "aria-describedby": this.together.id });
    this.epoch = html("b", { class: "rw-epoch" });
    this.planned = html("span", { class: "rw-planned" });
    this.counter = html("span", { class: "rw-counter" }, "epoch ", this.epoch, this.planned);
    this.mark = markIcon();
    this.word = html("span", { class: "rw-word" });
    this.detail = html("span", { class: "rw-detail" });
    // The line of epochs says it to a screen reader.
    this.past = html("span", { class: "rw-detail", "aria-hidden": "true" });
    this.losses = html("span", { class: "rw-losses" });
    this.status = html(
      "div",
      { class: "rw-status", role: "status", "aria-live": "polite" },
      this.counter,
      " ",
      html("span", { class: "rw-chip" }, this.mark.element, this.word, " ", this.detail, " ", this.past),
      " ",
      this.losses,
    );
    this.progress = html("div", { class: "rw-progress" });
    this.failure = html("div", { class: "rw-failure", role: "alert", hidden: true });
    this.element = html(
      "div",
      { class: "rw-transport" },
      ...(has_controls
        ? [
            html(
              "div",
              { class: "rw-buttons" },
              this.play,
              this.stepBatch,
              this.stepEpoch,
              this.reset,
              this.updates.element,
              this.together,
              this.speed.element,
            ),
          ]
        : []),
      this.status,
      html("div", { class: "rw-edge", "aria-hidden": "true" }, this.progress),
    );
  }

  toggle() {
    if (!this.has_controls || this.play.getAttribute("aria-disabled") === "true") return;
    this.act(this.playing ? "pause" : "play");
  }

  /**
   * @param {Store} store
   * @param {Kernel} kernel
   * @param {number} loading milliseconds that TensorFlow has been loading
   */
  update(store, kernel, loading) {
    const { state, progress, epoch, epochs } = store;
    const { pending, waiting } = kernel;
    const running = state.status === "running";
    this.showPlaying(running || pending?.command === "play" || state.status === "loading");
    setAttributes(this.play, { "aria-disabled": store.isLive ? null : "true" });
    const asked = isAskedFor(store.proposed, store.settings);
    const untouched = state.status === "idle" && epoch === 0 && !progress?.batch && !asked;
    setAttributes(this.reset, { title: asked ? "Begins a run with the changed settings" : null });
    const off = running || !store.isLive;
    setAttributes(this.stepBatch, { "aria-disabled": String(off) });
    setAttributes(this.stepEpoch, { "aria-disabled": String(off) });
    setAttributes(this.reset, { "aria-disabled": String((untouched && pending === null) || !store.isLive) });
    this.speed.update(state.speed, store.isLive);
    this.updates.update(state.updates, store.isLive && state.has_halves);
    const name = state.engine?.name ?? "";
    const why = state.has_halves ? "" : `engine ${name} trains all weights together`;
    setText(this.together, why);
    setAttributes(this.together, { hidden: why === "" });
    setAttributes(this.updates.element, { title: why || "Which side is trained" });
    // Thirty changes a second are not for reading out, nor is each second of loading; the last of them is.
    const ticking = running || state.status === "loading" || state.is_building;
    setAttributes(this.status, { "aria-live": ticking ? "off" : "polite" });
    setText(this.epoch, String(epoch));
    this.counter.style.minWidth = `${COUNTER.words + COUNTER.digit * String(epochs).length}px`;
    setText(this.planned, epochs ? ` / ${epochs}` : "");
    const { mark, word, detail } = describe({
      state,
      progress,
      epochs,
      pending,
      waiting,
      loading,
      isLive: store.isLive,
      decider: store.losses.decider,
    });
    this.mark.show(mark);
    setText(this.word, word);
    setText(this.detail, detail);
    setText(this.past, store.pastEpoch === null ? "" : `showing epoch ${store.pastEpoch}`);
    setText(this.losses, lossesInWords(store.losses.last));
    const done = epochs
      ? (epoch + (progress?.batch ?? 0) / Math.max(1, progress?.n_batches ?? 1)) / epochs
      : 0;
    this.progress.style.width = `${(100 * Math.min(1, done)).toFixed(2)}%`;
    const failed = state.status === "failed" ? state.message.trim() : "";
    setText(this.failure, failed);
    setAttributes(this.failure, { hidden: failed === "" });
  }

  /** @param {boolean} playing */
  showPlaying(playing) {
    if (playing === this.playing) return;
    this.playing = playing;
    this.play.replaceChildren(playing ? this.pauseIcon : this.playIcon, label(playing ? "Pause" : "Play"));
    setAttributes(this.play, { "aria-label": playing ? "Pause" : "Play" });
  }
}

/** A list to choose from, whose choice the kernel has to confirm. */
class Choice {
  /**
   * @param {{name: string, title: string, choices: Record<string, string>}} texts
   * @param {(value: string) => void} choose
   * @param {AbortSignal} signal
   */
  constructor({ name, title, choices }, choose, signal) {
    this.element = html(
      "select",
      { class: "rw-select", "aria-label": name, title, ...OWN_KEYS },
      ...Object.entries(choices).map(([value, text]) => html("option", { value }, text)),
    );
    /** @type {string | null} what was chosen and not yet answered */
    this.chosen = null;
    this.element.addEventListener(
      "change",
      () => {
        this.chosen = this.element.value;
        choose(this.element.value);
      },
      { signal },
    );
  }

  /**
   * @param {string} value
   * @param {boolean} enabled
   */
  update(value, enabled) {
    setAttributes(this.element, { disabled: !enabled });
    // What was chosen here is not taken back by a state from before it.
    if (value === this.chosen) this.chosen = null;
    if (this.chosen === null && value !== this.element.value) this.element.value = value;
  }
}

/** @param {string} text */
function label(text) {
  return html("span", { class: "rw-button-text" }, text);
}

/**
 * @param {string} name
 * @param {Node} drawing
 */
function button(name, drawing) {
  return html(
    "button",
    { type: "button", class: "rw-button", "aria-label": name, ...OWN_KEYS },
    drawing,
    label(name),
  );
}
