// Following a conversation that goes on: while its end is in sight, what arrives is scrolled to; when
// the reader is elsewhere, nothing moves, and what came meanwhile is counted.

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "../lib/ui.js";

const NEAR = "0px 0px 120px 0px"; // how far below the window the end still counts as in sight

/** `moving`: whether the end is one that moves; `length`: how many blocks there are.
 * Gives {list, end, behind, toEnd}: two refs to place, how many blocks are new, the way there. */
export function useFollow(moving, length) {
  const list = useRef(null);
  const end = useRef(null);
  const atEnd = useRef(moving);
  const seen = useRef(length);
  const [behind, setBehind] = useState(0);
  const toEnd = useCallback(() => end.current?.scrollIntoView({ block: "end" }), []);

  useEffect(() => {
    const sight = new IntersectionObserver(([entry]) => {
      atEnd.current = entry.isIntersecting;
      if (entry.isIntersecting) setBehind(0);
    }, { rootMargin: NEAR });
    sight.observe(end.current);
    return () => sight.disconnect();
  }, []);

  useEffect(() => {
    if (!moving) return undefined;
    // Heights change after drawing, too: when what was estimated is laid out.
    const grown = new ResizeObserver(() => atEnd.current && toEnd());
    grown.observe(list.current);
    return () => grown.disconnect();
  }, [moving]);

  useLayoutEffect(() => {
    const fresh = length - seen.current;
    seen.current = length;
    if (fresh > 0 && moving && !atEnd.current) setBehind((count) => count + fresh);
  }, [length, moving]);
  return { list, end, behind, toEnd };
}
