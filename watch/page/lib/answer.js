// What a view is drawn from: a question that is asked as the view comes, and again for as long as no
// server answers, so that a view opened in that moment is whole once the server is back. Nothing
// arrives once the view has gone.
import { get, NoAnswer } from "./api.js";
import { signal, useEffect, useState } from "./ui.js";

const AGAIN = 1000; // ms

/** How many questions wait for a server; a signal. */
export const unanswered = signal(0);

const never = () => new Promise(() => {});

/** As `get`, quietly, asked again while there is no answer; it never ends once `gone` is aborted. */
export async function persistently(path, params, gone) {
  for (;;) {
    try {
      const answer = await get(path, params, { quiet: true, signal: gone });
      return gone.aborted ? never() : answer;
    } catch (error) {
      if (gone.aborted) return never();
      if (!(error instanceof NoAnswer)) throw error;
    }
    unanswered.value += 1;
    await new Promise((passed) => setTimeout(passed, AGAIN));
    unanswered.value -= 1;
  }
}

/** {answer, error}: what the server says to a question, and its line where it refuses; both null until
 * then, and what was said before stays until another question is answered. */
export function useAnswer(path, params = {}) {
  const [found, setFound] = useState({ answer: null, error: null });
  useEffect(() => {
    const gone = new AbortController();
    persistently(path, params, gone.signal).then(
      (answer) => setFound({ answer, error: null }),
      (error) => setFound({ answer: null, error: error.message }),
    );
    return () => gone.abort();
  }, [path, JSON.stringify(params)]);
  return found;
}
