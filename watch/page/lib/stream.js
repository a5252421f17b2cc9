// What the server has to tell, as it happens: `subscribe` to a topic from a cursor on. The tab speaks
// to a shared worker that holds the one connection for all tabs (stream-hub.js), or is its own where
// the browser has no shared workers. A tab says when it goes, and holds a lock by which the worker
// notices one that could not say so.
import { signal } from "./ui.js";

const ALIVE = 20_000; // ms between two signs of life
const AGAIN = 1000; // ms

/** {state: "open" | "lost", again: unix ms of the next try}; a signal. */
export const connection = signal({ state: "open" });

/** Topics: all runs; the episodes of one; the events of one episode. */
export const RUNS = "runs";
export const runTopic = (run) => `run:${encodeURIComponent(run)}`;
export const episodeTopic = (run, episode) =>
  `episode:${encodeURIComponent(run)}:${encodeURIComponent(episode)}`;

const topics = new Map(); // topic → {cursor, listeners: Set}
let port = null; // null until the hub has answered
let tries = 0;

/** The port of a hub in the page itself. */
async function ownHub() {
  const { attach } = await import(`./stream-hub.js${tries > 1 ? `?try=${tries}` : ""}`);
  const { port1, port2 } = new MessageChannel();
  attach(port2);
  return port1;
}

/** The port of the hub for all tabs. Fails where the server goes before it has sent the script. */
function sharedHub() {
  const url = new URL("./stream-worker.js", import.meta.url);
  const worker = new SharedWorker(url, { type: "module", name: "callsheet" });
  return new Promise((found, failed) => {
    worker.onerror = () => failed(new Error("the stream's worker could not be loaded"));
    worker.port.onmessage = (event) => {
      hear(event.data); // the hub's first word is its state
      found(worker.port);
    };
  });
}

async function begin() {
  tries += 1;
  try {
    port = await (typeof SharedWorker === "undefined" ? ownHub() : sharedHub());
  } catch {
    connection.value = { state: "lost", again: Date.now() + AGAIN };
    setTimeout(begin, AGAIN);
    return;
  }
  port.onmessage = (event) => hear(event.data);
  holdLock();
  setInterval(() => send({ alive: true }), ALIVE);
  joinAll();
}

const send = (what) => port?.postMessage(what);

/** Held until this page is gone, by a crash too. Only pages on a secure origin have locks. */
function holdLock() {
  const name = `callsheet-tab-${Math.random().toString(36).slice(2)}`;
  navigator.locks?.request(name, () => {
    send({ lock: name });
    return new Promise(() => {});
  });
}

function hear(what) {
  if (what.state) connection.value = what;
  if (what.unknown) joinAll();
  if (what.message) pass(what.message);
}

function pass(message) {
  const entry = topics.get(message.topic);
  if (!entry) return;
  if (message.cursor) entry.cursor = message.cursor;
  for (const listener of [...entry.listeners]) listener(message);
}

function joinAll() {
  for (const [topic, entry] of topics) send({ join: true, topic, cursor: entry.cursor });
}

/**
 * Hear a topic's messages from this cursor on (that of the answer the view was drawn from; empty:
 * from the beginning). Returns the way to stop.
 */
export function subscribe(topic, cursor, onMessage) {
  const entry = topics.get(topic) ?? { cursor: cursor ?? "", listeners: new Set() };
  topics.set(topic, entry);
  entry.listeners.add(onMessage);
  send({ join: true, topic, cursor: cursor ?? "" });
  return () => {
    entry.listeners.delete(onMessage);
    if (entry.listeners.size || topics.get(topic) !== entry) return;
    topics.delete(topic);
    send({ leave: true, topic });
  };
}

window.addEventListener("pagehide", () => send({ bye: true }));
window.addEventListener("pageshow", (event) => event.persisted && joinAll());
for (const [target, name] of [[window, "online"], [document, "visibilitychange"]]) {
  target.addEventListener(name, () => !document.hidden && send({ awake: true }));
}
begin();
