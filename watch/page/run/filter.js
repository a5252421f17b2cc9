// Which of a run's episodes are shown, and in which order: kept in the address, so that a view of
// "failed, by the assistant, with this tool" can be sent to somebody. Parameters: text, status, blame,
// verdict, scenario, tool (one value each) and sort ("-turns": by turns, the most first).
import { html } from "../lib/ui.js";
import { visible } from "../lib/text.js";
import { count } from "../lib/format.js";
import { changeParams } from "../lib/router.js";

/** What became of an episode: "accepted" or "rejected" once it has ended, "none" before. */
export const verdictOf = (row) =>
  row.ended === null ? "none" : row.accepted ? "accepted" : "rejected";

/** What each field offers: name, heading, the row's values for it. */
const FIELDS = [
  ["status", "Status", (row) => [row.status]],
  ["blame", "Blame", (row) => (row.blame ? [row.blame] : [])],
  ["verdict", "Verdict", (row) => [verdictOf(row)]],
  ["scenario", "Scenario", (row) => [row.scenario]],
  ["tool", "Tool", (row) => row.tools],
];

/** The filter's part of the address. */
export const FILTERS = ["text", ...FIELDS.map(([name]) => name)];

const textOf = (row) =>
  [row.episode, row.scenario, row.status, row.blame ?? "", row.reason ?? "", ...row.tools].join(" ").toLowerCase();

/** A test of rows by these parameters; null where everything passes. */
export function predicate(params) {
  const words = (params.text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const fields = FIELDS.filter(([name]) => params[name]);
  if (!words.length && !fields.length) return null;
  return (row) =>
    fields.every(([name, , values]) => values(row).includes(params[name])) &&
    (!words.length || words.every((word) => textOf(row).includes(word)));
}

/** How many rows have each value of each field: {status: Map, …}. */
export function facets(rows) {
  const found = Object.fromEntries(FIELDS.map(([name]) => [name, new Map()]));
  for (const row of rows) {
    for (const [name, , values] of FIELDS) {
      for (const value of values(row)) found[name].set(value, (found[name].get(value) ?? 0) + 1);
    }
  }
  return found;
}

function Choice({ name, label, values, chosen }) {
  const sorted = [...values].sort(([one], [other]) => one.localeCompare(other));
  if (chosen && !values.has(chosen)) sorted.unshift([chosen, 0]);
  return html`<select aria-label=${`${label} of episodes`} data-testid=${`filter-${name}`} value=${chosen ?? ""}
      class=${chosen ? "is-set" : ""} onChange=${(event) => changeParams({ [name]: event.target.value })}>
    <option value="">${label}: all</option>
    ${sorted.map(([value, n]) => html`<option key=${value} value=${value}>${visible(value)} (${count(n)})</option>`)}
  </select>`;
}

/** The fields in a row; `found` is what `facets` gave, `sorts` the orders on offer. */
export function Filters({ params, found, sorts, field }) {
  const any = FILTERS.some((name) => params[name]);
  return html`
    <input type="search" ref=${field} class="episode-search" aria-label="Filter episodes by text" placeholder="Filter by id, scenario, tool, reason"
      value=${params.text ?? ""} onInput=${(event) => changeParams({ text: event.target.value })} data-testid="filter-text" />
    ${FIELDS.map(([name, label]) => (found[name].size > 1 || params[name]) && html`
      <${Choice} key=${name} name=${name} label=${label} values=${found[name]} chosen=${params[name]} />`)}
    <select aria-label="Order of episodes" data-testid="sort" value=${params.sort ?? ""} onChange=${(event) => changeParams({ sort: event.target.value })}>
      <option value="">As played</option>
      ${sorts.map(([name, label]) => html`<option key=${name} value=${name}>${label}</option>`)}
    </select>
    ${any && html`<button class="quiet" data-testid="filter-clear"
      onClick=${() => changeParams(Object.fromEntries(FILTERS.map((name) => [name, null])))}>Show all</button>`}`;
}
