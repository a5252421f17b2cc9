// An episode's events as they are now and as they come: loaded once, then from the stream. Events
// are kept by seq, so one that arrives twice is there once.

import { persistently } from "../lib/answer.js";
import { collection } from "../lib/rows.js";
import { episodeTopic, runTopic, subscribe } from "../lib/stream.js";
import { useEffect, useMemo, useState } from "../lib/ui.js";
import { partialsAfter } from "./partials.js";

const ENDED_PARTIAL = 2000; // ms that a written answer waits for its event

/** {events, control, partial, error}; `events` is null until they are there. One that has not begun
 * is an error until it has. */
export function useEpisode(run, episode) {
  const [state, setState] = useState({ events: null, control: null, partial: [], error: null });
  useEffect(() => {
    let stop = () => {};
    const gone = new AbortController();
    const follow = (cursor) => subscribe(episodeTopic(run, episode), cursor, (message) =>
      setState((now) => after(now, message)));
    persistently("/api/events", { run, episode }, gone.signal).then(({ cursor, events, control }) => {
      setState({ events, control, partial: [], error: null });
      stop = follow(cursor);
    }, (error) => {
      setState((now) => ({ ...now, error: error.message }));
      stop = follow("");
    });
    return () => { gone.abort(); stop(); };
  }, [run, episode]);

  const waiting = state.partial.some((each) => each.ended);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setState((now) => (
      { ...now, partial: now.partial.filter((each) => !each.ended) })), ENDED_PARTIAL);
    return () => clearTimeout(timer);
  }, [waiting]);
  return state;
}

function after(now, message) {
  const before = message.reset ? [] : now.events ?? [];
  // Without a gap: whoever draws them takes an event's seq for its place.
  const fresh = (message.events ?? []).filter((event) => event.seq >= before.length)
    .filter((event, i) => event.seq === before.length + i);
  return {
    error: now.error,
    events: fresh.length || message.reset ? [...before, ...fresh] : now.events,
    control: message.control ?? now.control,
    partial: partialsAfter(message.reset ? [] : now.partial, { ...message, events: fresh }),
  };
}

/** The run's row of the episode, and the episodes before and after it: {row, previous, next}. */
export function useSiblings(run, episode) {
  const [rows, setRows] = useState([]);
  useEffect(() => {
    let stop = () => {};
    const gone = new AbortController();
    const collected = collection("episode", () =>
      setRows([...collected.rows.peek().values()].sort((a, b) => a.index - b.index)));
    persistently("/api/episodes", { run }, gone.signal).then(({ cursor, rows: found }) => {
      collected.take({ rows: found, reset: true });
      stop = subscribe(runTopic(run), cursor, collected.take);
    }, () => {}); // the conversation can be read without its neighbours
    return () => { gone.abort(); stop(); };
  }, [run]);
  return useMemo(() => {
    const at = rows.findIndex((row) => row.episode === episode);
    return { row: rows[at], previous: rows[at - 1]?.episode, next: at < 0 ? undefined : rows[at + 1]?.episode };
  }, [rows, episode]);
}
