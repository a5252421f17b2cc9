// Rows that are kept up to date: asked for once, then changed by the stream's messages. A row is
// replaced only by a newer one (its `rev`), so a message that comes twice changes nothing.
import { signal } from "./ui.js";

/**
 * A collection of rows told apart by `name`: {rows: signal of a Map, take(message)}; `onChange` is
 * told {changed: [names], gone: [names]}. A message is {rows, gone, reset, all}. With reset a new count
 * of `rev` begins and all rows come again, in several messages: those at hand stay in sight until they
 * are replaced, and are taken out when a message says that these were all.
 */
export function collection(name, onChange = () => {}) {
  const rows = signal(new Map());
  let stale = new Set(); // rows from before the reset

  function take({ rows: come = [], gone = [], reset = false, all = false }) {
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
    const left = all ? [...gone, ...stale] : gone;
    for (const one of left) stale.delete(one);
    const taken = left.filter((one) => after.delete(one));
    if (!changed.length && !taken.length) return;
    rows.value = after;
    onChange({ changed, gone: taken });
  }

  return { rows, take };
}
