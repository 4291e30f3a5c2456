import assert from "node:assert/strict";
import { test } from "node:test";
import { cutTitles, ellipsis } from "../matrix-overlay.js";

/** A letter is a pixel wide. */
const context = {
  measureText: (/** @type {string} */ text) => /** @type {TextMetrics} */ ({ width: text.length }),
};

test("a title that fits loses its year only, a long one its end", () => {
  const titles = ["Heat (1995)", "Shawshank Redemption, The (1994)"];
  assert.deepEqual(cutTitles(context, titles, 12), ["Heat", "Shawshank R…"]);
});

test("titles that would read alike are cut in the middle", () => {
  const titles = [
    "Star Wars: Episode IV - A New Hope (1977)",
    "Star Wars: Episode V - The Empire Strikes Back (1980)",
    "Alien (1979)",
  ];
  assert.deepEqual(cutTitles(context, titles, 15), ["Star Wa…ew Hope", "Star Wa…es Back", "Alien"]);
});

test("titles that are alike but for the year have it", () => {
  const titles = [
    "Titanic (1953)",
    "Titanic (1997)",
    "Harry Potter and the Stone (2001)",
    "Harry Potter and the Stone (2002)",
  ];
  const names = cutTitles(context, titles, 15);
  assert.equal(new Set(names).size, 4);
  assert.deepEqual(names.slice(0, 2), titles.slice(0, 2));
  assert.ok(names[2].endsWith("(2001)") && names[3].endsWith("(2002)"));
});

test("a text is cut to its room whatever that is", () => {
  for (let room = 1; room < 30; room++) {
    for (const inMiddle of [false, true]) {
      const cut = ellipsis(context, "abcdefghij klmnopqrst", room, inMiddle);
      assert.ok(cut.length <= room);
      assert.equal(cut.includes("…"), room < 21);
    }
  }
});
