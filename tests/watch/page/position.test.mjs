// Where an offset stands in YAML, and what the schema says of it: run by test_position.py under
// Node, beside copies of the modules.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { positionAt } from "./position.js";
import { aboutOf, keysAt, sample, schemasAt, valuesAt } from "./schema.js";

const SCHEMA = JSON.parse(readFileSync(new URL("./schema.json", import.meta.url)));

/** The place of the mark ‸ in a text: [path as text, at, what is typed]. */
function at(marked) {
  const offset = marked.indexOf("‸");
  const text = marked.replace("‸", "");
  const place = positionAt(text, offset);
  return place && [place.path.join("."), place.at, text.slice(place.from, offset)];
}

const CASES = [
  ["‸", ["", "key", ""]],
  ["na‸", ["", "key", "na"]],
  ["name: x\nto‸", ["", "key", "to"]],
  ["environment: wo‸", ["environment", "value", "wo"]],
  ["user:\n  sty‸", ["user", "key", "sty"]],
  ["user:\n  style: t‸", ["user.style", "value", "t"]],
  ["user:\n  style: terse\npl‸", ["", "key", "pl"]],
  ["user:\n  style: terse\n  ‸", ["user", "key", ""]],
  ["tools:\n  - Get‸", ["tools.0", "item", "Get"]],
  ["tools:\n- A\n- B‸", ["tools.1", "item", "B"]],
  ["tools:\n- A\nuser:\n- x\n- ‸", ["user.1", "item", ""]],
  ["tools: [A, B‸", ["tools.1", "item", "B"]],
  ["tools: [A,\n  B,\n  ‸", ["tools.2", "item", ""]],
  ["user: {per‸", ["user", "key", "per"]],
  ["user: {persona: a, sty‸", ["user", "key", "sty"]],
  ["user: {persona: a, style: t‸", ["user.style", "value", "t"]],
  ["user: {persona: 'a, {b', style: t‸", ["user.style", "value", "t"]],
  ["user: {knows: {a: b}, sty‸", ["user", "key", "sty"]],
  ["plan:\n  - {tool‸", ["plan.0", "key", "tool"]],
  ["plan:\n  - {tool_call: a}\n  - {chit‸", ["plan.1", "key", "chit"]],
  ["expect:\n  calls:\n    - name: A\n      arguments:\n        x: 1\n    - na‸", ["expect.calls.1", "item", "na"]],
  ["expect:\n  calls:\n    - name: A\n      arg‸", ["expect.calls.0", "key", "arg"]],
  ["expect:\n  calls:\n    - name: A\n      arguments: {u: 1}\n      st‸", ["expect.calls.0", "key", "st"]],
  ["tester:\n  checks:\n    - plan_‸", ["tester.checks.0", "item", "plan_"]],
  ["tester: {checks: [plan_completed, {called: G‸", ["tester.checks.1.called", "value", "G"]],
  ["description: what? {no} it‸", ["description", "value", "what? {no} it"]],
  ["description: it's [fine\nna‸", ["", "key", "na"]],
  ["name: a # {b\nto‸", ["", "key", "to"]],
  ["# com‸", null],
  ["description: |\n  words: ‸", null],
  ["description: |\n  words: a\nna‸", ["", "key", "na"]],
  ["'name': ‸", ["name", "value", ""]],
];

for (const [marked, expected] of CASES) {
  test(JSON.stringify(marked), () => assert.deepEqual(at(marked), expected));
}

test("keys, values and their meaning come from the schema", () => {
  const names = (path) => keysAt(SCHEMA, path).map((one) => one.name);
  assert.ok(names([]).includes("environment") && names([]).includes("vary"));
  assert.deepEqual(names(["plan", 0]), ["tool_call", "chitchat"]);
  assert.deepEqual(names(["assistant"]), ["architecture", "model", "instructions"]);
  assert.ok(names(["tester", "checks", 2]).includes("query"));
  assert.ok(names(["expect", "calls", 0]).includes("arguments"));
  assert.deepEqual(names(["user", "style"]), []);
  assert.deepEqual(names(["nowhere", 0, "x"]), []);
  assert.ok(valuesAt(SCHEMA, ["user", "style"]).includes("terse"));
  assert.ok(valuesAt(SCHEMA, ["tester", "checks", 0]).includes("plan_completed"));
  assert.deepEqual(valuesAt(SCHEMA, ["user", "verbatim"]), ["true", "false"]);
  assert.match(aboutOf(SCHEMA, ["limits", "turns"]), /User turns/);
  assert.match(aboutOf(SCHEMA, ["user"]), /person/);
  assert.equal(aboutOf(SCHEMA, ["constructor"]), "");
  assert.ok(schemasAt(SCHEMA, ["tools", 0]).length > 1);
});

test("a sample has what is wanted", () => {
  const schema = {
    type: "object",
    properties: { a: { type: "string" }, b: { type: "integer", default: 3 }, c: { enum: ["x"] }, d: {} },
    required: ["a", "b", "c", "d"],
  };
  assert.deepEqual(sample(schema), { a: "", b: 3, c: "x", d: null });
  assert.deepEqual(sample({ type: "object", properties: { a: { type: ["string", "null"] } } }), { a: "" });
});
