import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting, kindText, shapeText, summary } from "../architecture-panel.js";
import { apart, layeredLayout } from "../layering.js";

/** user, item, their factors and biases, dot, sum: what feeds what. */
const BIASED = [[], [], [0], [1], [0], [1], [2, 3], [6, 4, 5]];

test("edges go forward a rank at a time, and boxes of a rank stand apart", () => {
  const { places, edges, ends, n_ranks, breadth } = layeredLayout(BIASED);
  assert.equal(edges.length, BIASED.flat().length);
  edges.forEach((edge, k) => {
    edge.forEach(({ rank }, step) => {
      assert.equal(rank, edge[0].rank + step);
    });
    assert.deepEqual([edge[0], edge.at(-1)], [places[ends[k][0]], places[ends[k][1]]]);
  });
  for (let rank = 0; rank < n_ranks; rank++) {
    const row = places.filter((place) => place.rank === rank).map(({ at }) => at);
    row.sort((a, b) => a - b);
    for (let k = 1; k < row.length; k++) assert.ok(row[k] - row[k - 1] > 1 - 1e-9, `rank ${rank}`);
    for (const at of row) assert.ok(at >= 0 && at <= breadth - 1 + 1e-9);
  }
  assert.deepEqual(
    places.map(({ rank }) => rank),
    [0, 0, 1, 1, 1, 1, 2, 3],
  );
});

test("a chain is straight, and layers of which no graph is known stand in a row", () => {
  for (const feeding of [
    [[], [0], [1]],
    [[], [], []],
  ]) {
    assert.deepEqual(
      layeredLayout(feeding).places.map(({ rank, at }) => [rank, at]),
      [
        [0, 0],
        [1, 0],
        [2, 0],
      ],
    );
  }
});

test("an input stands right before what it feeds", () => {
  const { places } = layeredLayout([[], [], [0], [2, 1]]);
  assert.deepEqual(
    places.map(({ rank }) => rank),
    [0, 1, 1, 2],
  );
});

test("no layers are no layout", () => {
  const { places, n_ranks, breadth } = layeredLayout([]);
  assert.deepEqual([places.length, n_ranks, breadth], [0, 0, 0]);
});

test("places that want to be one are spread around it", () => {
  assert.deepEqual(apart([2, 2, 2]), [1, 2, 3]);
  assert.deepEqual(apart([5, 0]), [5, 0]);
});

test("the layers run to the right where there is room, downwards in a narrow widget", () => {
  const layout = layeredLayout(BIASED);
  const wide = fitting(layout, 1176);
  assert.ok(!wide.down && wide.size.width <= 1176);
  const narrow = fitting(layout, 456);
  assert.ok(narrow.down && narrow.size.width <= 456);
});

test("shapes leave the batch out, and the total counts all layers", () => {
  const layer = { name: "a", kind: "Embedding", n_parameters: 20, inputs: [], trainable: true };
  assert.equal(shapeText({ output_shape: [null, 1, 2] }), "1 × 2");
  assert.equal(shapeText({ output_shape: [null, null, 2] }), "any × 2");
  assert.equal(shapeText({ output_shape: null }), "");
  const layers = [
    { ...layer, output_shape: [null, 1, 2] },
    { ...layer, n_parameters: 12, output_shape: null },
  ];
  assert.equal(summary(layers), "32 parameters in 2 layers");
  assert.equal(summary([]), "comes with the model");
});

test("where a box is narrow, the kind of a layer gives way to its shape", () => {
  assert.equal(kindText("Embedding", "1 × 16", 200), "Embedding 1 × 16");
  assert.match(kindText("Embedding", "1 × 16", 96), /^E\w+… 1 × 16$/);
  assert.equal(kindText("Embedding", "1 × 16", 50), "1 × 16");
  assert.equal(kindText("Embedding", "", 200), "Embedding");
});
