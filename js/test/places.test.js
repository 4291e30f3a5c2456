import assert from "node:assert/strict";
import { test } from "node:test";
import { countPlaces, placesOf } from "../places.js";

/** @param {string[]} names */
const places = (names) => placesOf(names).map(({ kind, names: inside }) => `${kind} ${inside.join("+")}`);

test("panels stand in their places whatever order they come in, factors in one and runs over the layers", () => {
  const names = ["architecture", "runs", "item", "user", "cell", "map", "item_factors", "user_factors"];
  assert.deepEqual(places([...names, "loss", "residuals", "predictions", "ratings"]), [
    "matrix ratings",
    "matrix predictions",
    "matrix residuals",
    "plot loss",
    "plot user_factors+item_factors",
    "plot map",
    "plot cell",
    "list user",
    "list item",
    "list runs+architecture",
  ]);
});

test("what is not there has no place", () => {
  assert.deepEqual(places(["ratings", "loss", "architecture"]), [
    "matrix ratings",
    "plot loss",
    "list architecture",
  ]);
  assert.deepEqual(places([]), []);
});

test("factors of their own are matrices side by side", () => {
  assert.deepEqual(places(["user_factors", "item_factors"]), ["matrix user_factors", "matrix item_factors"]);
  assert.deepEqual(places(["item_factors"]), ["matrix item_factors"]);
});

test("places are counted by their kind", () => {
  const names = ["ratings", "predictions", "loss", "user_factors", "item_factors", "runs", "architecture"];
  assert.deepEqual(countPlaces(placesOf(names)), { matrix: 2, plot: 2, list: 1 });
});
