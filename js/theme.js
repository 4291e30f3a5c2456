/** Light or dark as the host has it, and the colours of the style sheet as canvases need them. */

import { DEVIATION_STOPS, DIVERGING_STOPS, luminance, pack, RATING_STOPS, ramp } from "./colors.js";

/**
 * @typedef {Object} Palette
 * @property {boolean} dark
 * @property {Uint32Array} ratings colour table of the rating scale
 * @property {string[]} stops of the rating scale
 * @property {Uint32Array} diverging colour table around zero
 * @property {string[]} around stops of it
 * @property {Uint32Array} deviations colour table of how unsure predictions are
 * @property {string[]} unsure stops of it
 * @property {number} ground of a matrix, as a pixel
 * @property {number} bare ground of residuals, as a pixel: "no error" is apart from it
 * @property {number} line of the hatch, as a pixel
 * @property {number} train as a pixel
 * @property {number} validation as a pixel
 * @property {number} test as a pixel
 * @property {string} ink
 * @property {string} quiet ink of labels
 * @property {string} page
 * @property {string} rule
 * @property {string} font family
 */

const ATTRIBUTES = [
  "data-jp-theme-light",
  "data-jp-theme-name",
  "data-vscode-theme-kind",
  "theme",
  "class",
  "style",
];

/**
 * @param {Element} element
 * @param {AbortSignal} signal
 * @param {() => void} changed
 */
export function watchTheme(element, signal, changed) {
  const observer = new MutationObserver(changed);
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true, attributeFilter: ATTRIBUTES });
  }
  signal.addEventListener("abort", () => observer.disconnect());
  for (const query of ["(forced-colors: active)", "(prefers-color-scheme: dark)"]) {
    element.ownerDocument.defaultView?.matchMedia(query).addEventListener("change", changed, { signal });
  }
}

/**
 * @param {Element} host the element the widget lies in
 * @returns {boolean}
 */
export function isDark(host) {
  const { body, documentElement } = document;
  if (matchMedia("(forced-colors: active)").matches) return luminance(rgba("Canvas")) < 0.5;
  const jupyter = body.dataset.jpThemeLight;
  if (jupyter) return jupyter === "false";
  const code = body.dataset.vscodeThemeKind;
  if (code) return !code.endsWith("light");
  const colab = documentElement.getAttribute("theme");
  if (colab) return colab === "dark";
  for (let element = /** @type {Element | null} */ (host); element; element = element.parentElement) {
    const color = rgba(getComputedStyle(element).backgroundColor);
    if (color[3] > 127) return luminance(color) < 0.4;
  }
  return false;
}

/**
 * @param {Element} root
 * @param {boolean} dark
 * @returns {Palette}
 */
export function readPalette(root, dark) {
  const style = getComputedStyle(root);
  const token = (/** @type {string} */ name) => style.getPropertyValue(`--rw-${name}`).trim();
  const pixel = (/** @type {string} */ name) => pack(rgba(token(name)));
  const stops = dark ? RATING_STOPS.dark : RATING_STOPS.light;
  const around = dark ? DIVERGING_STOPS.dark : DIVERGING_STOPS.light;
  const unsure = dark ? DEVIATION_STOPS.dark : DEVIATION_STOPS.light;
  return {
    dark,
    stops,
    around,
    unsure,
    deviations: ramp(unsure),
    diverging: ramp(around),
    ratings: ramp(stops),
    ground: pixel("matrix"),
    bare: pixel("bare"),
    line: pixel("rule"),
    train: pixel("train"),
    validation: pixel("validation"),
    test: pixel("test"),
    ink: token("ink"),
    quiet: token("ink3"),
    page: token("ground"),
    rule: token("rule"),
    font: style.fontFamily,
  };
}

/**
 * Any CSS colour as red, green, blue, alpha: the browser paints a pixel of it.
 *
 * @param {string} color
 */
function rgba(color) {
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return [255, 255, 255, 255];
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
}
