import assert from "node:assert/strict";
import { test } from "node:test";
import { matchInWords } from "../search.js";

/** @import { Match } from "../types.js" */

const columns = { user: "user_id", item: "movie_id" };
/** @type {Match} */
const match = {
  side: "item",
  index: 3,
  position: 9,
  id: "50",
  title: "Usual Suspects, The (1995)",
  n_ratings: 1,
};

test("a match is told by its title, or by its id where there is none", () => {
  assert.deepEqual(matchInWords(match, columns), {
    name: "The Usual Suspects",
    detail: "1995, 1 rating",
  });
  assert.equal(matchInWords(match, columns, "5").detail, "1995, movie 50, 1 rating");
  const untitled = { name: "movie 50", detail: "2,698 ratings" };
  assert.deepEqual(matchInWords({ ...match, title: null, n_ratings: 2698 }, columns), untitled);
  assert.deepEqual(matchInWords({ ...match, title: "50", n_ratings: 2698 }, columns), untitled);
  const user = { name: "user 50", detail: "1 rating" };
  assert.deepEqual(matchInWords({ ...match, side: "user", title: null }, columns), user);
});
