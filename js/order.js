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
  }

  /**
   * @param {number} start position of the first
   * @param {Int32Array} indices
   * @param {string[]} ids
   * @param {string[] | null} [titles]
   */
  add(start, indices, ids, titles = null) {
    this.indices.set(indices, start);
    ids.forEach((id, k) => {
      this.ids.set(start + k, id);
    });
    titles?.forEach((title, k) => {
      if (title) this.titles.set(start + k, title);
    });
  }

  /** @param {number} position */
  id(position) {
    return this.ids.get(position) ?? "";
  }

  /** @param {number} position */
  title(position) {
    return this.titles.get(position) ?? "";
  }
}
