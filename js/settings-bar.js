/** Settings as controls, in two groups by when a change takes effect. */

/** @import { ControlName, Proposed, Settings } from "./types.js" */
/** @import { Store } from "./store.js" */

import { html, OWN_KEYS, setAttributes, setText } from "./dom.js";
import { plain } from "./format.js";

/** @typedef {{name: ControlName, label: string, wide?: boolean, hint?: string}} Text */

const GROUPS = /** @type {{title: string, fields: Text[]}[]} */ ([
  {
    title: "Applies with the next reset",
    fields: [
      { name: "model", label: "Model", wide: true },
      { name: "n_factors", label: "Factors" },
      { name: "batch_size", label: "Batch size" },
      { name: "seed", label: "Seed" },
      { name: "split", label: "Split", wide: true },
      { name: "test_share", label: "Test share" },
    ],
  },
  {
    title: "Applies now",
    fields: [
      { name: "learning_rate", label: "Learning rate" },
      { name: "regularization", label: "Regularization" },
      { name: "epochs", label: "Epochs" },
      { name: "early_stopping", label: "Early stopping", hint: "off" },
    ],
  },
]);

/** What says when training is to end, not how it goes on. */
const PLANS = ["epochs", "early_stopping"];

export class SettingsBar {
  /**
   * @param {string} id by which parts are told from those of other views
   * @param {(name: ControlName, value: string) => void} ask
   * @param {AbortSignal} signal
   */
  constructor(id, ask, signal) {
    this.fields = new Map(
      GROUPS.flatMap(({ fields }) => fields).map((text) => [
        text.name,
        new Field(text, `${id}-${text.name}`, ask, signal),
      ]),
    );
    this.element = html(
      "div",
      { class: "rw-controls", id: `${id}-settings`, role: "group", "aria-label": "Settings" },
      ...GROUPS.map(({ title, fields }) =>
        html(
          "div",
          { class: "rw-control-group", role: "group", "aria-label": title },
          html("div", { class: "rw-group-title", "aria-hidden": "true" }, title),
          html(
            "div",
            { class: "rw-fields" },
            ...fields.map(({ name }) => /** @type {Field} */ (this.fields.get(name)).element),
          ),
        ),
      ),
    );
    this.button = html(
      "button",
      { type: "button", class: "rw-link", "aria-controls": `${id}-settings`, ...OWN_KEYS },
      "Settings",
    );
    this.button.addEventListener("click", () => this.fold(this.isOpen), { signal });
    this.fold(true);
  }

  get isOpen() {
    return this.button.getAttribute("aria-expanded") === "true";
  }

  /** @param {boolean} folded where there is no room for them beside all else */
  fold(folded) {
    setAttributes(this.button, { "aria-expanded": String(!folded) });
    setAttributes(this.element, { "data-open": String(!folded) });
  }

  /** @param {Store} store */
  update(store) {
    const { proposed, settings, state } = store;
    if (proposed === null) return;
    for (const [name, field] of this.fields) {
      field.update(proposed, current(settings, name), store);
    }
    this.fields.get("model")?.explain(state.engine);
  }
}

/** One control with its name, and a line below where there is something to say of it. */
class Field {
  /**
   * @param {Text} text
   * @param {string} id
   * @param {(name: ControlName, value: string) => void} ask
   * @param {AbortSignal} signal
   */
  constructor({ name, label, wide, hint = "" }, id, ask, signal) {
    this.name = name;
    this.isNow = GROUPS[1].fields.some((field) => field.name === name);
    const attributes = {
      id,
      class: "rw-field-input",
      "aria-describedby": `${id}-note`,
      autocomplete: "off",
      spellcheck: "false",
      ...OWN_KEYS,
    };
    this.control = wide
      ? html("select", attributes)
      : html("input", { ...attributes, type: "text", inputmode: "decimal", placeholder: hint });
    this.note = html("div", { class: "rw-field-note", id: `${id}-note`, "aria-live": "polite" });
    this.element = html(
      "div",
      { class: wide ? "rw-field rw-field-wide" : "rw-field" },
      html("label", { for: id }, label),
      this.control,
      this.note,
    );
    /** What was typed and not yet answered. */
    this.typed = false;
    /** @type {Proposed | null} what was known when it was asked for */
    this.asked = null;
    /** @type {Proposed | null} */
    this.known = null;
    /** @type {{value: string | number | null, run: number} | null} */
    this.before = null;
    this.since = "";
    this.options = "";
    this.ask = ask;
    this.control.addEventListener("input", () => (this.typed = true), { signal });
    this.control.addEventListener("change", () => this.commit(), { signal });
    this.control.addEventListener("keydown", (event) => this.key(/** @type {KeyboardEvent} */ (event)), {
      signal,
    });
  }

  commit() {
    if (!this.typed) return;
    this.asked = this.known;
    this.ask(this.name, this.control.value);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    // Whether Enter says that a box has changed is not the same in all pages.
    if (event.key === "Enter") this.commit();
    if (event.key !== "Escape" || !this.known) return;
    this.typed = false;
    this.show(shownValue(this.known.values[this.name]));
  }

  /**
   * @param {Proposed} proposed
   * @param {string | number | null} now of the run under way
   * @param {Store} store
   */
  update(proposed, now, store) {
    const { name, control } = this;
    this.known = proposed;
    // Once it is answered, the control shows what the kernel made of it.
    if (this.asked !== null && this.asked !== proposed) {
      this.typed = false;
      this.asked = null;
    }
    if (name === "model" || name === "split") this.offer(proposed.choices[name]);
    const refused = proposed.refused[name];
    const wanted = proposed.values[name];
    if (!this.typed) this.show(refused ? refused.value : shownValue(wanted));
    const why = store.isLive ? (proposed.disabled[name] ?? "") : "there is no kernel";
    setAttributes(control, {
      disabled: why !== "",
      title: why || null,
      "aria-invalid": refused ? "true" : null,
    });
    const waits = !refused && wanted !== now;
    setAttributes(this.element, { "data-state": refused ? "refused" : waits ? "waits" : null });
    const since = this.sinceWhen(now, store) || this.judged(wanted, store);
    const later = this.isNow && !proposed.now.includes(name) ? "with the next reset" : "";
    setText(this.note, remark(proposed, name, now) || since || later);
  }

  /**
   * From which epoch on a value holds that was changed while its run went on.
   *
   * @param {string | number | null} now
   * @param {Store} store
   */
  sinceWhen(now, store) {
    const { run, epoch } = store.state;
    const { before } = this;
    this.before = { value: now, run };
    if (before && before.run !== run) this.since = "";
    else if (before && before.value !== now && !PLANS.includes(this.name) && store.epoch > 0) {
      this.since = `from epoch ${Math.max(epoch, store.epoch) + 1} on`;
    }
    return this.since;
  }

  /**
   * What the best epoch is told by, where training is to end by it.
   *
   * @param {string | number | null} wanted
   * @param {Store} store
   */
  judged(wanted, { summary }) {
    if (this.name !== "early_stopping" || wanted === null || wanted === 0) return "";
    return summary.n_validation ? "by the validation part" : "by the test part: optimistic";
  }

  /** @param {string[]} choices */
  offer(choices) {
    const key = choices.join();
    if (key === this.options) return;
    this.options = key;
    this.control.replaceChildren(...choices.map((choice) => html("option", { value: choice }, choice)));
  }

  /** @param {string} value */
  show(value) {
    if (this.control.value !== value) this.control.value = value;
  }

  /** @param {import("./types.js").State["engine"]} engine */
  explain(engine) {
    if (this.element.dataset.state || engine === null) return;
    setText(this.note, `engine ${engine.name}`);
    setAttributes(this.note, { title: engine.reason });
  }
}

/**
 * @param {Settings} settings
 * @param {ControlName} name
 * @returns {string | number | null} of the run under way
 */
export function current(settings, name) {
  if (name === "test_share") return settings.shares.at(-1) ?? null;
  return settings[name] ?? null;
}

/**
 * Whether the next reset begins another run.
 *
 * @param {Proposed | null} proposed
 * @param {Settings} settings
 */
export function isAskedFor(proposed, settings) {
  if (proposed === null) return false;
  const names = /** @type {ControlName[]} */ (Object.keys(proposed.values));
  return names.some((name) => proposed.values[name] !== current(settings, name));
}

/**
 * What is to be said of a control first: why its value can't be had, until when another holds, or why it has none.
 *
 * @param {Proposed} proposed
 * @param {ControlName} name
 * @param {string | number | null} now of the run under way
 */
export function remark({ values, refused, disabled }, name, now) {
  const why = refused[name]?.reason;
  if (why !== undefined) return inBrief(name, why);
  if (values[name] !== now) return until(now);
  return disabled[name] ?? "";
}

/** @param {string | number | null} value as it can be typed again */
function shownValue(value) {
  return value === null ? "" : String(value);
}

/**
 * A refusal as it stands under its control: neither its name nor what was typed is said again.
 *
 * @param {string} name
 * @param {string} reason
 */
export function inBrief(name, reason) {
  const brief = reason.replace(new RegExp(`^${name} `), "").replace(/, not [^;]*/, "");
  return brief.charAt(0).toUpperCase() + brief.slice(1);
}

/** @param {string | number | null} now */
function until(now) {
  if (now === null) return "with the next reset";
  return `${typeof now === "number" ? plain(now) : now} until the next reset`;
}
