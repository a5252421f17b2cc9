// How events become blocks: run by test_turns.py under Node, beside copies of the modules.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { tableChanges } from "./changes.js";
import { partialsAfter } from "./partials.js";
import { blocksUpto, markers, planAt, Turns, usage } from "./turns.js";

const RECORDED = JSON.parse(readFileSync(new URL("./recorded.json", import.meta.url)));

function grouped(events) {
  const turns = new Turns();
  turns.add(events);
  return turns;
}

for (const [name, events] of Object.entries(RECORDED)) {
  test(`${name}: every event has its place, one at a time as all at once`, () => {
    const [whole, slowly] = [grouped(events), new Turns()];
    for (const event of events) slowly.add([event]);
    assert.deepEqual(slowly.blocks, whole.blocks);
    assert.deepEqual([...whole.places.keys()].sort((a, b) => a - b), events.map((e) => e.seq));
    assert.ok([...whole.places.values()].every((place) => whole.blocks[place]));
    assert.ok(!whole.blocks.some((block) => block.kind === "other"));
  });

  test(`${name}: up to any event, the blocks are as they were then`, () => {
    const whole = grouped(events);
    for (const { seq } of events) {
      const then = grouped(events.slice(0, seq + 1)).blocks;
      const now = blocksUpto(whole.blocks, seq);
      assert.deepEqual(now.map((b) => [b.kind, b.seq]), then.map((b) => [b.kind, b.seq]));
      const results = (blocks) => blocks.flatMap((b) => b.calls ?? []).map((c) => c.result?.seq);
      assert.deepEqual(results(now), results(then));
    }
  });
}

test("adding an event leaves the other blocks the same objects", () => {
  const events = RECORDED["parallel-calls"];
  const turns = new Turns();
  for (const event of events) {
    const before = [...turns.blocks];
    turns.add([event]);
    const changed = before.filter((block, i) => turns.blocks[i] !== block);
    assert.ok(changed.length <= 1, `${event.kind} changed ${changed.length} blocks`);
  }
  assert.equal(turns.add(events), 0, "events that are there already are passed over");
});

test("parallel calls are one message's, each with its own result", () => {
  const { blocks } = grouped(RECORDED["parallel-calls"]);
  const [together] = blocks.filter((block) => block.calls?.length);
  assert.equal(together.calls.length, 2);
  assert.deepEqual(together.calls.map((c) => c.result.data.call_id), together.calls.map((c) => c.id));
  assert.equal(together.models.length, 1);
});

test("a failed call is an error mark, and a change of the database hangs on its call", () => {
  const failed = markers(RECORDED["fault-and-retry"]).filter((mark) => mark.kind === "error");
  assert.equal(failed.length, 1);
  const { blocks } = grouped(RECORDED["shop-order"]);
  const changes = blocks.flatMap((b) => b.calls ?? []).map((call) => call.change).filter(Boolean);
  assert.equal(changes.length, 1);
  const [orders, products] = tableChanges(changes[0].data);
  assert.deepEqual(orders.rows.map((row) => row.kind), ["added"]);
  assert.deepEqual(products.rows.map((row) => [row.kind, row.changed]), [["changed", ["stock"]]]);
});

test("the plan knows its current step and which were met", () => {
  const { plan } = grouped(RECORDED["shop-order"]);
  const end = planAt(plan);
  assert.deepEqual(end.steps.map((step) => step.met), [true, true]);
  assert.equal(end.current, 2);
  const begun = planAt(plan, plan[1].seq);
  assert.deepEqual([begun.current, begun.steps[0].met], [0, undefined]);
});

test("a model call that led to nothing is seen at the end", () => {
  const events = RECORDED["shop-order"];
  const seq = events.length - 1;
  const role = "assistant";
  const lost = { seq, kind: "model_call", source: role, data: { role, key: "assistant.99", answer: {} } };
  const turns = grouped([...events.slice(0, -1), lost, { ...events.at(-1), seq: seq + 1 }]);
  const ending = turns.blocks.at(-1);
  assert.equal(ending.kind, "ending");
  assert.deepEqual(ending.models, [lost]);
  assert.equal(turns.blocks[turns.places.get(seq)], ending);
  assert.deepEqual(grouped(events).blocks.at(-1).models, []);
});

test("what the models used adds up to what the end says", () => {
  for (const events of Object.values(RECORDED)) {
    const said = events.at(-1).data.usage;
    const roles = Object.values(usage(events));
    const sum = (name) => roles.reduce((total, role) => total + role[name], 0);
    assert.equal(sum("calls"), said.model_calls);
    assert.equal(sum("prompt"), said.prompt_tokens);
  }
});

test("rows without a common key stay removed and added", () => {
  const [table] = tableChanges({ added: { t: [{ a: 1 }] }, removed: { t: [{ a: 2 }] } });
  assert.deepEqual(table.rows.map((row) => row.kind), ["removed", "added"]);
  const twice = { t: [{ id: 1, a: 1 }, { id: 1, a: 2 }] };
  const [doubled] = tableChanges({ added: twice, removed: { t: [{ id: 1, a: 3 }] } });
  assert.ok(doubled.rows.every((row) => row.kind !== "changed"));
});

test("an answer that is being written stays until its message is there", () => {
  const writing = partialsAfter([], { partial: [{ role: "assistant", key: "assistant.0", text: "He" }] });
  const more = partialsAfter(writing, { partial: [{ role: "assistant", key: "assistant.0", text: "Hello" }] });
  assert.deepEqual(more.map((each) => each.text), ["Hello"]);
  const ended = partialsAfter(more, { partial: [{ role: "assistant", key: "assistant.0", text: "" }] });
  assert.deepEqual(ended.map((each) => [each.text, each.ended]), [["Hello", true]]);
  const called = { kind: "model_call", source: "assistant", data: { role: "assistant", key: "assistant.0" } };
  const said = { kind: "message", source: "assistant", data: {} };
  assert.equal(partialsAfter(ended, { events: [called] }).length, 1);
  assert.equal(partialsAfter(ended, { events: [called, said] }).length, 0);
});
