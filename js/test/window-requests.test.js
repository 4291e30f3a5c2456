import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { contains } from "../viewport.js";
import { WindowRequests } from "../window-requests.js";

/** @import { Rect } from "../types.js" */

/** @returns {Rect} */
const view = (/** @type {number} */ user, /** @type {number} */ item) => ({
  users: [user, user + 60],
  items: [item, item + 144],
});

function scene() {
  mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {Rect[]} */
  const asked = [];
  const end = new AbortController();
  const requests = new WindowRequests(
    (rect) => asked.push(rect),
    { users: [0, 96], items: [0, 160] },
    end.signal,
  );
  return { asked, requests, end, done: () => mock.timers.reset() };
}

test("nothing is asked for while the view is inside what comes anyway", () => {
  const { asked, requests, done } = scene();
  requests.want(view(0, 0), 610, 9724);
  requests.want(view(30, 10), 610, 9724);
  mock.timers.tick(1000);
  assert.deepEqual(asked, []);
  done();
});

test("a drag asks once in a while, for where it has got to, with a margin", () => {
  const { asked, requests, done } = scene();
  for (let step = 1; step <= 30; step++) {
    requests.want(view(step * 10, 0), 610, 9724);
    mock.timers.tick(10);
  }
  mock.timers.tick(100);
  assert.ok(asked.length >= 2 && asked.length <= 6, `${asked.length} requests in 300 ms`);
  assert.ok(contains(asked[asked.length - 1], view(300, 0)));
  done();
});

test("a view that came back is not asked for", () => {
  const { asked, requests, done } = scene();
  requests.want(view(200, 0), 610, 9724);
  requests.want(view(0, 0), 610, 9724);
  mock.timers.tick(1000);
  assert.deepEqual(asked, []);
  done();
});

test("a view that is gone asks for nothing more", () => {
  const { asked, requests, end, done } = scene();
  requests.want(view(200, 0), 610, 9724);
  end.abort();
  mock.timers.tick(1000);
  assert.deepEqual(asked, []);
  done();
});
