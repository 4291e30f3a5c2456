/** Pointer and keys on the factor map: a point is told of and selected, a line drawn around many selects them. */

/** @import { FactorMap } from "./factor-map.js" */
/** @import { Dot } from "./map-geometry.js" */
/** @import { Selected } from "./types.js" */
/** @import { Tooltip } from "./tooltip.js" */

import { spoken } from "./cell-text.js";
import { scaleOf, setText } from "./dom.js";
import { listen } from "./gestures.js";
import { enclosed, nearest, nextDot } from "./map-geometry.js";
import { many, selectAll, selectAlso, selectOne } from "./selection.js";

/** A screen reader is told where a run of keys ended, not every step. */
const SETTLED = 150;

/** CSS pixels that the tooltip stays away from its point. */
const RING = 8;

export class MapPointer {
  /**
   * @param {FactorMap} map
   * @param {Tooltip} tooltip
   * @param {Element} voice a live region
   * @param {{changed: () => void, select: (selected: Selected) => string}} told select answers with what is selected
   *   then, in words
   * @param {AbortSignal} signal
   */
  constructor(map, tooltip, voice, told, signal) {
    this.map = map;
    this.tooltip = tooltip;
    this.voice = voice;
    this.told = told;
    /** @type {Dot | null} */
    this.focused = null;
    /** The keys' point is shown: they were used last. */
    this.keyed = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.attach(signal);
  }

  /** @param {AbortSignal} signal */
  attach(signal) {
    const { map } = this;
    const { canvas, looks, path } = map.panel;
    let more = false;
    listen(
      canvas,
      {
        hover: (place) => {
          const dot = place && nearest(map.dots, place);
          if (dot) this.keyed = false;
          this.show(dot ?? (this.keyed ? this.focused : null));
        },
        press: (place, also) => {
          const dot = nearest(map.dots, place);
          if (!dot) return;
          this.focused = dot;
          this.select(dot, also);
          this.show(dot);
        },
        hold: (dragging, whole) => {
          if (!dragging && whole) this.enclose(more);
          map.lasso = [];
          this.show(null);
        },
        drag: (_x, _y, place) => {
          map.lasso.push(place);
          this.told.changed();
        },
        zoom: () => {},
        swap: () => {},
        move: ({ by, users, items }) => {
          const from = map.dotOf(this.focused) ?? this.first();
          if (!from) return;
          const way = { x: Math.sign(items), y: Math.sign(users) };
          const to =
            by === "cell" && this.keyed ? nextDot(map.dots, from, way) : this.keyed ? this.first() : from;
          this.keyed = true;
          this.focused = to;
          this.show(to);
          this.speak();
        },
        choose: (also) => {
          this.focused = map.dotOf(this.focused) ?? this.first();
          this.keyed = true;
          if (!this.focused) return;
          clearTimeout(this.timer);
          setText(this.voice, this.select(this.focused, also));
          this.show(this.focused);
        },
        dismiss: () => {
          this.keyed = false;
          setText(this.voice, this.told.select({ user: null, item: null }));
          this.show(null);
        },
      },
      signal,
    );
    const on = (
      /** @type {string} */ event,
      /** @type {(event: any) => void} */ act,
      /** @type {Element} */ element = canvas,
    ) => element.addEventListener(event, act, { signal });
    on("pointerdown", (event) => {
      more = event.shiftKey || event.ctrlKey || event.metaKey;
    });
    on("focus", () => {
      if (!canvas.matches(":focus-visible")) return;
      this.focused = map.dotOf(this.focused) ?? this.first();
      this.keyed = this.focused !== null;
      this.show(this.focused);
      this.speak();
    });
    on("blur", () => {
      this.keyed = false;
      this.show(null);
    });
    for (const { by, button } of looks) {
      on(
        "click",
        () => {
          map.by = by;
          this.told.changed();
        },
        button,
      );
    }
    on(
      "click",
      () => {
        map.panel.turnPath();
        this.told.changed();
      },
      path,
    );
  }

  /** The point that keys start from: what is looked at closely, or else the one nearest to the origin. */
  first() {
    const { map } = this;
    const { width, height } = map.size;
    const pinned = map.dots.find((dot) => dot.inside && map.isPinned(dot));
    return pinned ?? nearest(map.dots, { x: width / 2, y: height / 2 }, Number.POSITIVE_INFINITY);
  }

  /**
   * @param {Dot} dot
   * @param {boolean} also beside what is selected
   */
  select({ kind, index }, also) {
    const { selected } = this.map.store;
    return this.told.select((also ? selectAlso : selectOne)(selected, kind, index));
  }

  /** @param {boolean} more beside what is selected */
  enclose(more) {
    const { map } = this;
    const found = enclosed(map.dots, map.lasso);
    if (!found.length) return;
    const before = many(map.store.selected);
    const of = (/** @type {"user" | "item"} */ kind, /** @type {Set<number>} */ others) => [
      ...new Set([
        ...(more ? others : []),
        ...found.filter((dot) => dot.kind === kind).map(({ index }) => index),
      ]),
    ];
    const all = { users: of("user", before.users), items: of("item", before.items) };
    setText(this.voice, this.told.select(selectAll(map.store.selected, all)));
  }

  /** @param {Dot | null} dot */
  show(dot) {
    const { map } = this;
    const { users, items } = map.store;
    const had = map.cursor;
    map.cursor = dot;
    if (dot || had) {
      const user = dot?.kind === "user" ? users.indices.indexOf(dot.index) : -1;
      const item = dot?.kind === "item" ? items.indices.indexOf(dot.index) : -1;
      map.matrices.cursor = user >= 0 || item >= 0 ? { user, item } : null;
    }
    this.told.changed();
  }

  /**
   * Keep the tooltip at its point, which travels.
   *
   * @param {HTMLElement} root
   * @returns {boolean} whether there is one to show
   */
  update(root) {
    const { map } = this;
    const dot = map.dotOf(map.cursor);
    if (!dot?.inside) return false;
    const frame = map.panel.canvas.getBoundingClientRect();
    const origin = root.getBoundingClientRect();
    const scale = scaleOf(root);
    const x = (frame.left - origin.left) / scale + dot.x;
    const y = (frame.top - origin.top) / scale + dot.y;
    const ring = { left: x - RING, top: y - RING, right: x + RING, bottom: y + RING };
    this.tooltip.show(map.text(dot), ring, { width: root.clientWidth, height: root.clientHeight });
    return true;
  }

  speak() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.focused) setText(this.voice, spoken(this.map.text(this.focused)));
    }, SETTLED);
  }
}
