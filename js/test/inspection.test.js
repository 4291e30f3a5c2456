import assert from "node:assert/strict";
import { test } from "node:test";
import { courseOf, ratingOf } from "../cell-panel.js";
import { decodeInspection, Inspection } from "../inspection.js";
import { InspectionRequests } from "../inspection-requests.js";
import { when } from "../side-text.js";
import { Store } from "../store.js";
import { hitsInWords, markOf, more } from "../user-panel.js";
import { frame, losses, moment, progress, settings, state, summary, windowData } from "./samples.js";

/** As Python packs it: user 5 and item 4. */
function packed(more = {}, lists = ["user", "item"]) {
  /** @type {[string, string, ArrayBufferView<ArrayBuffer>][]} */
  const arrays = [
    ["top_idx", "int32", Int32Array.of(3, 1)],
    ["top_scores", "float32", Float32Array.of(4.5, 4)],
    ["top_ratings", "float32", Float32Array.of(5, Number.NaN)],
    ["top_hits", "uint8", Uint8Array.of(1, 0)],
    ["pair_epochs", "int32", Int32Array.of(0, 2)],
    ["pair_predictions", "float32", Float32Array.of(3, 3.5)],
  ];
  for (const side of lists) {
    arrays.push([`${side}_rated_idx`, "int32", Int32Array.of(2)]);
    arrays.push([`${side}_rated_ratings`, "float32", Float32Array.of(4)]);
    arrays.push([`${side}_rated_parts`, "uint8", Uint8Array.of(2)]);
    arrays.push([`${side}_bars`, "int32", Int32Array.of(0, 1)]);
  }
  if (lists.length) arrays.push(["bars", "float32", Float32Array.of(1, 2)]);
  const about = (/** @type {string} */ side, /** @type {number} */ index) => ({
    index,
    id: `${side}${index}`,
    title: null,
    detail: "",
    n_ratings: 9,
    n_held_out: 1,
    mean: 3,
    rated: lists.includes(side) ? { ids: ["x"], titles: null } : null,
  });
  const content = {
    serial: 1,
    run: 1,
    epoch: 2,
    is_complete: true,
    user: {
      ...about("user", 5),
      n: 2,
      part: 2,
      threshold: 4,
      n_relevant: 1,
      precision: 0.5,
      ndcg: 1,
      top: { ids: ["a", "b"], titles: ["A (1999)", "B"] },
    },
    item: { ...about("item", 4), similar: null },
    pair: { rating: 4, part: 2 },
    arrays: arrays.map(([name, dtype, values]) => ({
      name,
      dtype,
      shape: [/** @type {any} */ (values).length],
    })),
    ...more,
  };
  return decodeInspection(
    content,
    arrays.map(([, , values]) => new DataView(values.buffer)),
  );
}

test("an answer is read, with the ratings held out beside what is recommended", () => {
  const { user, item, pair, course } = packed();
  assert.deepEqual(user?.top, [
    { index: 3, id: "a", title: "A (1999)", score: 4.5, rating: 5, hit: true },
    { index: 1, id: "b", title: "B", score: 4, rating: Number.NaN, hit: false },
  ]);
  assert.deepEqual(user?.rated, [{ index: 2, id: "x", title: "", rating: 4, part: 2 }]);
  assert.deepEqual([item?.similar, item?.title, pair?.rating], [null, "", 4]);
  assert.deepEqual([...course.epochs, ...course.predictions], [0, 2, 3, 3.5]);
});

test("ratings that came before are kept for the same user and item, and for no other", () => {
  const inspection = new Inspection();
  inspection.take(packed());
  inspection.take(packed({}, []));
  assert.equal(inspection.user(5)?.rated?.length, 1);
  assert.deepEqual([...(inspection.item(4)?.bars.counts ?? [])], [0, 1]);
  assert.equal(inspection.user(3), null);
  assert.equal(inspection.user(null), null);
  const { user } = packed({}, []);
  inspection.take(packed({ user: { ...user, index: 6, top: null } }, []));
  assert.equal(inspection.user(6)?.rated, null);
});

function selecting(/** @type {any} */ status = "finished") {
  const store = new Store(settings(), state({ status }), summary());
  const source = {
    user_idx: Int32Array.of(5),
    item_idx: Int32Array.of(4),
    predictions: Float32Array.of(3.75),
  };
  store.addWindow(windowData([0, 6], [0, 5], [[0, 0, 2, 1]]));
  store.addFrame(
    frame({ progress: progress({ epoch: 7 }), losses: losses([7], [1], [1]), source, stride: 1 }),
  );
  store.selected = { user: 5, item: 4 };
  /** @type {any[]} */
  const asked = [];
  const clock = { now: 0 };
  const end = new AbortController();
  const requests = new InspectionRequests(
    (question) => asked.push(question),
    () => {},
    () => clock.now,
    end.signal,
  );
  return { store, asked, clock, requests, end };
}

test("it is asked when something is selected, and again once what is shown has changed", () => {
  const { store, asked, clock, requests, end } = selecting();
  const { selected } = store;
  store.selected = { user: null, item: null };
  assert.equal(requests.want(store, 10), false);
  store.selected = selected;
  assert.equal(requests.want(store, 10), true);
  assert.deepEqual(asked, [{ user: 5, item: 4, n: 10, epoch: null, lists: ["user", "item"], serial: 1 }]);
  clock.now = 1000;
  assert.equal(requests.want(store, 10), false, "it waits for the answer");
  requests.answered({ serial: 1, is_complete: true });
  store.inspection.take(packed());
  clock.now = 2000;
  requests.want(store, 10);
  assert.equal(asked.length, 1, "nothing has changed");
  store.seek(3);
  store.addPast({ serial: store.serial, epoch: 3, moment: moment(store.source) });
  requests.want(store, 10);
  assert.deepEqual([asked.length, asked[1].epoch, asked[1].lists], [2, 3, []]);
  end.abort();
});

test("another selection or length is asked of at once, whatever is waited for", () => {
  const { store, asked, requests, end } = selecting("running");
  requests.want(store, 10);
  store.selected = { user: 3, item: 4 };
  assert.equal(requests.want(store, 10), true);
  assert.equal(requests.want(store, 20), true);
  assert.deepEqual(
    asked.map(({ user, n }) => [user, n]),
    [
      [5, 10],
      [3, 10],
      [3, 20],
    ],
  );
  requests.answered({ serial: 1, is_complete: true });
  assert.ok(requests.waiting, "an answer that is late settles nothing");
  end.abort();
});

test("while training it is asked seldom, the more so the longer answers take", () => {
  for (const [took, fewest, most] of [
    [10, 40, 50],
    [200, 8, 10],
    [2000, 1, 3],
  ]) {
    const { store, asked, clock, requests, end } = selecting("running");
    let due = Number.POSITIVE_INFINITY;
    for (let epoch = 8; clock.now < 10_000; clock.now += 10, epoch++) {
      store.addFrame(
        frame({ progress: progress({ epoch }), losses: losses([epoch], [1], [1]), source: store.source }),
      );
      const before = asked.length;
      requests.want(store, 10);
      if (asked.length > before) due = clock.now + took;
      if (clock.now >= due) {
        requests.answered({ serial: requests.serial, is_complete: true });
        due = Number.POSITIVE_INFINITY;
      }
    }
    assert.ok(asked.length >= fewest && asked.length <= most, `${took}: ${asked.length}`);
    end.abort();
  }
});

test("what is incomplete is asked on until it is whole; without a kernel nothing is", () => {
  const { store, asked, clock, requests, end } = selecting();
  for (const is_complete of [false, false, true, true]) {
    requests.want(store, 10);
    requests.answered({ serial: requests.serial, is_complete });
    clock.now += 100;
  }
  assert.equal(asked.length, 3);
  store.isLive = false;
  store.selected = { user: 1, item: 1 };
  requests.want(store, 10);
  assert.equal(asked.length, 3);
  end.abort();
});

test("an answer that never comes is asked for again", () => {
  const { store, asked, clock, requests, end } = selecting();
  for (; clock.now < 12_000; clock.now += 250) requests.want(store, 10);
  assert.equal(asked.length, 3);
  end.abort();
});

test("the course has what the kernel told, what is here of the past, and now", () => {
  const { store } = selecting();
  assert.deepEqual([...courseOf(store, 5, 4)], [[7, 3.75]]);
  store.inspection.take(packed());
  store.addPast({ serial: store.serial, epoch: 1, moment: moment(store.source) });
  assert.deepEqual(
    [...courseOf(store, 5, 4)].sort(([a], [b]) => a - b),
    [
      [0, 3],
      [1, 3.75],
      [2, 3.5],
      [7, 3.75],
    ],
  );
  assert.equal(courseOf(store, 5, 3).size, 0, "nothing is known of another pair");
  store.inspection.take(packed({ run: 0 }));
  assert.equal(courseOf(store, 5, 4).has(0), false, "of a run before a reset");
});

test("a pair's rating is that of the window, or where it is not in view what the kernel told", () => {
  const { store } = selecting();
  assert.deepEqual(ratingOf(store, 5, 4), { rating: 2, part: 1 });
  assert.equal(ratingOf(store, 4, 4), null);
  store.cells.clear();
  assert.equal(ratingOf(store, 5, 4), null);
  store.inspection.take(packed());
  assert.deepEqual(ratingOf(store, 5, 4), { rating: 4, part: 2 });
});

test("past epochs tell of a user and an item where all of them do", () => {
  const { store } = selecting();
  store.addPast({ serial: store.serial, epoch: 1, moment: moment(store.source) });
  assert.ok(store.past.tellsOf({ user: 5, item: null }));
  assert.ok(!store.past.tellsOf({ user: 5, item: 3 }));
  store.forgetPast();
  assert.ok(store.past.tellsOf({ user: 9, item: 9 }));
});

test("new data forgets what was told of the old", () => {
  const { store } = selecting();
  store.inspection.take(packed());
  store.setSummary(summary({ data: 2 }));
  assert.equal(store.inspection.answer, null);
});

test("lists say of which epoch they are, now only while they keep up", () => {
  const { store } = selecting("running");
  store.inspection.take(packed());
  assert.equal(when(store), "now");
  store.state = state({ status: "paused" });
  assert.equal(when(store), "at epoch 2");
  store.isLive = false;
  assert.equal(when(store), "at epoch 2, the last known");
});

test("a hit, a held out rating that is too low, and nothing held out", () => {
  const best = { index: 0, id: "", title: "", score: 1 };
  assert.deepEqual(markOf({ ...best, rating: 4.5, hit: true }, 2, false), {
    part: "test",
    mark: "4.5 hit",
    weight: "hit",
  });
  assert.equal(markOf({ ...best, rating: 3, hit: false }, 2, false).mark, "3.0");
  assert.equal(markOf({ ...best, rating: Number.NaN, hit: false }, 2, false).part, "");
  assert.deepEqual(markOf({ ...best, rating: 1, hit: true }, 1, true).mark, "hit");
  const user = /** @type {any} */ (packed().user);
  assert.equal(hitsInWords(user), "1 hit, P@2 0.50, NDCG 1.00");
  assert.equal(hitsInWords({ ...user, n_relevant: 0 }), "nothing to hit in test");
  assert.equal(hitsInWords({ ...user, top: null }), "");
  assert.deepEqual([more(user), more({ ...user, n_ratings: 1 })], [", 1 of 9", ""]);
});
