/** Tabs that choose one matrix where there is room for no more. */

import { html, OWN_KEYS, setAttributes } from "./dom.js";

export class Tabs {
  /**
   * @param {{label: string, title: string, section: HTMLElement}[]} panels
   * @param {() => void} changed
   * @param {AbortSignal} signal
   */
  constructor(panels, changed, signal) {
    this.panels = panels;
    this.changed = changed;
    this.chosen = 0;
    this.tabs = panels.map(({ label, title, section }, k) => {
      const tab = html(
        "button",
        {
          type: "button",
          role: "tab",
          class: "rw-tab",
          "aria-label": label,
          "aria-controls": section.id,
          ...OWN_KEYS,
        },
        title,
      );
      tab.addEventListener("click", () => this.choose(k), { signal });
      return tab;
    });
    this.element = html("div", { class: "rw-tabs", role: "tablist", "aria-label": "Matrix" }, ...this.tabs);
    this.element.addEventListener("keydown", (event) => this.key(event), { signal });
    this.narrow = false;
  }

  /**
   * With room for all, there are no tabs and no panel is hidden.
   *
   * @param {boolean} narrow
   */
  show(narrow) {
    this.narrow = narrow;
    this.panels.forEach(({ section }, k) => {
      setAttributes(section, { hidden: narrow && k !== this.chosen, role: narrow ? "tabpanel" : null });
      setAttributes(this.tabs[k], {
        "aria-selected": String(k === this.chosen),
        tabindex: k === this.chosen ? 0 : -1,
      });
    });
  }

  /** @param {number} k */
  choose(k) {
    this.chosen = k;
    this.show(this.narrow);
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const last = this.tabs.length - 1;
    const to = {
      ArrowRight: this.chosen === last ? 0 : this.chosen + 1,
      ArrowLeft: this.chosen === 0 ? last : this.chosen - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.choose(to);
    this.tabs[to].focus();
  }
}
