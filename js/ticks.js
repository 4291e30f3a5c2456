/** Axis ticks, and labels kept apart. */

/**
 * @param {number} span
 * @param {number} most ticks wanted at most
 * @param {boolean} [whole] whole numbers only
 */
export function tickStep(span, most, whole = false) {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const factor = [1, 2, 5, 10].find((step) => step * power >= rough * (1 - 1e-9)) ?? 10;
  const step = factor * power;
  return whole ? Math.max(1, Math.round(step)) : step;
}

/**
 * Multiples of the step within a domain.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} step
 */
export function ticks(low, high, step) {
  const first = Math.ceil(low / step - 1e-6);
  const last = Math.floor(high / step + 1e-6);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) =>
    Number(((first + k) * step).toFixed(digits)),
  );
}

/**
 * Vertical places for labels that want to be at `wanted`, at least `gap` apart, in the same order, within bounds.
 *
 * @param {number[]} wanted
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 */
export function spread(wanted, gap, low, high) {
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b] || a - b);
  /** @type {{from: number, size: number, sum: number}[]} runs of labels that touch */
  const runs = [];
  const place = (/** @type {{size: number, sum: number}} */ run) => {
    const middle = run.sum / run.size;
    const half = ((run.size - 1) * gap) / 2;
    return Math.max(low, Math.min(high - 2 * half, middle - half));
  };
  order.forEach((k, rank) => {
    let run = { from: rank, size: 1, sum: Math.max(low, Math.min(high, wanted[k])) };
    for (let last = runs.at(-1); last && place(last) + last.size * gap > place(run); last = runs.at(-1)) {
      runs.pop();
      run = { from: last.from, size: last.size + run.size, sum: last.sum + run.sum };
    }
    runs.push(run);
  });
  const placed = new Array(wanted.length).fill(0);
  for (const run of runs)
    for (let k = 0; k < run.size; k++) placed[order[run.from + k]] = place(run) + k * gap;
  return placed;
}
