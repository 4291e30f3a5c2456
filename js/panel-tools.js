/** The two quiet buttons at the right end of a panel's heading: help, and save as a picture or a table. */

/** @import { PanelName } from "./types.js" */
/** @import { Table } from "./tables.js" */

import { html, OWN_KEYS, setAttributes } from "./dom.js";
import { HELP } from "./help.js";
import { pictureOf } from "./panel-picture.js";
import { csvOf } from "./tables.js";

export class PanelTools {
  /**
   * @param {HTMLElement} section a panel with a heading
   * @param {PanelName} name
   * @param {(name: PanelName) => {table: Table, epoch: number}} read what is shown
   * @param {AbortSignal} signal
   */
  constructor(section, name, read, signal) {
    this.section = section;
    this.name = name;
    this.read = read;
    this.signal = signal;
    this.help = this.tool("?", "dialog");
    this.save = this.tool("⤓", "menu");
    this.element = html("span", { class: "rw-panel-tools" }, this.help, this.save);
    /** @type {HTMLElement | null} what is open */
    this.open = null;
    this.help.addEventListener("click", () => this.toggle(this.help, () => this.helpBox()), { signal });
    this.save.addEventListener("click", () => this.toggle(this.save, () => this.menu()), { signal });
    section.querySelector(".rw-panel-head")?.append(this.element);
    this.update();
  }

  /**
   * @param {string} sign
   * @param {string} opens
   */
  tool(sign, opens) {
    const attributes = { type: "button", class: "rw-tool", "aria-haspopup": opens, "aria-expanded": "false" };
    return html("button", { ...attributes, ...OWN_KEYS }, html("span", { "aria-hidden": "true" }, sign));
  }

  /** Two strips of factors have one heading. */
  get target() {
    return this.section.closest(".rw-stack[data-place='plot']") ?? this.section;
  }

  get label() {
    return this.section.getAttribute("aria-label") ?? "";
  }

  /** The panel may have turned into another. */
  update() {
    for (const [button, what] of /** @type {const} */ ([
      [this.help, "Help on"],
      [this.save, "Save"],
    ])) {
      setAttributes(button, { "aria-label": `${what} ${this.label}`, title: `${what} ${this.label}` });
    }
  }

  /**
   * @param {HTMLElement} button
   * @param {() => HTMLElement} make
   */
  toggle(button, make) {
    const again = button.getAttribute("aria-expanded") === "true";
    this.close(false);
    if (again) return;
    this.update();
    const open = make();
    this.open = open;
    setAttributes(button, { "aria-expanded": "true" });
    open.addEventListener("keydown", (event) => this.key(event, button), { signal: this.signal });
    open.addEventListener(
      "focusout",
      ({ relatedTarget: to }) => {
        if (!(to instanceof Node) || !(open.contains(to) || this.element.contains(to))) this.close(false);
      },
      { signal: this.signal },
    );
    this.section.append(open);
    (open.querySelector("button") ?? open).focus();
  }

  /** @param {boolean} back whether the focus returns */
  close(back) {
    const button = [this.help, this.save].find((one) => one.getAttribute("aria-expanded") === "true");
    for (const one of [this.help, this.save]) setAttributes(one, { "aria-expanded": "false" });
    const { open } = this;
    // Taken away with the focus in it, it would be told to close once more.
    this.open = null;
    if (back) button?.focus();
    open?.remove();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {HTMLElement} button
   */
  key(event, button) {
    const entries = /** @type {HTMLElement[]} */ ([...(this.open?.querySelectorAll("button") ?? [])]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.close(true);
    else if (step && button === this.save) {
      const at = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      entries[(at + step + entries.length) % entries.length]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  get shown() {
    return this.name === "ratings" && this.label === "Train/test grid" ? "split" : this.name;
  }

  helpBox() {
    const { what, formula, word, meaning } = HELP[this.shown];
    return html(
      "div",
      {
        class: "rw-popover rw-help",
        role: "dialog",
        "aria-label": `Help on ${this.label}`,
        tabindex: -1,
        ...OWN_KEYS,
      },
      html("p", {}, what),
      html("p", { class: "rw-formula" }, formula),
      html("p", {}, html("b", {}, `${word}.`), ` ${meaning}`),
    );
  }

  menu() {
    const entry = (/** @type {string} */ text, /** @type {() => void} */ act) => {
      const attributes = { type: "button", role: "menuitem", class: "rw-entry", ...OWN_KEYS };
      const button = html("button", attributes, text);
      button.addEventListener(
        "click",
        () => {
          this.close(true);
          act();
        },
        { signal: this.signal },
      );
      return button;
    };
    return html(
      "div",
      { class: "rw-popover rw-menu", role: "menu", "aria-label": `Save ${this.label}` },
      entry("PNG", () => this.savePicture()),
      entry("CSV", () => this.saveTable()),
    );
  }

  async savePicture() {
    const canvas = await pictureOf(/** @type {HTMLElement} */ (this.target), devicePixelRatio);
    const { epoch } = this.read(this.name);
    canvas.toBlob((blob) => blob && download(blob, fileName(this.label, epoch, "png")), "image/png");
  }

  saveTable() {
    const { table, epoch } = this.read(this.name);
    const blob = new Blob([csvOf(table)], { type: "text/csv;charset=utf-8" });
    download(blob, fileName(this.label, epoch, "csv"));
  }
}

/**
 * @param {string} label
 * @param {number} epoch
 * @param {string} kind
 */
export function fileName(label, epoch, kind) {
  return `${label.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-epoch-${epoch}.${kind}`;
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function download(blob, name) {
  const url = URL.createObjectURL(blob);
  html("a", { href: url, download: name }).click();
  // The browser has to have read it first.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
