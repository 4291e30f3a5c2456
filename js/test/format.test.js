import assert from "node:assert/strict";
import { test } from "node:test";
import { count, duration, fixed, noun, percent, perSecond, plain, signed, titleParts } from "../format.js";

test("numbers have a true minus sign and no negative zero", () => {
  assert.equal(fixed(-1.25, 1), "−1.3");
  assert.equal(fixed(-0.001, 2), "0.00");
  assert.equal(signed(0.216, 2), "+0.22");
  assert.equal(signed(-0.2, 1), "−0.2");
  assert.equal(signed(0.001, 2), "0.00");
});

test("counts, shares and rates are short", () => {
  assert.equal(count(100836), "100,836");
  assert.equal(percent(100836 / (610 * 9724)), "1.7%");
  assert.equal(percent(0.7), "70%");
  assert.equal(percent(0.00004), "0.004%");
  assert.equal(perSecond(807_123), "807k ratings/s");
  assert.equal(perSecond(1_234_567), "1.2M ratings/s");
  assert.equal(perSecond(950), "950 ratings/s");
  assert.equal(duration(0.2), "1 s");
  assert.equal(duration(150), "3 min");
  assert.equal(plain(0.006), "0.006");
  assert.equal(plain(0.1 + 0.2), "0.3");
});

test("a column's name becomes a noun", () => {
  for (const [column, name] of [
    ["user_id", "user"],
    ["movieId", "movie"],
    ["movie_id", "movie"],
    ["MovieID", "Movie"],
    ["uid", "uid"],
    ["USER", "USER"],
    ["book title_id", "book title"],
    ["_id", "_id"],
  ]) {
    assert.equal(noun(column), name);
  }
});

test("a title is read as it is spoken", () => {
  assert.deepEqual(titleParts("Godfather: Part II, The (1974)"), {
    name: "The Godfather: Part II",
    short: "Godfather: Part II",
    year: "1974",
  });
  assert.deepEqual(titleParts("2001"), { name: "2001", short: "2001", year: "" });
  assert.equal(titleParts("Seven (a.k.a. Se7en) (1995)").name, "Seven (a.k.a. Se7en)");
  assert.equal(titleParts("<b>Bold</b>, A").name, "A <b>Bold</b>");
  assert.equal(titleParts("").name, "");
});
