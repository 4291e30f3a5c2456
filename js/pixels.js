/** Cells painted into packed pixels: one colour a cell, blown up by a whole number, then marked. */

/**
 * @typedef {Object} Grid
 * @property {number} rows
 * @property {number} columns
 * @property {number} cell device pixels
 * @property {number} gap device pixels left free at the right and lower edge of a cell
 */

/**
 * The hole of a third in a test cell: of the cell's parity, so that it sits in the middle. 0 where it is too small.
 *
 * @param {number} size of the coloured part of a cell
 */
export function holeSize(size) {
  if (size < 3) return 0;
  const third = size / 3;
  const parity = size % 2;
  const low = 2 * Math.floor((third - parity) / 2) + parity;
  return third - low > 1 ? low + 2 : low;
}

/**
 * @param {{rows: number, columns: number, width: number, height: number, gap: number}} grid of cells that need
 *   not be square
 * @param {Uint32Array} colors (rows * columns)
 * @param {Uint32Array} pixels (rows * height, columns * width)
 * @param {number} ground
 */
export function expand({ rows, columns, width, height, gap }, colors, pixels, ground) {
  const stride = columns * width;
  const [across, down] = [width - gap, height - gap];
  for (let r = 0; r < rows; r++) {
    const top = r * height * stride;
    let at = top;
    for (let c = 0; c < columns; c++) {
      const color = colors[r * columns + c];
      for (let k = 0; k < across; k++) pixels[at++] = color;
      for (let k = 0; k < gap; k++) pixels[at++] = ground;
    }
    for (let k = 1; k < down; k++) pixels.copyWithin(top + k * stride, top, top + stride);
    if (gap) pixels.fill(ground, top + down * stride, top + height * stride);
  }
}

/**
 * @param {Uint32Array} pixels
 * @param {number} stride
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {number} color
 */
export function fillRect(pixels, stride, x, y, width, height, color) {
  for (let row = y; row < y + height; row++) pixels.fill(color, row * stride + x, row * stride + x + width);
}

/**
 * Marks in cells of the test part (a hole) and the validation part (a slit).
 *
 * @param {Grid} grid
 * @param {Uint8Array} parts (rows * columns)
 * @param {Uint32Array} pixels
 * @param {number} ground
 */
export function punch({ rows, columns, cell, gap }, parts, pixels, ground) {
  const size = cell - gap;
  const hole = holeSize(size);
  if (hole === 0) return;
  const inset = (size - hole) / 2;
  const stride = columns * cell;
  for (let k = 0; k < rows * columns; k++) {
    const part = parts[k];
    if (part !== 1 && part !== 2) continue;
    const x = (k % columns) * cell;
    const y = Math.floor(k / columns) * cell + inset;
    if (part === 2) fillRect(pixels, stride, x + inset, y, hole, hole, ground);
    else fillRect(pixels, stride, x, y, size, hole, ground);
  }
}

/**
 * A calm hatch where nothing is known yet.
 *
 * @param {Grid} grid
 * @param {(k: number) => boolean} unknown
 * @param {Uint32Array} pixels
 * @param {{ground: number, line: number, step: number}} hatch
 */
export function hatch({ rows, columns, cell }, unknown, pixels, { ground, line, step }) {
  const stride = columns * cell;
  for (let k = 0; k < rows * columns; k++) {
    if (!unknown(k)) continue;
    const left = (k % columns) * cell;
    const top = Math.floor(k / columns) * cell;
    for (let y = top; y < top + cell; y++) {
      for (let x = left; x < left + cell; x++) pixels[y * stride + x] = (x + y) % step === 0 ? line : ground;
    }
  }
}

/**
 * A frame of one colour inside a cell, or only its upper and lower bar.
 *
 * @param {Grid} grid
 * @param {number} k
 * @param {Uint32Array} pixels
 * @param {{inset: number, width: number, color: number, open?: boolean}} stroke
 */
export function frameCell({ columns, cell, gap }, k, pixels, { inset, width, color, open = false }) {
  const stride = columns * cell;
  const x = (k % columns) * cell + inset;
  const y = Math.floor(k / columns) * cell + inset;
  const size = cell - gap - 2 * inset;
  fillRect(pixels, stride, x, y, size, width, color);
  fillRect(pixels, stride, x, y + size - width, size, width, color);
  if (open) return;
  fillRect(pixels, stride, x, y, width, size, color);
  fillRect(pixels, stride, x + size - width, y, width, size, color);
}
