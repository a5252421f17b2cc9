// The hub of all tabs: run by test_lib.py under Node, beside copies of the modules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as passed } from "node:timers/promises";

const TOPIC = "episode:run:one";
const sources = []; // connections, each told when the test says so

globalThis.EventSource = class {
  constructor(url) {
    const [topic, cursor] = new URL(url, "http://localhost").searchParams.get("topic").split("@m.");
    Object.assign(this, { topic, next: Number(cursor), closed: false });
    sources.push(this);
  }

  close() {
    this.closed = true;
  }

  /** As the server tells an episode: its events from the cursor on, up to one. */
  tell(upto) {
    const events = [];
    while (this.next < upto) events.push({ seq: this.next++ });
    this.onmessage({ data: JSON.stringify({ topic: this.topic, cursor: `m.${this.next}`, events }) });
  }
};
const every = globalThis.setInterval;
globalThis.setInterval = (...given) => every(...given).unref(); // else Node waits for the hub's clock
const { attach } = await import("./stream-hub.js");

/** A tab that has the first `count` events already. */
function tab(count) {
  const seqs = Array.from({ length: count }, (_, i) => i);
  const port = {
    postMessage({ message }) {
      for (const { seq } of message?.events ?? []) if (seq === seqs.length) seqs.push(seq);
    },
  };
  attach(port);
  port.onmessage({ data: { join: true, topic: TOPIC, cursor: `m.${count}` } });
  return seqs;
}

test("a tab that joins behind the others misses nothing of what is told meanwhile", async () => {
  const ahead = tab(10);
  await passed(50);
  const behind = tab(8);
  sources[0].tell(12); // on its way when the second one joined
  await passed(50);
  assert.deepEqual(sources.map(({ closed }) => closed), [true, false]);
  sources[1].tell(14);
  const all = Array.from({ length: 14 }, (_, i) => i);
  assert.deepEqual(behind, all);
  assert.deepEqual(ahead, all);
});
