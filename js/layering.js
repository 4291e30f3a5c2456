/**
 * Boxes in ranks, so that edges go one way: a small layered layout after Sugiyama, Tagawa and Toda (1981).
 * recowidget/charts/layering.py does the same.
 */

/** @typedef {{rank: number, at: number}} Place boxes of a rank are 1 or more apart */

/**
 * @typedef {Object} Layout
 * @property {Place[]} places of the boxes, in the order given; the least `at` is 0
 * @property {Place[][]} edges the places each goes through: its first box, one a rank between, its last box
 * @property {[from: number, to: number][]} ends of the edges, the boxes' numbers
 * @property {number} n_ranks
 * @property {number} breadth the greatest `at` and 1
 */

const SWEEPS = 4;

/**
 * @param {number[][]} feeding of each box the numbers of those that feed it, which come before it
 * @returns {Layout}
 */
export function layeredLayout(feeding) {
  const ranks = ranksOf(feeding);
  const chains = chainsOf(feeding, ranks);
  const rank_of = [...ranks];
  for (const chain of chains)
    chain.forEach((k, step) => {
      rank_of[k] = ranks[chain[0]] + step;
    });
  const at = arrange(rank_of, chains);
  const least = Math.min(...at, Number.POSITIVE_INFINITY);
  const places = at.map((place, k) => ({ rank: rank_of[k], at: place - least }));
  return {
    places: places.slice(0, feeding.length),
    edges: chains.map((chain) => chain.map((k) => places[k])),
    ends: chains.map((chain) => [chain[0], chain[chain.length - 1]]),
    n_ranks: Math.max(-1, ...rank_of) + 1,
    breadth: Math.max(-1, ...places.map((place) => place.at)) + 1,
  };
}

/**
 * By the longest path. What nothing feeds stands right before what it feeds first; where nothing feeds anything, each
 * has a rank of its own.
 *
 * @param {number[][]} feeding
 */
function ranksOf(feeding) {
  if (feeding.every((others) => others.length === 0)) return feeding.map((_, k) => k);
  /** @type {number[]} */
  const ranks = [];
  feeding.forEach((others, box) => {
    ranks.push(Math.max(0, ...others.filter((other) => other < box).map((other) => ranks[other] + 1)));
  });
  feeding.forEach((others, box) => {
    const fed = ranks.filter((_, k) => k > box && feeding[k].includes(box));
    if (others.length === 0 && fed.length > 0) ranks[box] = Math.min(...fed) - 1;
  });
  return ranks;
}

/**
 * Each edge as the numbers of its first box, of a bend a rank between, and of its last box.
 *
 * @param {number[][]} feeding
 * @param {number[]} ranks
 */
function chainsOf(feeding, ranks) {
  /** @type {number[][]} */
  const chains = [];
  let n = feeding.length;
  feeding.forEach((others, box) => {
    for (const other of others) {
      const bends = ranks[box] - ranks[other] - 1;
      if (bends < 0) continue;
      chains.push([other, ...Array.from({ length: bends }, () => n++), box]);
    }
  });
  return chains;
}

/**
 * Places within ranks, by turns near to what is before and to what is after.
 *
 * @param {number[]} rank_of
 * @param {number[][]} chains
 */
function arrange(rank_of, chains) {
  /** @type {number[][]} */
  const before = rank_of.map(() => []);
  /** @type {number[][]} */
  const after = rank_of.map(() => []);
  for (const chain of chains) {
    for (let k = 1; k < chain.length; k++) {
      after[chain[k - 1]].push(chain[k]);
      before[chain[k]].push(chain[k - 1]);
    }
  }
  /** @type {number[][]} */
  const rows = Array.from({ length: Math.max(-1, ...rank_of) + 1 }, () => []);
  rank_of.forEach((rank, k) => {
    rows[rank].push(k);
  });
  const at = rank_of.map((rank, k) => rows[rank].indexOf(k) - (rows[rank].length - 1) / 2);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [order, neighbours] of [
      /** @type {const} */ ([rows, before]),
      /** @type {const} */ ([rows.toReversed(), after]),
    ]) {
      for (const row of order) {
        const placed = apart(row.map((k) => mean(neighbours[k].map((n) => at[n])) ?? at[k]));
        row.forEach((k, place) => {
          at[k] = placed[place];
        });
        row.sort((a, b) => at[a] - at[b]);
      }
    }
  }
  return at;
}

/** @param {number[]} values */
function mean(values) {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}

/**
 * Move places as little as it takes to be 1 apart; those that touch stand around the mean they wanted.
 *
 * @param {number[]} wanted
 */
export function apart(wanted) {
  /** @type {number[][]} */
  const runs = [];
  const start = (/** @type {number[]} */ run) =>
    /** @type {number} */ (mean(run.map((k) => wanted[k]))) - (run.length - 1) / 2;
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b] || a - b);
  for (const k of order) {
    let run = [k];
    for (let last = runs.at(-1); last && start(last) + last.length > start(run); last = runs.at(-1)) {
      runs.pop();
      run = [...last, ...run];
    }
    runs.push(run);
  }
  const placed = new Array(wanted.length).fill(0);
  for (const run of runs) {
    const first = start(run);
    run.forEach((k, place) => {
      placed[k] = first + place;
    });
  }
  return placed;
}
