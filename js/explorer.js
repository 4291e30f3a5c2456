/** The explorer on the page: its parts, and what makes them draw. Knows nothing of Jupyter. */

/** @import { Command, PanelName, Rect, Selected } from "./types.js" */
/** @import { Cell } from "./stage.js" */
/** @import { Kernel } from "./kernel.js" */
/** @import { Store } from "./store.js" */

import { UNSEEN } from "./cells.js";
import { html, OWN_KEYS, scaleOf, setAttributes } from "./dom.js";
import { EditList } from "./edit-list.js";
import { FactorMap } from "./factor-map.js";
import { FactorMaps } from "./factor-maps.js";
import { FactorStrips } from "./factor-strips.js";
import { factorField, matrixField, stripField } from "./fields.js";
import { plain } from "./format.js";
import { Header } from "./header.js";
import { MapPointer } from "./map-pointer.js";
import { Matrices } from "./matrices.js";
import { boundOf } from "./matrix-picture.js";
import { MeasureRequests } from "./measure-requests.js";
import { PanelTools } from "./panel-tools.js";
import { makePanels } from "./panels.js";
import { PastRequests } from "./past-requests.js";
import { Pointer } from "./pointer.js";
import { watchRoom } from "./room.js";
import { Scrubber } from "./scrubber.js";
import { choose, inWords } from "./selection.js";
import { SettingsBar } from "./settings-bar.js";
import { tableOf } from "./tables.js";
import { Tabs } from "./tabs.js";
import { isDark, readPalette, watchTheme } from "./theme.js";
import { partKeys, Toolbar } from "./toolbar.js";
import { Tooltip } from "./tooltip.js";
import { Transport } from "./transport.js";
import { arrangement } from "./viewport.js";
import { WindowRequests } from "./window-requests.js";
import { YouPanel } from "./you-panel.js";

/** How often the seconds of loading and waiting are looked at, in milliseconds. */
const LOOK = 250;

/** How much larger all is before a projector, and the CSS pixels that the explorer wants to be wide at least. */
const PROJECTED = 1.5;
const LEAST_WIDTH = 480;

/** CSS pixels of the line under a plot: the loss curves, which have none, end with it. */
const LEGEND = 20;

/**
 * @typedef {Object} Options
 * @property {Rect} first the window that is there without asking
 * @property {PanelName[]} panels
 * @property {string} name what the widget is called
 * @property {boolean} has_controls
 * @property {boolean} has_header
 * @property {boolean} has_status
 * @property {boolean} is_compact
 * @property {(selected: Selected) => void} select
 * @property {(ratings: import("./you.js").YourRating[]) => void} rate
 * @property {(epoch: number | null) => void} seek tells which epoch is shown
 */

export class Explorer {
  /**
   * @param {HTMLElement} host
   * @param {Store} store
   * @param {Kernel} kernel
   * @param {Options} options
   * @param {AbortSignal} signal
   */
  constructor(host, store, kernel, options, signal) {
    const { first, panels, name } = options;
    this.options = options;
    this.host = host;
    this.store = store;
    this.kernel = kernel;
    this.root = html("div", {
      class: "recowidget",
      role: "group",
      "aria-label": name,
      tabindex: -1,
      "data-compact": options.is_compact,
      ...OWN_KEYS,
    });
    host.append(this.root);
    this.header = new Header(name);
    this.transport = new Transport(
      kernel.view,
      (command) => this.act(command),
      (command, content) => kernel.order(command, content),
      options.has_controls,
      signal,
    );
    this.toolbar = new Toolbar(
      {
        find: (query, serial) => kernel.search(query, serial),
        whole: (whole) => this.showWhole(whole),
        hide: (hidden) => this.hide(hidden),
        goTo: (match) => this.goTo(match),
        zoom: (steps) => this.zoom(steps),
        sort: (side, by, of) => kernel.sort(side, { by, of }, store.pastEpoch, this.requests.asked),
      },
      kernel.view,
      panels.includes("predictions"),
      signal,
    );
    const inspected = {
      changed: () => this.request(),
      ask: (/** @type {import("./inspection-requests.js").Question} */ question) => kernel.inspect(question),
      select: (/** @type {Partial<Selected>} */ change) => this.pick(change),
      edit: (/** @type {import("./edit-row.js").Change} */ change) => kernel.order("edit", { ...change }),
    };
    const ordered = {
      takeBack: (/** @type {number} */ run) => kernel.order("take back", { run }),
      show: (/** @type {number} */ run, /** @type {boolean} */ is_shown) =>
        kernel.order("show run", { run, is_shown }),
      rename: (/** @type {number} */ run, /** @type {string} */ text) =>
        kernel.order("name run", { run, name: text }),
      pin: (/** @type {number | null} */ run) => kernel.order("pin run", { run }),
    };
    this.parts = makePanels(panels, kernel.view, { ...inspected, ...ordered }, signal);
    const { matrices, factors, inPlot, map, loss, architecture } = this.parts;
    this.settingsBar = new SettingsBar(
      kernel.view,
      (name, value) => kernel.order("set", { name, value }),
      signal,
    );
    this.panels = matrices;
    this.loss = loss;
    this.architecture = architecture;
    this.tabs = new Tabs(this.panels, () => this.layOut(), signal);
    this.tooltip = new Tooltip();
    const voice = html("div", { class: "rw-hidden", "aria-live": "polite" });
    this.edits = new EditList(
      kernel.view,
      {
        undo: () => kernel.order("undo", {}),
        redo: () => kernel.order("redo", {}),
        choose: ({ user, item }) => this.pick({ user, item }),
      },
      signal,
    );
    this.you = new YouPanel(
      `${kernel.view}-you`,
      {
        ask: (question) => kernel.you(question),
        find: (query, serial) => kernel.search(query, serial, "item"),
        rate: (ratings) => this.rate(ratings),
        choose: (item) => this.pick({ item }),
        changed: () => this.request(),
      },
      signal,
    );
    const hasYou = panels.includes("you");
    this.projector = html(
      "button",
      {
        type: "button",
        class: "rw-link",
        title: "Large type, for those in the last row",
        "aria-pressed": "false",
        ...OWN_KEYS,
      },
      "Projector",
    );
    this.header.links.append(this.projector);
    if (options.has_controls)
      this.header.links.append(
        this.edits.element,
        ...(hasYou ? [this.you.button] : []),
        this.settingsBar.button,
      );
    this.inspector = this.parts.inspector;
    this.scrubber = new Scrubber((epoch) => this.seek(epoch), signal);
    this.grid = this.parts.grid;
    const { has_controls, has_header, has_status } = options;
    // The padding is the body's: container queries and clientWidth then mean the same width.
    this.root.append(
      html(
        "div",
        { class: has_header ? "rw-body" : "rw-body rw-alone" },
        ...(has_header ? [this.header.element] : []),
        ...(has_controls ? [this.settingsBar.element] : []),
        ...(has_controls || has_status ? [this.transport.element, this.transport.failure] : []),
        ...(hasYou ? [this.you.section] : []),
        ...(this.panels.length ? [this.toolbar.element] : []),
        this.grid,
        ...(has_controls ? [this.scrubber.element] : []),
      ),
      this.tooltip.element,
      voice,
    );
    this.matrices = new Matrices(this.panels, store, readPalette(this.root, false));
    const maps = new FactorMaps(inPlot ? [] : factors, this.matrices);
    const strips = new FactorStrips(inPlot ? factors : [], this.matrices);
    this.maps = inPlot ? strips : maps;
    const fields = [
      ...this.panels.map((panel) => matrixField(panel, this.matrices)),
      ...maps.panels.map((panel) => factorField(panel, maps)),
      ...strips.panels.map((panel) => stripField(panel, strips)),
    ];
    const told = {
      changed: () => this.request(),
      select: (/** @type {Cell | null} */ cell) => this.select(cell),
      swap: (/** @type {Cell} */ cell) => this.swap(cell),
    };
    this.pointer = new Pointer(this.matrices, fields, this.tooltip, voice, told, signal);
    this.map = map && new FactorMap(map, this.matrices);
    const changed = () => this.request();
    const select = (/** @type {Selected} */ selected) => this.point(selected);
    this.mapPointer = this.map && new MapPointer(this.map, this.tooltip, voice, { changed, select }, signal);
    const read = (/** @type {PanelName} */ name) => ({
      table: tableOf(name, store, {
        rect: this.matrices.stage.rect,
        whole: this.matrices.whole,
        answer: this.you.answer,
      }),
      epoch: store.shownEpoch,
    });
    const sections = new Map(this.parts.sections);
    if (hasYou) sections.set("you", this.you.section);
    this.tools = [...sections].map(
      ([panel, section]) => new PanelTools(section, /** @type {PanelName} */ (panel), read, signal),
    );
    this.requests = new WindowRequests((rect) => this.fetch(rect), first, signal);
    this.pastRequests = new PastRequests(
      (epochs, serial) => kernel.past(epochs, serial),
      () => this.request(),
      () => performance.now(),
      signal,
    );
    this.measureRequests = new MeasureRequests(
      (epochs) => kernel.measure(epochs),
      () => this.request(),
      () => performance.now(),
      signal,
    );
    /** Of the orders that this view's own window is in. */
    this.serial = "0 0";
    this.wasWhole = false;
    this.handle = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.acked = 0;
    this.inSight = true;
    this.unlaid = true;
    /** CSS pixels, measured with the rest: to ask for them with each frame would lay out the page. */
    this.breadth = 0;
    this.architectureWidth = 0;
    this.plot = { width: 0, height: 0 };
    /** @type {number | null} */
    this.loadingSince = null;
    this.watch(signal);
    this.request();
  }

  /** @param {AbortSignal} signal */
  watch(signal) {
    const seen = (/** @type {boolean} */ inSight) => {
      if (inSight && !this.inSight) this.layOut();
      this.inSight = inSight;
    };
    watchRoom(this.root, { changed: () => this.layOut(), seen }, signal);
    watchTheme(this.root, signal, () => this.layOut());
    signal.addEventListener("abort", () => {
      cancelAnimationFrame(this.handle);
      clearTimeout(this.timer);
      this.root.remove();
    });
    this.root.addEventListener("keydown", (event) => this.key(event), { signal });
    this.projector.addEventListener("click", () => this.project(!this.isProjected), { signal });
    for (const panel of this.panels) {
      panel.other.addEventListener("click", () => this.turn(panel), { signal });
      for (const { kind, button } of panel.looks) {
        button.addEventListener("click", () => this.look(panel, kind), { signal });
      }
    }
  }

  get isProjected() {
    return this.projector.getAttribute("aria-pressed") === "true";
  }

  /** @param {boolean} projected whether all of it is to be large */
  project(projected) {
    setAttributes(this.projector, { "aria-pressed": String(projected) });
    this.layOut();
  }

  /**
   * @param {import("./matrix-panel.js").MatrixPanel} panel
   * @param {import("./types.js").PanelName} look
   */
  look(panel, look) {
    panel.choose(look);
    for (const tools of this.tools) tools.update();
    this.layOut();
  }

  /**
   * Compare with another run: who pins one wants to see how it differs.
   *
   * @param {import("./types.js").Pinned | null} pinned
   */
  pin(pinned) {
    const isAnother = pinned !== null && pinned.run !== this.store.pinned?.run;
    this.store.setPinned(pinned);
    for (const panel of this.panels) {
      if (panel.kind !== "residuals") continue;
      if (isAnother || !pinned) panel.showOther(isAnother);
    }
    this.layOut();
  }

  /** @param {import("./matrix-panel.js").MatrixPanel} panel */
  turn(panel) {
    panel.turn();
    this.matrices.predictionsKey = "";
    this.layOut();
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
    for (const { key, shown } of this.panels) {
      if (shown === "split") {
        key.replaceChildren(...partKeys(this.store.summary));
        continue;
      }
      if (shown === "residuals" || shown === "differences") {
        const bound = boundOf(shown, this.store.summary.rating_scale);
        key.replaceChildren(plain(-bound), ramp(this.matrices.palette.around), `+${plain(bound)}`);
        continue;
      }
      if (shown === "deviations") {
        key.replaceChildren("sure", ramp(this.matrices.palette.unsure), "unsure");
        continue;
      }
      key.replaceChildren(plain(low), ramp(this.matrices.palette.stops), plain(high));
    }
    for (const { key } of this.maps.panels) {
      key.replaceChildren(ramp(this.matrices.palette.around));
      delete key.dataset.bound;
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
    if (store.asked !== this.acked) kernel.ack(store.asked, this.requests.asked);
    this.acked = store.asked;
  }

  draw() {
    const { store, matrices } = this;
    if (this.unlaid) this.measure();
    const { stage } = matrices;
    const { has_controls, has_header, has_status, panels } = this.options;
    if (has_header) this.header.update(store.summary, store.settings, store.state.engine);
    if (has_controls) this.settingsBar.update(store);
    if (has_controls) this.edits.update(store);
    this.parts.runs.update(store);
    if (has_controls || has_status) this.transport.update(store, this.kernel, this.loading());
    this.toolbar.update(store, stage.viewport, matrices.canZoom, matrices.whole?.binning ?? "");
    matrices.update();
    this.maps.update(this.plot);
    this.map?.update(this.plot);
    const mapped = this.panels.length + this.maps.panels.length > 0;
    if (panels.includes("loss")) {
      const told = has_controls && store.summary.n_test > 0;
      const measured = told && !this.options.is_compact;
      const size = { width: this.plot.width, height: this.plot.height + LEGEND };
      this.loss.update(store, size, { measured, told });
      if (measured) this.measureRequests.want(store);
    }
    this.architecture.update(store.architecture, this.architectureWidth);
    this.inspector.update(store, matrices.palette);
    this.you.update(store, matrices.palette);
    if (has_controls) {
      this.scrubber.update(store, this.breadth);
      this.pastRequests.want(store);
    }
    if (!this.mapPointer?.update(this.root)) this.pointer.update(this.root);
    this.wantOverview();
    if (mapped) this.requests.want(stage.rect, stage.n_users, stage.n_items);
  }

  measure() {
    const room = this.host.clientWidth;
    // It stays as wide as it has to be at least, by its own measures.
    const zoom = this.isProjected ? Math.max(1, Math.min(PROJECTED, room / LEAST_WIDTH)) : 1;
    this.root.style.zoom = String(zoom);
    const widget = this.root.clientWidth;
    if (widget === 0) return;
    this.matrices.offerOthers();
    this.readTheme();
    const { matrix } = this.parts.counts;
    const { columns, cell, height, plot } = arrangement(widget, matrix, this.options.is_compact);
    const narrow = columns === 1 && this.panels.length > 1;
    if (narrow && !this.tabs.element.isConnected) this.grid.before(this.tabs.element);
    if (!narrow) this.tabs.element.remove();
    this.tabs.show(narrow);
    this.breadth = this.grid.clientWidth;
    const wide = (/** @type {string} */ selector) =>
      this.grid.querySelector(`${selector}:not([hidden])`)?.clientWidth ?? this.breadth;
    // Without matrices beside it, a plot has the height of one, and its line.
    this.plot = { width: wide("[data-place=plot]"), height: matrix ? plot : height - LEGEND };
    this.architectureWidth = wide("[data-panel=architecture]");
    const width = wide("[data-place=matrix]");
    this.inspector.measure();
    this.matrices.layout({ width, cell, height, ratio: devicePixelRatio * scaleOf(this.root) });
    this.unlaid = false;
  }

  /** @returns {number} milliseconds that TensorFlow has been loading; looks again while something is awaited */
  loading() {
    const { status, is_building } = this.store.state;
    const loading = status === "loading" || is_building;
    this.loadingSince = loading ? (this.loadingSince ?? performance.now()) : null;
    if (loading || this.kernel.pending) {
      this.timer ??= this.lookAgain();
    }
    return this.loadingSince === null ? 0 : performance.now() - this.loadingSince;
  }

  lookAgain() {
    return setTimeout(() => {
      this.timer = undefined;
      this.request();
    }, LOOK);
  }

  /** @param {Command} command */
  act(command) {
    // Every step counts, however fast they come; to play, pause or reset twice says nothing new.
    if (this.kernel.pending?.command === command && !command.startsWith("step")) return;
    this.kernel.command(command, this.store);
    this.request();
  }

  /**
   * Select what a cell stands for, or take that back; of null nothing is selected.
   *
   * @param {Cell | null} cell
   * @returns {string} in words
   */
  select(cell) {
    if (cell?.binned) {
      this.matrices.enter(cell);
      this.layOut();
      const { users, items } = this.matrices.stage.rect;
      return `Single cells: users ${users[0] + 1} to ${users[1]}, items ${items[0] + 1} to ${items[1]}`;
    }
    return this.point(choose(this.store, cell));
  }

  /**
   * @param {Selected} selected
   * @returns {string} in words
   */
  point(selected) {
    this.store.selected = selected;
    this.options.select(selected);
    this.request();
    return inWords(this.store);
  }

  /**
   * Move the rating of a cell between train and test.
   *
   * @param {Cell} cell
   * @returns {string} in words; empty where there is none to move
   */
  swap({ user, item }) {
    const { store, kernel } = this;
    const { part } = user >= 0 && item >= 0 ? store.cells.at(user, item) : { part: UNSEEN };
    if (!store.edit_list || !store.isLive || part >= UNSEEN) return "";
    const to = part === 2 ? "train" : "test";
    const pair = { user: store.users.indices[user], item: store.items.indices[item] };
    this.point(pair);
    kernel.order("edit", { ...pair, part: to });
    return `Moved to ${to}`;
  }

  /**
   * Select by index: what a list names may lie where nothing of the matrix is here yet.
   *
   * @param {Partial<Pick<Selected, "user" | "item">>} change
   */
  pick({ user = null, item = null }) {
    const { selected } = this.store;
    this.point({
      ...selected,
      ...(user === null ? {} : { user, users: [user] }),
      ...(item === null ? {} : { item, items: [item] }),
    });
    this.reveal();
  }

  /** @param {import("./you.js").YourRating[]} ratings of who sits before it */
  rate(ratings) {
    this.store.your_ratings = ratings;
    this.options.rate(ratings);
    this.request();
  }

  /**
   * Show an epoch that is kept; null: what there is now.
   *
   * @param {number | null} epoch
   */
  seek(epoch) {
    if (epoch === this.store.cursor) return;
    this.store.seek(epoch);
    this.options.seek(epoch);
    this.request();
  }

  /**
   * Ask for another window. What is here of past epochs is not of it.
   *
   * @param {Rect} rect
   */
  fetch(rect) {
    this.store.forgetPast();
    this.kernel.window(rect);
  }

  /**
   * A window has come. Where it is in another order, that is shown from its start.
   *
   * @param {import("./types.js").WindowData} data
   * @param {boolean} own whether this view asked for it
   */
  take(data, own) {
    const turned = this.store.addWindow(data);
    const { serial } = this;
    const { user, item } = data.order;
    const order = `${user.serial} ${item.serial}`;
    // Until the view's own has come, it is as if it had asked for that of another.
    if (own && order !== serial) this.requests.asked = data;
    if (own) this.serial = order;
    if (!turned.user && !turned.item) return;
    const { viewport } = this.matrices.stage;
    this.matrices.stage.moveTo({
      user: turned.user ? 0 : viewport.user,
      item: turned.item ? 0 : viewport.item,
    });
  }

  /**
   * Select what a search has found, and show it in the middle.
   *
   * @param {import("./types.js").Match} match
   */
  goTo({ side, index, position }) {
    const { store } = this;
    const { stage, whole } = this.matrices;
    const { user, item, rows, columns } = stage.viewport;
    if (whole) {
      this.matrices.showWhole(false);
      this.layOut();
    }
    stage.moveTo(
      side === "user"
        ? { user: position - Math.floor(rows / 2), item }
        : { user, item: position - Math.floor(columns / 2) },
    );
    this.point({ ...store.selected, [side]: index, [`${side}s`]: [index] });
  }

  /** What is selected elsewhere comes into view, where it is known where it stands. */
  reveal() {
    const { stage } = this.matrices;
    const { user, item } = this.store.selection;
    stage.reveal({ user, item });
    this.request();
  }

  /** @param {ReadonlySet<number>} hidden parts whose cells are not to be shown */
  hide(hidden) {
    this.matrices.hidden = hidden;
    this.matrices.forget();
    this.request();
  }

  /** @param {boolean} whole whether the whole matrix is shown, binned */
  showWhole(whole) {
    this.matrices.showWhole(whole);
    // What is here of past epochs knows nothing of bins.
    if (whole) this.store.forgetPast();
    this.layOut();
  }

  /** Ask for the bins of the whole matrix while it is shown. */
  wantOverview() {
    const { matrices, kernel } = this;
    if (this.wasWhole && !matrices.whole) kernel.overview({ rows: 0, columns: 0 }, false);
    this.wasWhole = matrices.whole !== null;
    const residuals = this.panels.some(({ kind }) => kind === "residuals");
    const ask = (/** @type {{rows: number, columns: number}} */ shape) => kernel.overview(shape, residuals);
    if (matrices.whole?.want(ask, performance.now())) this.timer ??= this.lookAgain();
  }

  /** @param {number} steps */
  zoom(steps) {
    const { whole } = this.matrices;
    this.matrices.zoom(steps, null);
    if (whole !== this.matrices.whole) this.layOut();
    this.request();
  }

  /**
   * Space plays and pauses wherever it does not already press something; Ctrl+Z undoes wherever no text is written.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    const step = undoKey(event);
    if (step && this.store.edit_list && !(/** @type {Element} */ (event.target).closest("input"))) {
      event.preventDefault();
      event.stopPropagation();
      this.edits[step].click();
      return;
    }
    const target = /** @type {Element} */ (event.target);
    if (
      !this.options.has_controls ||
      event.key !== " " ||
      event.ctrlKey ||
      event.altKey ||
      event.metaKey ||
      target.closest("button, select, input")
    )
      return;
    event.preventDefault();
    if (!event.repeat) this.transport.toggle();
  }
}

/**
 * @param {KeyboardEvent} event
 * @returns {"undo" | "redo" | null}
 */
function undoKey({ key, ctrlKey, metaKey, shiftKey, altKey }) {
  if (!(ctrlKey || metaKey) || altKey) return null;
  if (key.toLowerCase() === "z") return shiftKey ? "redo" : "undo";
  return key === "y" ? "redo" : null;
}

/** @param {string[]} stops */
function ramp(stops) {
  const element = html("span", { class: "rw-ramp" });
  element.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  return element;
}
