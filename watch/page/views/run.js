// One run: how it stands, four small charts, and its episodes in a table to filter and sort. What the
// process that plays it writes arrives by itself; the filter and the order stand in the address.
import { html, useEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { RunActions } from "../acting/actions.js";
import { visible } from "../lib/text.js";
import { persistently } from "../lib/answer.js";
import * as format from "../lib/format.js";
import { useKeys } from "../lib/keys.js";
import { address, changeParams, link, navigate } from "../lib/router.js";
import { collection } from "../lib/rows.js";
import { runTopic, subscribe } from "../lib/stream.js";
import { Charts } from "../run/charts.js";
import { SORTS } from "../run/columns.js";
import { Filters, facets, predicate } from "../run/filter.js";
import { Progress, State, progressText } from "../run/progress.js";
import { Episodes } from "../run/table.js";

const REDRAW = 1000; // ms: charts and counts may lag a little behind the table

/** The run, its row and its episodes, live for as long as the view is drawn. */
function useRun(run) {
  const [state, setState] = useState({});
  const [row, setRow] = useState(null);
  const [listeners] = useState(() => new Set());
  const [collected] = useState(() =>
    collection("episode", (difference) => listeners.forEach((listener) => listener(difference))));
  useEffect(() => {
    let stop = null;
    const gone = new AbortController();
    const heard = (message) => {
      if (message.row) setRow((before) => (!message.reset && before.rev > message.row.rev ? before : message.row));
      collected.take(message);
    };
    const asked = ["/api/run", "/api/episodes"].map((path) => persistently(path, { run }, gone.signal));
    Promise.all(asked).then(([about, { cursor, rows }]) => {
      collected.take({ rows, reset: true });
      setRow(about.row);
      setState({ about });
      stop = subscribe(runTopic(run), cursor, heard);
    }, (error) => setState({ error }));
    return () => {
      gone.abort();
      stop?.();
    };
  }, []);
  const listen = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { ...state, row, collected, listen };
}

/** The rows as a list, renewed once a second at most. */
function useLagging(collected) {
  const [rows, setRows] = useState(() => [...collected.rows.peek().values()]);
  useEffect(() => {
    let timer = null;
    const take = () => {
      timer = null;
      setRows([...collected.rows.peek().values()]);
    };
    const stop = collected.rows.subscribe(() => (timer ??= setTimeout(take, REDRAW)));
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  return rows;
}

const Fact = ({ label, children }) => html`<div class="fact"><dt>${label}</dt><dd>${children}</dd></div>`;

function Facts({ row }) {
  const faults = Object.entries(row.blames).filter(([, n]) => n);
  const models = [...new Set(Object.values(row.models))];
  return html`<dl class="facts" data-testid="facts">
    <${Fact} label="Accepted">${format.count(row.accepted)}<//>
    <${Fact} label="Rejected">${format.count(row.rejected)}<//>
    ${row.live && html`<${Fact} label="Rate">${format.rate(row.rate)}<//>`}
    <${Fact} label="Tokens"><span title="in and out">${format.compact(row.prompt_tokens)} + ${format.compact(row.completion_tokens)}</span><//>
    ${row.cost !== null && html`<${Fact} label="Cost">${format.money(row.cost)}<//>`}
    ${faults.length > 0 && html`<${Fact} label="Faults by blame">${faults.map(([who, n]) => `${visible(who)} ${format.count(n)}`).join(", ")}<//>`}
    <${Fact} label="Scenarios">${format.count(row.scenarios)}<//>
    <${Fact} label="Started"><time datetime=${format.timestamp(row.started)}>${format.time(row.started)}</time><//>
    ${models.length > 0 && html`<${Fact} label="Models">${visible(models.join(", "))}<//>`}
  </dl>`;
}

function Head({ run, row, about }) {
  return html`<header class="run-head">
    <div class="page-head">
      <div>
        <h1>${visible(run)} <${State} state=${row.state} /></h1>
        ${row.done > 0 && html`<nav class="run-further" aria-label="About this run">
          <a data-testid="review" ...${link(address("/review", { source: run }))}>Review</a>
          <a ...${link(address("/report", { run }))}>Report</a>
          <a ...${link(address("/graph", { graph: `run:${run}` }))}>Tool graph</a>
          <a ...${link(address("/compare", { run }))}>Compare</a></nav>`}
      </div>
      <${RunActions} run=${run} row=${row} />
    </div>
    <div class="run-bar"><${Progress} row=${row} /> <span data-testid="progress">${progressText(row)}</span></div>
    ${row.fault && html`<p class="fault-line" role="alert">${visible(row.fault)}</p>`}
    <${Facts} row=${row} />
    <details class="run-config"><summary>Configuration</summary><pre>${visible(JSON.stringify(about.config, null, 2))}</pre></details>
  </header>`;
}

/** Two of the episodes, side by side: which, and the way there. */
function Comparing({ run, chosen, onClear }) {
  const [left, right] = chosen;
  const to = address("/compare", { run, episode: left, run2: run, episode2: right });
  return html`<div class="comparing" role="status">
    ${chosen.length === 1 && html`<span class="muted">Choose one more to compare</span>`}
    ${chosen.length === 2 && html`<a class="button primary" data-testid="compare" ...${link(to)}>Compare the two</a>`}
    ${chosen.length > 0 && html`<button class="quiet" onClick=${onClear}>Choose none</button>`}
  </div>`;
}

function Body({ run, params, row, about, collected, listen }) {
  const rows = useLagging(collected);
  const found = useMemo(() => facets(rows), [rows]);
  const field = useRef(null);
  const [chosen, setChosen] = useState([]);
  const { text, status, blame, verdict, scenario, tool, sort } = params;
  const filter = useMemo(() => predicate(params), [text, status, blame, verdict, scenario, tool]);
  const shown = useMemo(() => (filter ? rows.filter(filter).length : rows.length), [rows, filter]);
  // Told when the filter changes, and not whenever an episode comes.
  const said = useMemo(() => (filter ? `${format.count(shown)} of ${format.plural(rows.length, "episode")} shown` : ""), [filter]);
  const choose = (episode) => setChosen((before) =>
    before.includes(episode) ? before.filter((one) => one !== episode) : [...before, episode].slice(-2));
  const sorted = (name, direction) => {
    const next = !name || name === "index" && direction === "asc" ? null : `${direction === "desc" ? "-" : ""}${name}`;
    changeParams({ sort: next });
  };
  useKeys({ "/": () => field.current?.focus() }, "filter");
  useKeys({ u: () => navigate("/") }, "up to all runs");
  return html`
    <${Head} run=${run} row=${row} about=${about} />
    <${Charts} rows=${rows} />
    <section aria-label="Episodes" class="episodes-section">
      <div class="toolbar">
        <h2>Episodes <span class="muted" data-testid="shown">${filter ? `${format.count(shown)} of ${format.count(rows.length)}` : format.count(rows.length)}</span></h2>
        <p class="visually-hidden" role="status">${said}</p>
        <${Filters} params=${params} found=${found} sorts=${SORTS} field=${field} />
        <${Comparing} run=${run} chosen=${chosen} onClear=${() => setChosen([])} />
      </div>
      <${Episodes} run=${run} collected=${collected} filter=${filter} sort=${sort ?? ""} chosen=${chosen}
        onChoose=${choose} onSort=${sorted} listen=${listen} />
    </section>`;
}

function View({ params }) {
  const { error, about, row, collected, listen } = useRun(params.run);
  if (error) {
    return html`<section class="empty" role="alert"><h1>${visible(params.run ?? "No run")}</h1><p>${visible(error.message)}</p>
      <p><a ...${link("/")}>All runs</a></p></section>`;
  }
  if (!about || !row) return html`<h1>${visible(params.run ?? "")}</h1><p class="muted">Reading the run …</p>`;
  return html`<${Body} run=${params.run} params=${params} row=${row} about=${about} collected=${collected} listen=${listen} />`;
}

export default { title: ({ run }) => visible(run ?? "Run"), View };
