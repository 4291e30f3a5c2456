import assert from "node:assert/strict";
import { test } from "node:test";
import { moveOf } from "../gestures.js";
import { settingsInWords } from "../header.js";
import { place } from "../tooltip.js";
import { settings } from "./samples.js";

test("the settings line leaves out what has no value", () => {
  assert.deepEqual(
    settingsInWords(settings({ n_factors: null, learning_rate: null, shares: [0.7, 0.1, 0.2] })),
    [
      ["model", "biased_mf"],
      ["L2", "0.01"],
      ["batch size", "256"],
      ["seed", "0"],
      ["split", "random 70 : 10 : 20"],
    ],
  );
});

test("the engine stands beside the model, with the reason for it, where there is one", () => {
  assert.deepEqual(settingsInWords(settings(), { name: "sgd", reason: "as asked" })[1], [
    "engine",
    "sgd",
    "as asked",
  ]);
  assert.equal(settingsInWords(settings(), null)[1]?.[0], "factors");
});

test("arrows move a cell, faster with Shift; other keys are left alone", () => {
  assert.deepEqual(moveOf("ArrowLeft", false, false), { by: "cell", users: 0, items: -1 });
  assert.deepEqual(moveOf("ArrowDown", true, false), { by: "cell", users: 10, items: 0 });
  assert.deepEqual(moveOf("End", false, true), { by: "end", users: 1, items: 1 });
  assert.equal(moveOf("a", false, false), null);
  assert.equal(moveOf(" ", false, false), null);
});

test("the tooltip stays inside the widget and never lies over the ring", () => {
  const room = { width: 900, height: 700 };
  const tip = { width: 180, height: 100 };
  for (let x = 0; x <= 890; x += 89) {
    for (let y = 120; y <= 690; y += 57) {
      const ring = { left: x, top: y, right: x + 10, bottom: y + 10 };
      const at = place(ring, tip, room);
      assert.ok(at.x >= 0 && at.x + tip.width <= room.width && at.y >= 0 && at.y + tip.height <= room.height);
      const apart =
        at.x >= ring.right ||
        at.x + tip.width <= ring.left ||
        at.y >= ring.bottom ||
        at.y + tip.height <= ring.top;
      assert.ok(apart, JSON.stringify([ring, at]));
    }
  }
});

test("the tooltip is right below where there is room, else left below", () => {
  const tip = { width: 180, height: 100 };
  const room = { width: 900, height: 700 };
  assert.deepEqual(place({ left: 100, top: 100, right: 110, bottom: 110 }, tip, room), { x: 118, y: 118 });
  assert.deepEqual(place({ left: 800, top: 100, right: 810, bottom: 110 }, tip, room), { x: 612, y: 118 });
});
