// What a call changed in the sandbox's database, as people read it: rows added, removed and changed.
//
// The log has only rows added and removed. A row that was removed and one that was added are one
// changed row where a column that looks like a key says so; where none does, they stay two.
// Pure: no page.

const KEY = /^(id|key|sku|uuid|token|username)$|_(id|key)$|[a-z]Id$/;

/** Tables of {table, columns, rows: [{kind: added, removed or changed, row, before, changed}]};
 * `changed` names the columns that differ, and `before` is the row as it was. */
export function tableChanges({ added = {}, removed = {} }) {
  const tables = [...new Set([...Object.keys(removed), ...Object.keys(added)])].sort();
  return tables.map((table) => {
    const [gone, come] = [removed[table] ?? [], added[table] ?? []];
    const key = keyOf(table, gone, come);
    return { table, columns: columnsOf([...gone, ...come], key), rows: paired(gone, come, key) };
  });
}

function paired(gone, come, key) {
  const before = new Map(key ? gone.map((row) => [row[key], row]) : []);
  const after = new Set(key ? come.map((row) => row[key]) : []);
  const rows = gone
    .filter((row) => !key || !after.has(row[key]))
    .map((row) => ({ kind: "removed", row, changed: [] }));
  for (const row of come) {
    const old = key ? before.get(row[key]) : undefined;
    if (old) rows.push({ kind: "changed", row, before: old, changed: differing(old, row) });
    else rows.push({ kind: "added", row, changed: [] });
  }
  return rows;
}

function differing(old, row) {
  return Object.keys({ ...old, ...row }).filter(
    (column) => JSON.stringify(old[column]) !== JSON.stringify(row[column]),
  );
}

/** The column by which rows of both sides are matched; undefined where none is evident. */
function keyOf(table, gone, come) {
  const all = [...gone, ...come];
  const singular = table.replace(/s$/, "");
  const rank = (column) => ["id", `${singular}_id`].indexOf(column);
  return Object.keys(all[0] ?? {})
    .filter((column) => KEY.test(column) && distinct(gone, column) && distinct(come, column))
    .sort((a, b) => (rank(a) < 0) - (rank(b) < 0) || rank(a) - rank(b))[0];
}

function distinct(rows, column) {
  const values = rows.map((row) => row[column]);
  return values.every((value) => value !== null && value !== undefined)
    && new Set(values).size === values.length;
}

/** All columns, the key first. */
function columnsOf(rows, key) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return key ? [key, ...columns.filter((column) => column !== key)] : columns;
}
