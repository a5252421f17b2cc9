// Differences as people read them: words that only one text has are deletions and insertions, and
// a changed JSON value stands with its place, before and after.
import { html } from "../lib/ui.js";
import { visible } from "../lib/text.js";
import { pretty } from "../conversation/json.js";

/** One side of a word difference; `runs` of [kind, text] from the server. */
export function Words({ runs, side }) {
  return html`<p class="words">${runs
    .filter(([kind]) => kind === "same" || kind === side)
    .map(([kind, text]) => (kind === "same" ? visible(text) : html`<${Mark} side=${side}>${visible(text)}<//>`))}</p>`;
}

/** Text that one side alone has. */
export function Mark({ side, children }) {
  return side === "before" ? html`<del>${children}</del>` : html`<ins>${children}</ins>`;
}

/** Changed places of a JSON value as a table; `what` names the value. */
export function Changes({ changes, what }) {
  if (!changes.length) return null;
  return html`<table class="changed-places" data-testid="changes">
    <caption>${what}: ${changes.length === 1 ? "one difference" : `${changes.length} differences`}</caption>
    <thead class="visually-hidden"><tr><th>place</th><th>first</th><th>second</th></tr></thead>
    <tbody>${changes.map((change) => html`<tr key=${change.path}>
      <th scope="row" class="mono">${visible(change.path) || "value"}</th>
      <td>${change.only === "after" ? html`<span class="muted">absent</span>` : html`<${Mark} side="before">${shown(change.before)}<//>`}</td>
      <td>${change.only === "before" ? html`<span class="muted">absent</span>` : html`<${Mark} side="after">${shown(change.after)}<//>`}</td>
    </tr>`)}</tbody></table>`;
}

const LONGEST = 4000;

const shown = (value) => {
  const text = typeof value === "string" ? value || "“”" : pretty(value);
  return visible(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
};
