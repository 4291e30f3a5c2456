import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { sparing } from "../sparing.js";

test("the first call is made at once, some of those that follow fast, and the last of them", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  /** @type {number[]} */
  const made = [];
  const end = new AbortController();
  const ask = sparing(() => made.push(now), 100, end.signal);
  for (now = 0; now <= 250; now += 10) {
    ask();
    mock.timers.tick(10);
  }
  mock.timers.tick(100);
  assert.equal(made[0], 0);
  assert.ok(made.length >= 3 && made.length <= 5, String(made));
  const { length } = made;
  mock.timers.tick(1000);
  assert.equal(made.length, length);
  now = 2000;
  ask();
  assert.equal(made.at(-1), 2000);
  ask();
  end.abort();
  mock.timers.tick(1000);
  assert.equal(made.at(-1), 2000);
  mock.timers.reset();
});
