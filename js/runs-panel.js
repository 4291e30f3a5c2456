/** The table of runs: what each was made of, how well it did, and what can be done with it. */

/** @import { RunRow, Settings } from "./types.js" */
/** @import { Store } from "./store.js" */

import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";
import { fixed, plain } from "./format.js";

/**
 * @typedef {Object} RunActions
 * @property {() => void} changed draws anew
 * @property {(run: number) => void} takeBack
 * @property {(run: number, is_shown: boolean) => void} show
 * @property {(run: number, name: string) => void} rename
 * @property {(run: number | null) => void} pin compares predictions with those of a run; null: with none
 */

export class RunsPanel {
  /**
   * @param {string} id
   * @param {RunActions} actions
   * @param {AbortSignal} signal
   */
  constructor(id, actions, signal) {
    this.actions = actions;
    this.signal = signal;
    /** @type {number | null} */
    this.chosen = null;
    this.renaming = false;
    this.note = html("span", { class: "rw-note" });
    this.body = html("tbody");
    this.take = action("Take settings back", () => this.withChosen((run) => actions.takeBack(run)), signal);
    this.rename = action("Rename", () => this.withChosen(() => this.beginRename()), signal);
    /** Whether the chosen run is the one that is compared with. */
    this.isPinned = false;
    this.pin = action(
      "Compare with it",
      () => this.withChosen((run) => actions.pin(this.isPinned ? null : run)),
      signal,
    );
    this.acts = html("div", { class: "rw-run-acts" }, this.pin, this.take, this.rename);
    this.section = html(
      "section",
      { class: "rw-panel rw-runs", "aria-label": "Runs", id },
      html("div", { class: "rw-panel-head" }, html("span", { class: "rw-title" }, "Runs"), this.note),
      html(
        "table",
        {},
        html(
          "thead",
          {},
          html(
            "tr",
            {},
            html("th", { scope: "col" }, html("span", { class: "rw-hidden" }, "shown")),
            ...["run", "best", "test RMSE", "NDCG@10", "s"].map((name) => html("th", { scope: "col" }, name)),
          ),
        ),
        this.body,
      ),
      this.acts,
    );
    this.key = "";
    this.keptKey = "";
    /** @type {HTMLElement[]} */
    this.live = [];
  }

  /** @param {(run: number) => void} act */
  withChosen(act) {
    if (this.chosen !== null) act(this.chosen);
  }

  beginRename() {
    this.renaming = true;
    this.key = "";
    this.actions.changed();
  }

  /** @param {Store} store */
  update(store) {
    const rows = liveRows(store);
    const kept = rows.filter(({ is_live }) => !is_live);
    if (!kept.some(({ run }) => run === this.chosen)) this.chosen = null;
    const key = JSON.stringify([rows, this.chosen, this.renaming, store.isLive]);
    if (key === this.key) return;
    this.key = key;
    const { length } = kept;
    setText(this.note, length ? `${length} kept, run ${rows.at(-1)?.run ?? 1} is live` : "");
    this.fill(kept, rows.slice(kept.length), store.isLive);
    const off = this.chosen === null || !store.isLive;
    this.isPinned = rows.some(({ run, is_pinned }) => is_pinned && run === this.chosen);
    setText(this.pin, this.isPinned ? "Compare no more" : "Compare with it");
    for (const button of [this.pin, this.take, this.rename]) {
      setAttributes(button, {
        "aria-disabled": String(off),
        title: off ? (store.isLive ? "Choose a run first" : "There is no kernel") : null,
      });
    }
    setAttributes(this.acts, { hidden: length === 0 });
  }

  /**
   * The live row changes with each epoch; the others stay as they are, for one may be about to press or to type there.
   *
   * @param {RunRow[]} kept
   * @param {RunRow[]} live
   * @param {boolean} hasKernel
   */
  fill(kept, live, hasKernel) {
    const now = live.map((row) => this.row(row, kept.at(-1), hasKernel));
    const key = JSON.stringify([kept, this.chosen, this.renaming, hasKernel]);
    if (key === this.keptKey && this.live.length === now.length) {
      for (const [k, row] of this.live.entries()) row.replaceWith(now[k]);
      this.live = now;
      return;
    }
    this.keptKey = key;
    this.live = now;
    const focused = this.section.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.key
      : undefined;
    this.body.replaceChildren(...kept.map((row, k) => this.row(row, kept[k - 1], hasKernel)), ...now);
    if (kept.length === 0) this.body.append(emptyRow());
    if (this.renaming) this.body.querySelector("input")?.focus();
    else if (focused) {
      /** @type {HTMLElement | null} */ (this.body.querySelector(`[data-key="${focused}"]`))?.focus();
    }
  }

  /**
   * @param {RunRow} row
   * @param {RunRow | undefined} before
   * @param {boolean} hasKernel
   */
  row(row, before, hasKernel) {
    const { run, is_live, is_shown, test_rmse, ndcg, seconds, best_epoch } = row;
    const name = `${run} ${row.name || inShort(row.settings)}`;
    const chosen = run === this.chosen;
    const value = (/** @type {number | null} */ one) => (one === null ? "–" : fixed(one, 3));
    return html(
      "tr",
      {
        class: [is_live ? "rw-live-run" : chosen ? "rw-chosen" : "", row.is_pinned ? "rw-pinned" : ""]
          .join(" ")
          .trim(),
      },
      html(
        "td",
        {},
        is_live ? html("span", { class: "rw-run-line rw-live" }) : this.swatch(run, is_shown, hasKernel),
      ),
      html(
        "td",
        {},
        chosen && this.renaming
          ? this.nameInput(row)
          : is_live
            ? html("b", {}, name)
            : this.chooser(run, name, chosen),
        html(
          "div",
          { class: "rw-run-detail" },
          [row.is_pinned ? "compared with" : "", inDetail(row, before)].filter(Boolean).join("; "),
        ),
      ),
      html("td", {}, String(best_epoch)),
      html("td", {}, value(test_rmse)),
      html("td", {}, value(ndcg)),
      html("td", {}, fixed(seconds, 1)),
    );
  }

  /**
   * @param {number} run
   * @param {boolean} is_shown
   * @param {boolean} hasKernel
   */
  swatch(run, is_shown, hasKernel) {
    const button = html(
      "button",
      {
        type: "button",
        class: "rw-run-toggle",
        "aria-pressed": String(is_shown),
        "aria-label": `Show run ${run}`,
        "data-key": `swatch ${run}`,
        disabled: !hasKernel,
        ...OWN_KEYS,
      },
      html("span", { class: "rw-run-line" }),
    );
    button.addEventListener("click", () => this.actions.show(run, !is_shown), { signal: this.signal });
    return button;
  }

  /**
   * @param {number} run
   * @param {string} name
   * @param {boolean} chosen
   */
  chooser(run, name, chosen) {
    const button = html(
      "button",
      {
        type: "button",
        class: "rw-run-name",
        "aria-pressed": String(chosen),
        "data-key": `name ${run}`,
        title: name,
        ...OWN_KEYS,
      },
      name,
    );
    button.addEventListener(
      "click",
      () => {
        this.chosen = chosen ? null : run;
        this.renaming = false;
        this.actions.changed();
      },
      { signal: this.signal },
    );
    return button;
  }

  /** @param {RunRow} row */
  nameInput({ run, name, settings }) {
    const input = html("input", {
      type: "text",
      class: "rw-field-input",
      "aria-label": `Name of run ${run}`,
      maxlength: 60,
      placeholder: inShort(settings),
      ...OWN_KEYS,
    });
    input.value = name;
    const end = (/** @type {boolean} */ keep) => {
      if (!this.renaming) return;
      this.renaming = false;
      if (keep && input.value !== name) this.actions.rename(run, input.value);
      this.key = "";
      this.actions.changed();
    };
    input.addEventListener("blur", () => end(true), { signal: this.signal });
    input.addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Enter" || event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          end(event.key === "Enter");
          this.rename.focus();
        }
      },
      { signal: this.signal },
    );
    return input;
  }
}

/**
 * The rows, the live one with what the losses say by now.
 *
 * @param {Pick<Store, "run_table" | "losses" | "settings">} store
 * @returns {RunRow[]}
 */
export function liveRows({ run_table, losses, settings }) {
  return run_table.map((row) => {
    if (!row.is_live) return row;
    const { best } = losses;
    const best_epoch = best?.epoch ?? 0;
    const test_rmse = best && Number.isFinite(best.test) ? Math.sqrt(best.test) : null;
    const ndcg = best_epoch === row.best_epoch ? row.ndcg : null;
    return { ...row, settings, best_epoch, test_rmse, ndcg };
  });
}

/** @param {Settings} settings */
export function inShort({ model, n_factors }) {
  return n_factors === null ? model : `${model}, ${n_factors} ${n_factors === 1 ? "factor" : "factors"}`;
}

/**
 * What else tells a run from the one before; of the first the rate and the regularization.
 *
 * @param {RunRow} row
 * @param {RunRow | undefined} before
 */
export function inDetail({ settings, engine }, before) {
  const words = /** @type {[string, string | number | null, string | number | null | undefined][]} */ ([
    ["rate", settings.learning_rate, undefined],
    ["reg", settings.regularization, undefined],
    ["batch", settings.batch_size, before?.settings.batch_size ?? settings.batch_size],
    ["seed", settings.seed, before?.settings.seed ?? settings.seed],
    [
      "split",
      settings.split.replaceAll("_", " "),
      before?.settings.split.replaceAll("_", " ") ?? settings.split,
    ],
    ["test share", settings.shares.at(-1) ?? null, before?.settings.shares.at(-1) ?? settings.shares.at(-1)],
    ["engine", engine, before?.engine ?? engine],
  ]);
  return words
    .filter(([, value, other]) => value !== null && value !== undefined && value !== other)
    .map(([name, value]) => `${name} ${typeof value === "number" ? plain(value) : value}`)
    .join(", ");
}

/**
 * @param {string} text
 * @param {() => void} act
 * @param {AbortSignal} signal
 */
function action(text, act, signal) {
  const button = html("button", { type: "button", class: "rw-link", ...OWN_KEYS }, text);
  button.addEventListener(
    "click",
    () => {
      if (button.getAttribute("aria-disabled") !== "true") act();
    },
    { signal },
  );
  return button;
}

function emptyRow() {
  const text = "Change a setting and reset: this run stays here to compare with.";
  return html("tr", { class: "rw-no-runs" }, html("td"), html("td", { colspan: 5 }, text));
}
