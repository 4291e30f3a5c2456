/** Where panels stand among each other. How many of them stand in a row is the style sheet's to say. */

/**
 * Panels that share a place stand one above the other, or beside each other where there is room.
 *
 * @typedef {Object} Place
 * @property {"matrix" | "plot" | "list"} kind panels of a kind are of one size
 * @property {string[]} names of the panels in it
 */

/** In their order; panels that are not there leave no hole. */
const PLACES = /** @type {const} */ ([
  { kind: "matrix", names: ["ratings"] },
  { kind: "matrix", names: ["split"] },
  { kind: "matrix", names: ["predictions"] },
  { kind: "matrix", names: ["residuals"] },
  { kind: "plot", names: ["loss"] },
  { kind: "plot", names: ["user_factors", "item_factors"] },
  { kind: "plot", names: ["map"] },
  { kind: "plot", names: ["cell"] },
  { kind: "list", names: ["user"] },
  { kind: "list", names: ["item"] },
  { kind: "list", names: ["runs", "architecture"] },
]);

const FACTORS = ["user_factors", "item_factors"];

/**
 * @param {string[]} names of the panels there are
 * @returns {Place[]} in the order they stand in
 */
export function placesOf(names) {
  // Of their own, factors are matrices, users down and items across.
  if (names.every((name) => FACTORS.includes(name)))
    return names.map((name) => ({ kind: "matrix", names: [name] }));
  return PLACES.map((place) => ({
    ...place,
    names: place.names.filter((name) => names.includes(name)),
  })).filter((place) => place.names.length > 0);
}

/**
 * @param {Place[]} places
 * @returns {Record<string, number>} how many there are of each kind
 */
export function countPlaces(places) {
  const counts = { matrix: 0, plot: 0, list: 0 };
  for (const { kind } of places) counts[kind]++;
  return counts;
}
