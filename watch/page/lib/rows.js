// Rows that are kept up to date: asked for once, then changed by the stream's messages. A row is
// replaced only by a newer one (its `rev`), so a message that comes twice changes nothing.
import { signal } from "./ui.js";

const QUIET = 3000; // ms without a message, after which what came since a reset is all there is

/**
 * A collection of rows told apart by `name`: {rows: signal of a Map, take(message)}; `onChange` is
 * told {changed: [names], gone: [names]}. A message is {rows, gone, reset}. With reset a new count of
 * `rev` begins and all rows come again, in several messages: those at hand stay in sight until they
 * are replaced, and are taken out when the messages have ended without them.
 */
export function collection(name, onChange = () => {}) {
  const rows = signal(new Map());
  let stale = new Set(); // rows from before the reset
  let timer = null;

  function change(after, changed, gone) {
    if (!changed.length && !gone.length) return;
    rows.value = after;
    onChange({ changed, gone });
  }

  function dropStale() {
    const after = new Map(rows.peek());
    const gone = [...stale];
    for (const one of gone) after.delete(one);
    stale = new Set();
    change(after, [], gone);
  }

  function take({ rows: come = [], gone = [], reset = false }) {
    const after = new Map(rows.peek());
    if (reset) stale = new Set(after.keys());
    const changed = [];
    for (const row of come) {
      const known = after.get(row[name]);
      const again = stale.delete(row[name]);
      if (known && !again && known.rev >= row.rev) continue;
      after.set(row[name], row);
      changed.push(row[name]);
    }
    for (const one of gone) stale.delete(one);
    change(after, changed, gone.filter((one) => after.delete(one)));
    clearTimeout(timer);
    if (stale.size) timer = setTimeout(dropStale, QUIET);
  }

  return { rows, take };
}
