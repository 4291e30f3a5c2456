/** The explorer on the page: its parts, and what makes them draw. Knows nothing of Jupyter. */

/** @import { Command, Rect } from "./types.js" */
/** @import { Kernel } from "./kernel.js" */
/** @import { Store } from "./store.js" */

import { html, OWN_KEYS } from "./dom.js";
import { plain } from "./format.js";
import { Header } from "./header.js";
import { LossPanel } from "./loss-panel.js";
import { Matrices } from "./matrices.js";
import { MatrixPanel } from "./matrix-panel.js";
import { Pointer } from "./pointer.js";
import { Tabs } from "./tabs.js";
import { isDark, readPalette, watchTheme } from "./theme.js";
import { partKeys, Toolbar } from "./toolbar.js";
import { Tooltip } from "./tooltip.js";
import { Transport } from "./transport.js";
import { arrangement } from "./viewport.js";
import { WindowRequests } from "./window-requests.js";

/** How often the seconds of loading and waiting are looked at, in milliseconds. */
const LOOK = 250;

/** CSS pixels of the line under a matrix: the loss curves, which have none, end with it. */
const LEGEND = 20;

export class Explorer {
  /**
   * @param {HTMLElement} host
   * @param {Store} store
   * @param {Kernel} kernel
   * @param {{first: Rect, has_controls: boolean}} options the window that is there without asking, and whether
   *   there are buttons
   * @param {AbortSignal} signal
   */
  constructor(host, store, kernel, { first, has_controls }, signal) {
    this.host = host;
    this.store = store;
    this.kernel = kernel;
    const name = has_controls ? "MFExplorer" : "Live training";
    this.root = html("div", {
      class: "recowidget",
      role: "group",
      "aria-label": name,
      tabindex: -1,
      ...OWN_KEYS,
    });
    host.append(this.root);
    this.header = new Header(name);
    this.transport = new Transport((command) => this.act(command), has_controls, signal);
    this.toolbar = new Toolbar((steps) => this.zoom(steps), signal);
    this.panels = matrixPanels(kernel.view);
    this.loss = new LossPanel(`${kernel.view}-loss`);
    this.tabs = new Tabs(this.panels, () => this.layOut(), signal);
    this.tooltip = new Tooltip();
    const voice = html("div", { class: "rw-hidden", "aria-live": "polite" });
    this.grid = html(
      "div",
      { class: "rw-panels" },
      ...this.panels.map((panel) => panel.section),
      this.loss.section,
    );
    // The padding is the body's: container queries and clientWidth then mean the same width.
    this.root.append(
      html(
        "div",
        { class: "rw-body" },
        this.header.element,
        this.transport.element,
        this.transport.failure,
        this.toolbar.element,
        this.grid,
      ),
      this.tooltip.element,
      voice,
    );
    this.matrices = new Matrices(this.panels, store, readPalette(this.root, false));
    this.pointer = new Pointer(this.matrices, this.tooltip, voice, () => this.request(), signal);
    this.requests = new WindowRequests((rect) => kernel.window(rect), first, signal);
    this.handle = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.acked = -1;
    this.inSight = true;
    this.unlaid = true;
    /** @type {number | null} */
    this.loadingSince = null;
    this.watch(signal);
    this.request();
  }

  /** @param {AbortSignal} signal */
  watch(signal) {
    const resized = new ResizeObserver(() => this.layOut());
    resized.observe(this.root);
    const seen = new IntersectionObserver((entries) => {
      const inSight = entries[entries.length - 1].isIntersecting;
      if (inSight && !this.inSight) this.layOut();
      this.inSight = inSight;
    });
    seen.observe(this.root);
    signal.addEventListener("abort", () => {
      resized.disconnect();
      seen.disconnect();
      cancelAnimationFrame(this.handle);
      clearTimeout(this.timer);
      this.root.remove();
    });
    watchTheme(this.root, signal, () => this.layOut());
    this.watchRatio(signal);
    this.root.addEventListener("keydown", (event) => this.key(event), { signal });
  }

  /**
   * A media query answers for one ratio only, so each change asks anew.
   *
   * @param {AbortSignal} signal
   */
  watchRatio(signal) {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener(
      "change",
      () => {
        this.layOut();
        this.watchRatio(signal);
      },
      { signal, once: true },
    );
  }

  /** Colours are known once the widget lies in a page: JupyterLab renders it before it puts it there. */
  readTheme() {
    const dark = isDark(this.host);
    this.root.dataset.theme = dark ? "dark" : "light";
    this.matrices.palette = readPalette(this.root, dark);
    this.showScale();
  }

  /** The key of the rating colours under the matrices that use them. */
  showScale() {
    const [low, high] = this.store.summary.rating_scale;
    for (const { kind, key } of this.panels) {
      if (kind === "split") {
        key.replaceChildren(...partKeys(this.store.summary));
        continue;
      }
      const ramp = html("span", { class: "rw-ramp" });
      ramp.style.background = `linear-gradient(to right, ${this.matrices.palette.stops.join(", ")})`;
      key.replaceChildren(plain(low), ramp, plain(high));
    }
  }

  /** Measure anew, then draw everything. */
  layOut() {
    this.unlaid = true;
    this.request();
  }

  /** Draw before the next picture on screen, once however often this is asked. */
  request() {
    this.handle ||= requestAnimationFrame(() => {
      this.handle = 0;
      this.update();
    });
  }

  update() {
    const { store, kernel } = this;
    kernel.settle(store);
    if (this.inSight) this.draw();
    const frame = store.progress?.frame ?? -1;
    if (frame !== this.acked && store.progress) kernel.ack(frame, this.requests.asked);
    this.acked = frame;
  }

  draw() {
    const { store, matrices } = this;
    if (this.unlaid) this.measure();
    const { stage } = matrices;
    this.header.update(store.summary, store.settings);
    this.transport.update(store, this.kernel, this.loading());
    this.toolbar.update(store, stage.viewport, stage.canZoom);
    matrices.update();
    this.loss.update(store, { width: stage.room.width, height: stage.height + LEGEND });
    this.pointer.update(store, this.root);
    this.requests.want(stage.rect, stage.n_users, stage.n_items);
  }

  measure() {
    const widget = this.root.clientWidth;
    if (widget === 0) return;
    this.readTheme();
    const narrow = arrangement(widget).columns === 1;
    if (narrow && !this.tabs.element.isConnected) this.grid.before(this.tabs.element);
    if (!narrow) this.tabs.element.remove();
    this.tabs.show(narrow);
    const width = this.loss.section.clientWidth;
    this.matrices.layout({ width, widget, ratio: devicePixelRatio });
    this.unlaid = false;
  }

  /** @returns {number} milliseconds that TensorFlow has been loading; looks again while something is awaited */
  loading() {
    const { status, is_building } = this.store.state;
    const loading = status === "loading" || is_building;
    this.loadingSince = loading ? (this.loadingSince ?? performance.now()) : null;
    if (loading || this.kernel.pending) {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.request();
      }, LOOK);
    }
    return this.loadingSince === null ? 0 : performance.now() - this.loadingSince;
  }

  /** @param {Command} command */
  act(command) {
    // Every step counts, however fast they come; to play, pause or reset twice says nothing new.
    if (this.kernel.pending?.command === command && !command.startsWith("step")) return;
    this.kernel.command(command, this.store);
    this.request();
  }

  /** @param {number} steps */
  zoom(steps) {
    this.matrices.stage.zoom(steps, null);
    this.request();
  }

  /**
   * Space plays and pauses wherever it does not already press something.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.key !== " " || event.ctrlKey || event.altKey || event.metaKey || target.closest("button"))
      return;
    event.preventDefault();
    if (!event.repeat) this.transport.toggle();
  }
}

/** @param {string} view */
function matrixPanels(view) {
  return [
    new MatrixPanel({ kind: "ratings", label: "Ratings matrix", title: "Ratings" }, `${view}-ratings`),
    new MatrixPanel({ kind: "split", label: "Train/test grid", title: "Train/test" }, `${view}-split`),
    new MatrixPanel(
      { kind: "predictions", label: "Predictions matrix", title: "Predictions" },
      `${view}-predictions`,
    ),
  ];
}
