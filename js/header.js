/** The two lines on top: what the data is, and the settings of the run. */

/** @import { Settings, State, Summary } from "./types.js" */

import { html } from "./dom.js";
import { count, percent, plain } from "./format.js";
import { partIcon } from "./icons.js";

export class Header {
  /** @param {string} name of the widget */
  constructor(name) {
    this.name = name;
    this.facts = html("div", { class: "rw-facts" });
    this.settings = html("div", { class: "rw-settings" });
    this.links = html("div", { class: "rw-links" });
    this.element = html(
      "div",
      { class: "rw-header" },
      html("div", { class: "rw-masthead" }, this.facts, this.links),
      this.settings,
    );
    this.key = "";
  }

  /**
   * @param {Summary} summary
   * @param {Settings} settings
   * @param {State["engine"]} engine
   */
  update(summary, settings, engine) {
    const key = JSON.stringify([summary, settings, engine]);
    if (key === this.key) return;
    this.key = key;
    this.facts.replaceChildren(html("div", { class: "rw-name" }, this.name), ...facts(summary));
    this.settings.replaceChildren(
      ...settingsInWords(settings, engine).map(([name, value, reason]) =>
        html("span", reason ? { title: reason } : {}, `${name} `, html("b", {}, value)),
      ),
    );
  }
}

/** @param {Summary} summary */
function facts(summary) {
  const { n_users, n_items, n_ratings, rating_scale } = summary;
  const fact = (/** @type {string} */ value, /** @type {string} */ name, /** @type {Node[]} */ ...mark) =>
    html("span", { class: "rw-fact" }, ...mark, html("b", {}, value), ` ${name}`);
  const parts = /** @type {const} */ ([
    ["train", summary.n_train],
    ["validation", summary.n_validation],
    ["test", summary.n_test],
  ]);
  const rest = /** @type {const} */ ([
    [summary.n_cold_users, "cold users in test"],
    [summary.n_cold_items, "cold items in test"],
    [summary.n_test > 0 ? summary.n_users_without_test : 0, "users without test"],
  ]);
  return [
    fact(count(n_users), n_users === 1 ? "user" : "users"),
    fact(count(n_items), n_items === 1 ? "item" : "items"),
    fact(count(n_ratings), n_ratings === 1 ? "rating" : "ratings"),
    fact(percent(n_ratings / (n_users * n_items)), "filled"),
    html(
      "span",
      { class: "rw-fact" },
      "scale ",
      html("b", {}, `${plain(rating_scale[0])}–${plain(rating_scale[1])}`),
    ),
    ...parts.filter(([, size]) => size > 0).map(([part, size]) => fact(count(size), part, partIcon(part))),
    ...rest
      .filter(([size]) => size > 0)
      .map(([size, name]) =>
        html("span", { class: "rw-fact" }, `${count(size)} ${size === 1 ? single(name) : name}`),
      ),
  ];
}

/** @param {string} name */
function single(name) {
  return name.replace("users", "user").replace("items", "item");
}

/**
 * @param {Settings} settings
 * @param {State["engine"]} [engine]
 * @returns {[name: string, value: string, reason?: string][]} those that have a value
 */
export function settingsInWords(settings, engine = null) {
  const number = (/** @type {number | null} */ value) =>
    value === null || value === undefined ? "" : plain(value);
  const shares = settings.shares.map((share) => plain(Math.round(share * 1000) / 10)).join(" : ");
  /** @type {[string, string, string?][]} */
  const all = [
    ["model", settings.model],
    ["engine", engine?.name ?? "", engine?.reason],
    ["factors", number(settings.n_factors)],
    ["learning rate", number(settings.learning_rate)],
    ["L2", number(settings.regularization)],
    ["batch size", number(settings.batch_size)],
    ["seed", number(settings.seed)],
    ["split", `${settings.split.replaceAll("_", " ")} ${shares}`.trim()],
  ];
  return all.filter(([, value]) => value !== "");
}
