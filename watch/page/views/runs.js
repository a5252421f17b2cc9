// All runs of the folder, the ones that changed last on top: how far each is, how fast, what came out,
// who was to blame for what went wrong, and what it cost. New runs and changes arrive by themselves.
import { html, useEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { visible } from "../lib/text.js";
import { persistently } from "../lib/answer.js";
import * as format from "../lib/format.js";
import { useKeys } from "../lib/keys.js";
import { address, changeParams, link, navigate } from "../lib/router.js";
import { collection } from "../lib/rows.js";
import { RUNS, subscribe } from "../lib/stream.js";
import { Progress, State, progressText } from "../run/progress.js";

const opened = (row) => address("/run", { run: row.run });

/** Rows by run, live for as long as the view is drawn; null until the first answer. */
function useRuns() {
  const [runs] = useState(() => collection("run"));
  const [error, setError] = useState(null);
  const [folder, setFolder] = useState(null);
  useEffect(() => {
    let stop = null;
    const gone = new AbortController();
    persistently("/api/runs", {}, gone.signal).then(({ cursor, rows, folder: named }) => {
      runs.take({ rows, reset: true });
      setFolder(named);
      stop = subscribe(RUNS, cursor, runs.take);
    }, setError);
    return () => {
      gone.abort();
      stop?.();
    };
  }, []);
  return { rows: folder === null ? null : runs.rows.value, folder, error };
}

const searched = (row) =>
  [row.run, row.state, row.forked_from?.run ?? "", ...Object.entries(row.models).flat()].join(" ").toLowerCase();

/** Those that hold every word of the filter, the last to change first. */
function chosen(rows, filter) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return [...rows.values()]
    .filter((row) => words.every((word) => searched(row).includes(word)))
    .sort((one, other) => other.live - one.live || other.changed - one.changed);
}

function Models({ models }) {
  const roles = Object.entries(models);
  const names = new Set(roles.map(([, name]) => name));
  if (names.size === 1) return html`<span class="run-models">${visible([...names][0])}</span>`;
  return html`<span class="run-models">${roles.map(([role, name], i) => html`
    ${i > 0 && " · "}<span title=${visible(role)}><span class="muted">${visible(role)}</span> ${visible(name)}</span>`)}</span>`;
}

const Faults = ({ blames }) => {
  const given = Object.entries(blames).filter(([, n]) => n).sort((a, b) => b[1] - a[1]);
  if (!given.length) return html`<span class="muted">none</span>`;
  return given.map(([who, n]) => html`<span class="fault" key=${who}>${visible(who)} <b>${format.count(n)}</b></span> `);
};

/** A labelled figure: a cell of the table, a line of its own on a narrow screen. */
const Figure = ({ label, children, testid }) =>
  html`<td class="numeric" data-label=${label} data-testid=${testid}>${children}</td>`;

function Run({ row, current }) {
  return html`<tr class=${`run-row ${current ? "is-current" : ""}`} data-testid="run-row" data-run=${row.run}
      aria-current=${current ? "true" : undefined}>
    <td class="run-name">
      <a class="run-link" ...${link(opened(row))}>${visible(row.run)}</a> <${State} state=${row.state} />
      <div class="run-about"><${Models} models=${row.models} />
        ${row.fault && html`<span class="fault-line"> ${visible(row.fault)}</span>`}
        ${row.forked_from && html`<span> · forked from ${visible(row.forked_from.run)}</span>`}</div>
    </td>
    <td class="run-progress"><${Progress} row=${row} />
      <span class="run-count" data-testid="progress">${progressText(row)}</span></td>
    <${Figure} label="Rate">${row.live ? format.rate(row.rate) : "–"}<//>
    <${Figure} label="Accepted" testid="accepted">${format.count(row.accepted)}<//>
    <${Figure} label="Rejected" testid="rejected">${format.count(row.rejected)}<//>
    <td class="run-faults" data-label="Faults"><${Faults} blames=${row.blames} /></td>
    <${Figure} label="Tokens"><span title=${`${format.count(row.prompt_tokens)} in, ${format.count(row.completion_tokens)} out`}>
      ${format.compact(row.prompt_tokens + row.completion_tokens)}</span><//>
    <${Figure} label="Cost">${format.money(row.cost)}<//>
    <${Figure} label="Changed"><time datetime=${format.timestamp(row.changed)} title=${`started ${format.time(row.started)}`}>
      ${format.ago(row.changed)}</time><//>
  </tr>`;
}

const HEADINGS = [
  ["Run"], ["Progress"], ["Rate", 1], ["Accepted", 1], ["Rejected", 1], ["Faults by blame"], ["Tokens", 1], ["Cost", 1], ["Changed", 1],
];

function Table({ rows, current }) {
  return html`<table class="plain-table runs-table" data-testid="runs">
    <caption class="visually-hidden">Runs, those being played and then the last to change first</caption>
    <thead><tr>${HEADINGS.map(([name, numeric]) => html`<th scope="col" key=${name} class=${numeric ? "numeric" : ""}>${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<${Run} key=${row.run} row=${row} current=${row.run === current} />`)}</tbody>
  </table>`;
}

const Nothing = ({ folder }) => html`<section class="empty" data-testid="empty">
  <h2>No runs in ${visible(folder)} yet</h2>
  <p>Type this in the folder in which you started callsheet watch, and the run appears here as it is played:</p>
  <pre><code>callsheet run account-flow --repeat 20 --out ${visible(folder)}/first</code></pre>
  <p>Or <a ...${link("/start")}>start a scenario from this page</a>, or <a ...${link("/author")}>write one</a>.</p>
</section>`;

/** Draws again now and then, for the times that are told from now. */
function useClock(seconds) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), seconds * 1000);
    return () => clearInterval(timer);
  }, []);
}

/** j, k and Enter over a list of rows; gives the current one's name. */
function useCurrent(rows) {
  const [current, setCurrent] = useState(null);
  const move = (by) => {
    const at = rows.findIndex((row) => row.run === current);
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (!next) return;
    setCurrent(next.run);
    document.querySelector(`[data-run="${CSS.escape(next.run)}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const forward = () => move(1);
  const back = () => move(-1);
  useKeys({ j: forward, ArrowDown: forward, k: back, ArrowUp: back }, "next, previous run");
  useKeys({ Enter: () => {
    const row = rows.find((one) => one.run === current);
    if (row) navigate(opened(row));
  } }, "open it");
  return current;
}

function View({ params }) {
  const { rows, folder, error } = useRuns();
  const filter = params.filter ?? "";
  const field = useRef(null);
  const shown = useMemo(() => (rows ? chosen(rows, filter) : []), [rows, filter]);
  const current = useCurrent(shown);
  useKeys({ "/": () => field.current?.focus() }, "filter");
  useClock(15);
  if (error) return html`<section class="empty" role="alert"><h1>Runs</h1><p>${visible(error.message)}</p></section>`;
  if (!rows) return html`<h1>Runs</h1><p class="muted">Looking through the folder …</p>`;
  const live = shown.filter((row) => row.live).length;
  return html`
    <div class="page-head">
      <div><h1>Runs</h1>
        <p class="muted" aria-live="polite">${format.plural(rows.size, "run")}${live > 0 && `, ${live} being played`}${
          shown.length < rows.size && `, ${shown.length} shown`}</p></div>
      ${rows.size > 0 && html`<input type="search" ref=${field} class="runs-filter" aria-label="Filter runs by name, model or state" placeholder="Filter by name, model, state" value=${filter}
        onInput=${(event) => changeParams({ filter: event.target.value })} />`}
    </div>
    ${!rows.size ? html`<${Nothing} folder=${folder} />` : html`<${Table} rows=${shown} current=${current} />`}
    ${rows.size > 0 && !shown.length && html`<p class="empty">No run matches “${filter}”.
      <button class="quiet" onClick=${() => changeParams({ filter: null })}>Show all</button></p>`}`;
}

export default { title: () => "Runs", View };
