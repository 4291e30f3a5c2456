/** Elements built from plain data. Text becomes text nodes: nothing here parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Keeps JupyterLab's shortcuts from firing. They match the focused element itself before they look at what it lies in,
 * so every element that takes the focus has to carry this.
 */
export const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };

/** @typedef {Record<string, string | number | boolean | null>} Attributes */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Set what differs: an attribute written again, or a text node replaced by its like, costs a layout thirty times a
 * second and makes a screen reader speak.
 *
 * @param {Element} element
 * @param {Attributes} attributes null or false removes, true sets an empty one
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) {
      element.removeAttribute(name);
      continue;
    }
    const text = value === true ? "" : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/**
 * How much larger an element is on the page than by its own measures: its pointer's places come as on the page.
 *
 * @param {HTMLElement} element
 */
export function scaleOf(element) {
  const { width } = element.getBoundingClientRect();
  // Its own width is told in whole pixels, so the quotient is right to a hundredth.
  return element.offsetWidth ? Math.round((100 * width) / element.offsetWidth) / 100 : 1;
}

/**
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent === text) return;
  const { firstChild } = element;
  // A text node that stays is laid out sooner than a new one.
  if (firstChild instanceof Text && firstChild === element.lastChild && text) firstChild.data = text;
  else element.textContent = text;
}
