// Rows as messages come: run by test_lib.py under Node, beside copies of the modules.
import assert from "node:assert/strict";
import { test } from "node:test";

import { collection } from "./rows.js";

const row = (episode, rev) => ({ episode, rev });

test("rows from before a reset go when all have come, though more keep coming", () => {
  const told = [];
  const collected = collection("episode", (difference) => told.push(difference));
  const names = () => [...collected.rows.peek().keys()];
  collected.take({ rows: [row("a", 1), row("b", 2), row("c", 3)], reset: true });
  collected.take({ rows: [row("a", 1)], reset: true });
  assert.deepEqual(names(), ["a", "b", "c"]);
  collected.take({ rows: [row("b", 1)] });
  assert.deepEqual(names(), ["a", "b", "c"]);
  collected.take({ rows: [row("d", 2)], all: true });
  assert.deepEqual(names(), ["a", "b", "d"]);
  assert.deepEqual(told.at(-1), { changed: ["d"], gone: ["c"] });
  collected.take({ rows: [row("d", 2)] });
  assert.equal(told.length, 4);
});
