// Report: how good the dialogues of a run are (`?run=`), or a comparison of runs that somebody made
// (`?comparison=`). The server makes a report in a process of its own and serves its page without
// scripts; here it stands in a frame that may do nothing.
import { useAnswer } from "../lib/answer.js";
import { endpoint, get, post } from "../lib/api.js";
import { ago, count, timestamp } from "../lib/format.js";
import { address, link } from "../lib/router.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { visible } from "../lib/text.js";

const LOOK = 700; // ms between two looks at a report in the making

function View({ params }) {
  const [newer, setNewer] = useState(null); // after a report was made
  const { answer, error } = useAnswer("/api/reports");
  const look = () => get("/api/reports").then(setNewer, () => {});
  const listed = newer ?? answer;
  if (!listed) return html`<h1>Data-quality report</h1><p class="muted" role="status">${error ?? "Looking for reports…"}</p>`;
  const { run, comparison } = params;
  return html`<div class="page-head"><h1>Data-quality report</h1></div>
    <div class="reports"><${List} listed=${listed} run=${run} comparison=${comparison} />
    <section aria-label="Report">
      ${comparison ? html`<${Frame} title=${`Comparison ${visible(comparison)}`} src=${endpoint("/api/report/comparison", { name: comparison })} />`
        : listed.others.includes(run) ? html`<${Frame} title=${`Report on ${visible(run)}`} src=${endpoint("/api/report/page", { run })} />`
        : run ? html`<${Report} key=${run} run=${run} encoders=${listed.encoders} onMade=${look} />`
        : html`<p class="muted">Choose a run. Its report says how its dialogues are: their size, coherence and diversity, which tools they use, how they end and what they cost.</p>`}
    </section></div>`;
}

function List({ listed: { reports, others, comparisons }, run, comparison }) {
  const entry = (query, name, here, about) => html`<li key=${name}><a ...${link(address("/report", query))} aria-current=${here ? "true" : undefined}>
    ${visible(name)}</a> <span class="muted">${about}</span></li>`;
  if (!reports.length && !others.length && !comparisons.length) return html`<p class="muted">There is no run yet.</p>`;
  return html`<nav aria-label="Reports" class="report-list" data-testid="reports">
    ${reports.length > 0 && html`<h2>Runs</h2><ul>${reports.map((each) => entry({ run: each.run }, each.run, each.run === run && !comparison,
      each.work?.state === "running" ? "being made" : each.made ? html`made <time datetime=${timestamp(each.made)}>${ago(each.made)}</time>` : "no report"))}</ul>`}
    ${others.length > 0 && html`<h2>Other dialogues</h2><ul>${others.map((name) => entry({ run: name }, name, name === run && !comparison, ""))}</ul>`}
    ${comparisons.length > 0 && html`<h2>Comparisons</h2><ul>${comparisons.map((name) => entry({ comparison: name }, name, name === comparison, ""))}</ul>`}
  </nav>`;
}

function Report({ run, encoders, onMade }) {
  const [report, setReport] = useState(null);
  const [error, setError] = useState(null);
  const look = () => get("/api/report", { run }, { quiet: true }).then((found) => (setReport(found), setError(null)), (cause) => setError(cause.message));
  useEffect(() => void look(), [run]);
  const working = report?.work?.state === "running";
  useEffect(() => {
    if (!working) return undefined;
    const timer = setInterval(look, LOOK);
    return () => (clearInterval(timer), onMade());
  }, [working]);
  const make = (event) => {
    event.preventDefault();
    post("/api/report", { run, encoder: new FormData(event.target).get("encoder") }).then(look, () => {});
  };
  if (error) return html`<p role="alert" class="card" data-testid="report-error">${visible(error)}</p>`;
  if (!report) return html`<p class="muted" role="status">Looking…</p>`;
  return html`<form class="toolbar report-order" onSubmit=${make}><h2><a ...${link(address("/run", { run }))}>${visible(run)}</a></h2>
      <label>Coherence by <select name="encoder" data-testid="encoder" disabled=${working}>${encoders.map((name) => html`<option key=${name}>${name}</option>`)}</select></label>
      <button class=${report.made ? "" : "primary"} disabled=${working} data-testid="make">${report.made ? "Make it anew" : "Make the report"}</button></form>
    <div data-testid="work"><${Work} run=${run} work=${report.work} /></div>
    ${report.stale && !working && html`<p class="badge is-warn" data-testid="stale">The run has other dialogues now than when this was made.</p>`}
    ${report.made && !working && html`<${Frame} title=${`Report on ${visible(run)}`} src=${endpoint("/api/report/page", { run, made: report.made })} />`}`;
}

function Work({ run, work }) {
  if (work?.state === "running")
    return html`<p class="toolbar"><progress max=${work.total || undefined} value=${work.total ? work.done : undefined} aria-label="Progress"></progress>
      <span role="status">${visible(work.stage)}</span>${work.done ? ` ${count(work.done)}${work.total ? ` of ${count(work.total)}` : ""}` : ""}
      <button type="button" onClick=${() => post("/api/report/stop", { run }).catch(() => {})}>Stop</button></p>`;
  if (work?.state === "failed") return html`<p class="report-failed" role="alert">The report could not be made: ${visible(work.error)}</p>`;
  return work?.state === "stopped" ? html`<p class="muted" role="status">Stopped.</p>` : null;
}

/** A page that may do nothing: no scripts, no forms, no origin. */
function Frame({ title, src }) {
  return html`<iframe sandbox="" class="report-frame" data-testid="frame" title=${title} src=${src} referrerpolicy="no-referrer"></iframe>`;
}

export default { title: ({ run, comparison }) => visible(["Report", run ?? comparison].filter(Boolean).join(" on ")), View };
