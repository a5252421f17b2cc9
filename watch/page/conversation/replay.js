// Playing an episode again: which event is the last one shown, and when the next comes. Gaps are as
// they were recorded, but none longer than two seconds, and what can be read is given time for it.

import { useCallback, useEffect, useState } from "../lib/ui.js";

const LONGEST = 2; // seconds between two events, however long it took
const SHORTEST = { message: 0.5, tool_result: 0.3, verdict: 0.2 }; // seconds before an event

/** {at, playing, speed, seek, toggle, setSpeed}; `at` is Infinity where everything is shown. */
export function useReplay(events) {
  const [at, setAt] = useState(Infinity);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const last = events.length - 1;

  useEffect(() => {
    if (!playing) return undefined;
    if (at >= last) {
      setPlaying(false);
      setAt(Infinity);
      return undefined;
    }
    const timer = setTimeout(() => setAt(at + 1), (1000 * gap(events[at], events[at + 1])) / speed);
    return () => clearTimeout(timer);
  }, [playing, at, speed, last]);

  const seek = useCallback((to) => {
    setPlaying(false);
    setAt(to >= last ? Infinity : Math.max(0, to));
  }, [last]);
  const toggle = useCallback(() => {
    if (!playing && at >= last) setAt(0);
    setPlaying(!playing);
  }, [playing, at, last]);
  return { at, playing, speed, seek, toggle, setSpeed };
}

/** Seconds between two events. */
function gap(before, after) {
  const recorded = (after.ambient?.t ?? 0) - (before.ambient?.t ?? 0);
  return Math.min(LONGEST, Math.max(recorded, SHORTEST[after.kind] ?? 0));
}
