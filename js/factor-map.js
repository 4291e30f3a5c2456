/** Users and items where their factors are: a plane through the origin, in which points travel as training goes on. */

/** @import { By } from "./map-colors.js" */
/** @import { Dot } from "./map-geometry.js" */
/** @import { Candidate } from "./map-names.js" */
/** @import { MapPanel } from "./map-panel.js" */
/** @import { Matrices } from "./matrices.js" */
/** @import { Points } from "./types.js" */

import { html, setAttributes, setText } from "./dom.js";
import { count, noun, plain, titleParts } from "./format.js";
import { choices, countDomain, GENRE_COLORS, itemColors, meanDomain } from "./map-colors.js";
import { dotsOf, pathOf, toScreen } from "./map-geometry.js";
import { placeNames } from "./map-names.js";
import { SECOND_LINE } from "./map-panel.js";
import * as picture from "./map-picture.js";
import { MapScale, reachOf } from "./map-scale.js";
import { ellipsis } from "./matrix-overlay.js";
import { BLEED } from "./matrix-panel.js";

const MOST_NAMES = 12;

/** So many of the most rated items may be named. */
const NAMEABLE = 150;

/** Of a cloud that fills less than this share of the map, names would be a heap. */
const SPREAD = 0.3;

/** CSS pixels of a name at most. */
const LONGEST = 150;

export class FactorMap {
  /**
   * @param {MapPanel} panel
   * @param {Matrices} matrices whose colours and crosshair it shares
   */
  constructor(panel, matrices) {
    this.panel = panel;
    this.matrices = matrices;
    this.store = matrices.store;
    this.scale = new MapScale();
    /** @type {By | null} null: the first there is */
    this.by = null;
    this.size = { width: 0, height: 0 };
    /** @type {Dot[]} */
    this.dots = [];
    /** @type {Points | null} */
    this.points = null;
    /** The row of each index among the points. */
    this.rows = { user: new Map(), item: new Map() };
    /** @type {string[]} of the items */
    this.colors = [];
    /** @type {string | null} what the colours are of, and in which theme */
    this.colored = null;
    /** @type {Map<string, {text: string, width: number}>} names as they were measured */
    this.texts = new Map();
    /** @type {import("./map-names.js").Named[]} */
    this.names = [];
    /** @type {Dot | null} the point of the pointer, or of the keys */
    this.cursor = null;
    /** @type {{x: number, y: number}[]} the line that is being drawn around points */
    this.lasso = [];
  }

  /** @returns {By} */
  get chosen() {
    const there = this.points ? choices(this.points, this.rated) : [];
    return this.by && there.includes(this.by) ? this.by : (there[0] ?? "activity");
  }

  get rated() {
    return this.store.summary.columns.rating !== null;
  }

  /** @param {{width: number, height: number}} plot */
  update({ width, height }) {
    const { store, panel, matrices } = this;
    const { ratio } = matrices.stage.room;
    if (width === 0) return;
    this.size = { width, height: height - SECOND_LINE };
    panel.resize(width, this.size.height, ratio);
    this.read();
    const { live } = store;
    if (live.map) {
      const reach = reachOf([live.map.users, live.map.items], width / this.size.height);
      const [low, high] = store.summary.rating_scale;
      this.scale.update(store.progress?.run ?? 0, store.epoch, reach, high - low);
    }
    panel.say(this.reason());
    const { user, item } = matrices.cursor ?? { user: -1, item: -1 };
    const key = [store.frames, store.selections, width, height, ratio, this.scale.bound, this.colored].join();
    matrices.once(panel.canvas, key, () => this.draw());
    const cursor = this.cursor ? `${this.cursor.kind} ${this.cursor.index}` : "";
    const path = panel.showsPath ? `${store.past.version} ${store.shownEpoch}` : "";
    matrices.once(panel.overlay, [key, cursor, user, item, path, this.lasso.length].join(), () =>
      this.drawOver(),
    );
  }

  /** Take other points, and their colours. */
  read() {
    const { store, matrices, panel } = this;
    const { dark, ratings } = matrices.palette;
    if (store.points !== this.points) {
      this.points = store.points;
      this.colored = null;
      this.texts.clear();
      const rows = (/** @type {Int32Array | undefined} */ indices) =>
        new Map(Array.from(indices ?? [], (index, k) => [index, k]));
      this.rows = { user: rows(this.points?.user_idx), item: rows(this.points?.item_idx) };
    }
    const colored = `${this.chosen} ${dark}`;
    if (!this.points || colored === this.colored) return;
    this.colored = colored;
    const scale = store.summary.rating_scale;
    this.colors = itemColors(this.points, this.chosen, { scale, table: ratings, dark });
    panel.offer(choices(this.points, this.rated), this.chosen);
    this.showKey(this.points);
  }

  /** @param {Points} points */
  showKey(points) {
    const { palette } = this.matrices;
    const { key } = this.panel;
    if (this.chosen === "genre") {
      const hues = palette.dark ? GENRE_COLORS.dark : GENRE_COLORS.light;
      const names = [...points.genres.map((name, k) => [name, hues[k]]), ["other", hues[hues.length - 1]]];
      key.replaceChildren(
        ...names.map(([name, hue]) => {
          const dot = html("span", { class: "rw-hue" });
          dot.style.background = hue;
          return html("span", { class: "rw-sign" }, dot, name);
        }),
      );
    } else {
      const means = this.chosen === "mean rating";
      const ends = means
        ? meanDomain(points.item_mean, this.store.summary.rating_scale)
        : countDomain(points.item_count);
      const ramp = html("span", { class: "rw-ramp" });
      ramp.style.background = `linear-gradient(to right, ${palette.stops.join(", ")})`;
      const [low, high] = ends.map((end) => (means ? plain(end) : count(end)));
      key.replaceChildren(low, ramp, high);
    }
    setAttributes(this.panel.section, { "data-by": this.chosen });
  }

  /** @returns {string} why there is nothing to see, or nothing */
  reason() {
    const { store } = this;
    if (store.shown.map) return "";
    if (!store.source) return store.summary.no_predictions || "The map comes with the model";
    return "This model has no factors to draw a map of";
  }

  draw() {
    const { panel, matrices, store, size } = this;
    const { palette, stage } = matrices;
    const { context, canvas } = panel;
    const { ratio } = stage.room;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const places = this.points && store.shown.map;
    this.dots = places ? dotsOf(places, size, this.scale.bound || 1) : [];
    this.caption();
    if (!places) {
      this.names = [];
      return;
    }
    picture.drawAxes(context, size, palette);
    const colorOf = (/** @type {Dot} */ dot) => this.colorOf(dot);
    picture.drawPoints(context, this.dots, colorOf, palette);
    const chosen = this.dots.filter((dot) => this.isSelected(dot)).map((dot) => this.onMap(dot));
    picture.drawSelected(context, chosen, (dot) => this.isPinned(dot), colorOf, palette);
    const reach = reachOf([places.users, places.items], size.width / size.height);
    this.names = this.nameSome(context, chosen, reach / this.scale.bound);
  }

  /**
   * What is looked at closely is never lost: outside, it stands at the edge.
   *
   * @param {Dot} dot
   * @returns {Dot}
   */
  onMap(dot) {
    if (dot.inside || !this.isPinned(dot)) return dot;
    const { width, height } = this.size;
    const x = Math.max(5, Math.min(width - 5, dot.x));
    return { ...dot, x, y: Math.max(5, Math.min(height - 5, dot.y)) };
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Dot[]} chosen
   * @param {number} spread of the cloud, of the map's size
   */
  nameSome(context, chosen, spread) {
    const candidate = (/** @type {Dot} */ dot, needed = false) => {
      const key = `${dot.kind} ${dot.index}`;
      return { key, text: this.measured(context, dot, needed).text, x: dot.x, y: dot.y, needed };
    };
    /** @type {Candidate[]} */
    const wanted = chosen.filter((dot) => this.isPinned(dot)).map((dot) => candidate(dot, true));
    if (spread >= SPREAD) {
      const items = this.dots.filter(({ kind, inside, k }) => kind === "item" && inside && k < NAMEABLE);
      // The best known, and the furthest out, where there is room.
      const merit = (/** @type {Dot} */ { x, y, k }) =>
        Math.hypot(x - this.size.width / 2, y - this.size.height / 2) * (1 - k / NAMEABLE / 2);
      // Names that come and go while points travel would flicker.
      const before = new Set(this.names.map(({ candidate: { key } }) => key));
      const kept = (/** @type {Dot} */ dot) => before.has(`${dot.kind} ${dot.index}`);
      items.sort((a, b) => Number(kept(b)) - Number(kept(a)) || merit(b) - merit(a));
      wanted.push(...items.filter((dot) => !this.isPinned(dot)).map((dot) => candidate(dot)));
    }
    const inside = this.dots.filter((dot) => dot.inside);
    const measure = (/** @type {Candidate} */ { key, needed }) =>
      this.texts.get(`${key} ${needed}`)?.width ?? 0;
    return placeNames(wanted, inside, measure, this.size, MOST_NAMES);
  }

  /**
   * A name cut to what there is room for, and its width: measured once, as points travel many times a second.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {Dot} dot
   * @param {boolean} bold
   */
  measured(context, dot, bold) {
    const key = `${dot.kind} ${dot.index} ${bold}`;
    const known = this.texts.get(key);
    if (known) return known;
    context.font = picture.fontOf(this.matrices.palette, bold);
    const text = ellipsis(context, this.shortName(dot), LONGEST);
    const found = { text, width: context.measureText(text).width };
    this.texts.set(key, found);
    return found;
  }

  drawOver() {
    const { panel, matrices, store } = this;
    const { palette, stage, cursor } = matrices;
    const { over, overlay } = panel;
    const { ratio } = stage.room;
    over.setTransform(1, 0, 0, 1, 0, 0);
    over.clearRect(0, 0, overlay.width, overlay.height);
    const bleed = Math.round(BLEED * ratio);
    over.setTransform(ratio, 0, 0, ratio, bleed, bleed);
    if (!store.shown.map) return;
    if (panel.showsPath) {
      for (const path of this.paths()) picture.drawPath(over, path, store.shownEpoch, palette);
      const pinned = this.dots.filter((dot) => this.isPinned(dot)).map((dot) => this.onMap(dot));
      picture.drawSelected(
        over,
        pinned,
        () => true,
        (dot) => this.colorOf(dot),
        palette,
      );
    }
    picture.drawNames(over, this.names, palette);
    const linked = cursor && !this.cursor ? this.dots.filter((dot) => this.isUnder(dot, cursor)) : [];
    for (const dot of linked) if (dot.inside) picture.drawRing(over, dot, 1, palette);
    const at = this.dotOf(this.cursor);
    if (at?.inside) picture.drawRing(over, at, 2, palette);
    picture.drawLasso(over, this.lasso, palette);
  }

  /** The ways of the user and the item that are looked at closely, in CSS pixels. */
  paths() {
    const { store, size } = this;
    const { user, item } = store.selected;
    /** @type {[number, import("./types.js").Moment][]} */
    const moments = [...store.past.moments];
    if (!store.past.has(store.epoch)) moments.push([store.epoch, store.live]);
    return [
      ...(user === null ? [] : [pathOf(moments, "user", user)]),
      ...(item === null ? [] : [pathOf(moments, "item", item)]),
    ].map((path) =>
      path.map(({ epoch, x, y }) => ({ epoch, ...toScreen(x, y, size, this.scale.bound || 1) })),
    );
  }

  /**
   * Where a point is now, that was a moment ago.
   *
   * @param {Dot | null} dot
   */
  dotOf(dot) {
    return this.dots.find(({ kind, index }) => kind === dot?.kind && index === dot.index) ?? null;
  }

  /** @param {Dot} dot */
  isSelected({ kind, index }) {
    const { users, items } = this.store.many;
    return (kind === "user" ? users : items).has(index);
  }

  /** @param {Dot} dot */
  isPinned({ kind, index }) {
    return this.store.selected[kind] === index;
  }

  /**
   * Whether the crosshair is on it elsewhere.
   *
   * @param {Dot} dot
   * @param {import("./stage.js").Cell} cell
   */
  isUnder({ kind, index }, { user, item }) {
    const { users, items } = this.store;
    return kind === "user"
      ? user >= 0 && users.indices[user] === index
      : item >= 0 && items.indices[item] === index;
  }

  /** @param {Dot} dot */
  colorOf({ index }) {
    return this.colors[this.rows.item.get(index)] ?? this.matrices.palette.quiet;
  }

  /** @param {Dot} dot */
  idAndTitle({ kind, index }) {
    const row = this.rows[kind].get(index);
    const [ids, titles] =
      kind === "user"
        ? [this.points?.user_ids, this.points?.user_titles]
        : [this.points?.item_ids, this.points?.item_titles];
    return { id: ids?.[row] ?? "", title: titles?.[row] ?? "" };
  }

  /** @param {Dot} dot */
  shortName(dot) {
    const { id, title } = this.idAndTitle(dot);
    const { columns } = this.store.summary;
    if (title && title !== id) return titleParts(title).short;
    return dot.kind === "user" ? `${noun(columns.user)} ${id}` : id;
  }

  /**
   * @param {Dot} dot
   * @returns {import("./tooltip.js").FactorText}
   */
  text(dot) {
    const { store, points } = this;
    const { kind, index } = dot;
    const row = this.rows[kind].get(index);
    const { id, title } = this.idAndTitle(dot);
    const { columns } = store.summary;
    const { name, year } = titleParts(title === id ? "" : title);
    const user = kind === "user";
    const means = user ? points?.user_mean : points?.item_mean;
    const mean = this.rated && Number.isFinite(means?.[row]) ? `mean ${means?.[row].toFixed(2)}` : "";
    const counts = user ? points?.user_count : points?.item_count;
    const epoch = store.has_status ? `epoch ${store.shownEpoch}` : "";
    return {
      title: name || `${noun(user ? columns.user : columns.item)} ${id}`,
      detail: [year, mean, epoch].filter(Boolean).join(", "),
      factor: this.rated ? "ratings" : "interactions",
      value: count(counts?.[row] ?? 0),
    };
  }

  caption() {
    const { panel, store, points, dots } = this;
    if (!points) return;
    const { n_users, n_items } = store.summary;
    const told = (
      /** @type {number} */ shown,
      /** @type {number} */ usual,
      /** @type {number} */ all,
      /** @type {string} */ which,
      /** @type {string} */ side,
    ) => {
      const most =
        usual < all ? `${count(usual)} ${which} of ${count(all)} ${side}` : `${count(all)} ${side}`;
      return shown > usual ? `${most}, and ${count(shown - usual)} selected` : most;
    };
    const map = store.shown.map;
    const { usual_users, usual_items } = points;
    const outside = dots.filter((dot) => !dot.inside).length;
    const items = told(map?.item_idx.length ?? 0, usual_items, n_items, "most rated", "items");
    const users = told(map?.user_idx.length ?? 0, usual_users, n_users, "most active", "users");
    const alone = map && !map.user_idx.length ? "no users: their factors are of another size" : users;
    setText(panel.items, items);
    setText(panel.users, outside ? `${alone}; ${count(outside)} outside` : alone);
    const factors = (store.tables.item ?? store.tables.user)?.n_factors;
    const axes = factors === 1 ? "factor 1 →" : factors === 2 ? "factor 1 →, factor 2 ↑" : "main axes";
    setText(panel.note, map ? axes : "");
    setAttributes(panel.path, { hidden: store.selected.user === null && store.selected.item === null });
    setAttributes(panel.canvas, {
      "aria-label": `Factor map: ${items}; ${alone}. Arrow keys move from point to point.`,
    });
  }
}
