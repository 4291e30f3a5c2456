/** Who stands where: the users (or items) by their position on the axis. */

export class Order {
  /** @param {number} size */
  constructor(size) {
    this.size = size;
    this.indices = new Int32Array(size).fill(-1);
    /** @type {Map<number, string>} */
    this.ids = new Map();
    /** @type {Map<number, string>} */
    this.titles = new Map();
    /** @type {Map<number, string>} */
    this.details = new Map();
  }

  /**
   * @param {number} start position of the first
   * @param {Int32Array} indices
   * @param {string[]} ids
   * @param {string[] | null} [titles]
   * @param {string[] | null} [details]
   */
  add(start, indices, ids, titles = null, details = null) {
    this.indices.set(indices, start);
    ids.forEach((id, k) => {
      this.ids.set(start + k, id);
    });
    titles?.forEach((title, k) => {
      if (title) this.titles.set(start + k, title);
    });
    details?.forEach((detail, k) => {
      if (detail) this.details.set(start + k, detail);
    });
  }

  /** @param {number} position */
  id(position) {
    return this.ids.get(position) ?? "";
  }

  /**
   * What else is known, in a few words.
   *
   * @param {number} position
   */
  detail(position) {
    return this.details.get(position) ?? "";
  }

  /**
   * Which of a range stand for some indices.
   *
   * @param {Set<number>} indices
   * @param {number} first position
   * @param {number} n positions
   * @returns {number[]} counted from the first
   */
  among(indices, first, n) {
    const found = [];
    for (let k = 0; k < n; k++) if (indices.has(this.indices[first + k])) found.push(k);
    return found;
  }

  /** @param {number} position */
  title(position) {
    return this.titles.get(position) ?? "";
  }
}
