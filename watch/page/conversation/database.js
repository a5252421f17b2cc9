// What a call changed in the sandbox's database, as a diff: signs and words say what happened to a
// row, not colour alone.

import { html } from "../lib/ui.js";
import { tableChanges } from "./changes.js";
import { visible } from "../lib/text.js";

const SIGNS = { added: "+", removed: "−", changed: "±" };
const ROWS = 40; // of one table; the rest is folded

/** The diff of a `state_diff` event's data. */
export function Changes({ change }) {
  return html`<div class="diff" data-testid="changes">
    ${tableChanges(change).map((table) => html`<${Table} key=${table.table} ...${table} />`)}
  </div>`;
}

function Table({ table, columns, rows }) {
  const drawn = (some) => html`<table>
    <thead><tr><th scope="col"><span class="visually-hidden">change</span></th>
      ${columns.map((column) => html`<th scope="col">${visible(column)}</th>`)}</tr></thead>
    <tbody>${some.map((row) => html`<${Row} columns=${columns} ...${row} />`)}</tbody>
  </table>`;
  return html`<figure>
    <figcaption>database · <b>${visible(table)}</b> ${counted(rows)}</figcaption>
    <div class="scroll" tabindex="0" role="group" aria-label=${`Changes of ${visible(table)}`}>${drawn(rows.slice(0, ROWS))}</div>
    ${rows.length > ROWS && html`<details class="folded">
      <summary>${rows.length - ROWS} more rows</summary>${drawn(rows.slice(ROWS))}</details>`}
  </figure>`;
}

function counted(rows) {
  return Object.keys(SIGNS)
    .map((kind) => [kind, rows.filter((row) => row.kind === kind).length])
    .filter(([, count]) => count)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

function Row({ kind, row, before, changed, columns }) {
  return html`<tr class=${kind}>
    <th scope="row" aria-label=${kind}>${SIGNS[kind]}</th>
    ${columns.map((column) => html`<td class=${changed.includes(column) ? "differs" : ""}>${
      changed.includes(column)
        ? html`<del>${shown(before[column])}</del> <ins>${shown(row[column])}</ins>`
        : shown(row[column])}</td>`)}
  </tr>`;
}

function shown(value) {
  if (value === null || value === undefined) return html`<span class="null">null</span>`;
  return visible(typeof value === "string" ? value : JSON.stringify(value));
}
