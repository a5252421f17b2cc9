// The one live connection of a browser: what all tabs want to hear, over a single EventSource. A
// browser opens six connections to a host and no more, so tabs must not have one each.
//
// Tabs speak to it over a port: {join, topic, cursor}, {leave, topic}, {bye}, {alive, lock?}; they
// hear {message} (one from the server), {state} ("open" or "lost", with the next try) and {unknown}
// (the tab was given up for dead, and is not: it is to join again). Promises: a topic's messages reach
// each tab that joined it, none is left out between a tab's cursor and now, some may come twice (rows
// and events are told apart by rev and seq, so that does not show). It keeps cursors, not messages.
//
// Written to run in a SharedWorker, or in the page where there is none.

const SOON = 10; // ms: topics that a view joins at once make one connection
const LATER = 1000; // ms: a topic nobody wants any more may be wanted again by the next view
const FIRST_RETRY = 250; // ms, doubled with each failure
const LAST_RETRY = 5000; // ms
const DOUBT = 30_000; // ms without a message: after a sleep a connection may be dead and not know it
const SILENCE = 180_000; // ms: pages in the background are let run only once a minute

const tabs = new Map(); // port → {topics: Set, heard: ms}
const cursors = new Map(); // topic → where its messages have got to
const asked = new Set(); // topics of the present connection
let source = null;
let state = { state: "open" };
let retry = FIRST_RETRY;
let timer = null;
let lastHeard = 0;

const wanted = () => new Set([...tabs.values()].flatMap((tab) => [...tab.topics]));

/**
 * Where to begin so that both miss nothing: cursors are "<mark>.<number>". Under one mark the
 * smaller one; else the beginning, which the server answers with all there is.
 */
function earlier(one, other) {
  if (one === other) return one;
  const [oneMark, oneNumber] = split(one);
  const [otherMark, otherNumber] = split(other);
  if (oneMark !== otherMark || Number.isNaN(oneNumber) || Number.isNaN(otherNumber)) return "";
  return oneNumber <= otherNumber ? one : other;
}

const split = (cursor) => {
  const dot = cursor.lastIndexOf(".");
  return [cursor.slice(0, dot + 1), Number(cursor.slice(dot + 1) || NaN)];
};

function say(what) {
  for (const port of tabs.keys()) port.postMessage(what);
}

function changeState(next) {
  state = next;
  say(next);
}

/** Connect, or connect anew, this many milliseconds from now unless it is to happen earlier. */
function connectIn(delay) {
  const at = Date.now() + delay;
  if (timer && timer.at <= at) return;
  if (timer) clearTimeout(timer.id);
  timer = { at, id: setTimeout(connect, delay) };
}

function connect() {
  if (timer) clearTimeout(timer.id);
  timer = null;
  source?.close();
  source = null;
  asked.clear();
  const topics = wanted();
  for (const topic of cursors.keys()) if (!topics.has(topic)) cursors.delete(topic);
  if (!topics.size) return;
  const query = [...topics].map((topic) => {
    asked.add(topic);
    const cursor = cursors.get(topic);
    return `topic=${encodeURIComponent(cursor ? `${topic}@${cursor}` : topic)}`;
  });
  source = new EventSource(`/api/stream?${query.join("&")}`);
  source.onopen = () => {
    retry = FIRST_RETRY;
    changeState({ state: "open" });
  };
  source.onmessage = (event) => pass(JSON.parse(event.data));
  source.onerror = ({ target }) => target === source && failed();
}

/** The browser would try again by itself, but not after every kind of failure and not gladly. */
function failed() {
  source.close();
  source = null;
  const wait = retry * (0.75 + Math.random() / 2);
  retry = Math.min(retry * 2, LAST_RETRY);
  changeState({ state: "lost", again: Date.now() + wait });
  connectIn(wait);
}

function pass(message) {
  lastHeard = Date.now();
  if (!asked.has(message.topic)) return; // comes again on the next connection, from its cursor on
  if (message.cursor) cursors.set(message.topic, message.cursor);
  for (const [port, tab] of tabs) {
    if (tab.topics.has(message.topic)) port.postMessage({ message });
  }
}

function join(tab, { topic, cursor }) {
  tab.topics.add(topic);
  const known = cursors.get(topic);
  const begin = known === undefined ? cursor : earlier(known, cursor);
  cursors.set(topic, begin);
  // What the present connection goes on to tell of it begins too late for this tab.
  if (begin !== known) asked.delete(topic);
  if (!asked.has(topic)) connectIn(state.state === "open" ? SOON : retry);
}

function leave(tab, topic) {
  tab.topics.delete(topic);
  if (!wanted().has(topic)) connectIn(LATER);
}

function drop(port) {
  const tab = tabs.get(port);
  if (!tab) return;
  tabs.delete(port);
  if (tab.topics.size) connectIn(LATER);
}

/** A tab holds its lock for as long as it lives: given to us, it is gone. */
function watchLock(port, name) {
  globalThis.navigator.locks?.request(name, () => drop(port));
}

function hear(port, what) {
  if (!tabs.has(port) && !what.bye) {
    attach(port);
    port.postMessage({ unknown: true });
  }
  const tab = tabs.get(port);
  if (!tab) return;
  tab.heard = Date.now();
  if (what.join) join(tab, what);
  else if (what.leave) leave(tab, what.topic);
  else if (what.bye) drop(port);
  else if (what.lock) watchLock(port, what.lock);
  if (what.awake && (state.state === "lost" || Date.now() - lastHeard > DOUBT)) connectIn(0);
}

setInterval(() => {
  const now = Date.now();
  for (const [port, tab] of tabs) if (now - tab.heard > SILENCE) drop(port);
}, SILENCE / 3);

/** A tab has come: serve it over this port. */
export function attach(port) {
  tabs.set(port, { topics: new Set(), heard: Date.now() });
  port.onmessage = (event) => hear(port, event.data);
  port.postMessage(state);
}
