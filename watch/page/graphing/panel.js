// Beside the picture: find a tool by its name or what it does, draw a sample as a synthesis would,
// or pick out the tools of a run's scenario.
import { get } from "../lib/api.js";
import { plural } from "../lib/format.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { visible } from "../lib/text.js";

const PAUSE = 150; // ms without a key before it is searched
const FOUND = 12;

export function Find({ graph, onGo }) {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState(null);
  const latest = useRef("");
  useEffect(() => {
    latest.current = query;
    if (!query.trim()) return void setFound(null);
    const timer = setTimeout(() => {
      get("/api/graph/tools", { graph, query, limit: FOUND }).then(({ nodes }) => latest.current === query && setFound(nodes), () => {});
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [graph, query]);
  const submit = (event) => {
    event.preventDefault();
    if (found?.length) onGo(found[0].id);
  };
  return html`<form role="search" onSubmit=${submit}>
    <label class="field" for="graph-find">Find a tool
      <input id="graph-find" type="search" value=${query} autocomplete="off" maxlength="200" placeholder="name or what it does"
        data-testid="find" onInput=${(event) => setQuery(event.target.value)} /></label></form>
    <p class="visually-hidden" role="status">${found ? plural(found.length, "tool found", "tools found") : ""}</p>
    ${found && (found.length ? html`<ul class="tool-list" data-testid="found">${found.map((node) => html`<li key=${node.id}>
      <button class="quiet" onClick=${() => onGo(node.id)}><b>${visible(node.name)}</b>${" "}
        <span class="muted">${visible(node.description)}</span></button></li>`)}</ul>` : html`<p class="muted">No tool has these words.</p>`)}`;
}

export function Sample({ onDraw }) {
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    onDraw(form.get("by"), Number(form.get("size")), Number(form.get("seed")));
  };
  return html`<form onSubmit=${submit} class="sample" aria-label="Draw a sample">
    <label class="field">Draw tools <select name="by" data-testid="sample-by"><option value="graph">by the graph</option>
      <option value="chain">output to input</option><option value="random">at random</option></select></label>
    <label class="field">How many <input name="size" type="number" min="1" max="40" defaultValue="4" /></label>
    <label class="field">Seed <input name="seed" type="number" min="0" max="999999999" defaultValue="0" /></label>
    <button data-testid="draw">Draw</button></form>`;
}

export function Scenarios({ graph, onMark }) {
  const [runs, setRuns] = useState([]);
  const [scenarios, setScenarios] = useState([]);
  useEffect(() => {
    get("/api/graphs", {}, { quiet: true }).then(({ graphs }) => setRuns(graphs.filter(({ kind }) => kind === "run")), () => {});
  }, []);
  const open = (run) => (run ? get("/api/graph/scenarios", { graph, run }).then((found) => setScenarios(found.scenarios), () => setScenarios([])) : setScenarios([]));
  if (!runs.length) return null;
  return html`<label class="field">Tools of a run's scenarios
      <select data-testid="scenario-run" onChange=${(event) => open(event.target.value)}><option value="">choose a run</option>
        ${runs.map(({ name }) => html`<option key=${name} value=${name}>${visible(name)}</option>`)}</select></label>
    ${scenarios.length > 0 && html`<ul class="tool-list" data-testid="scenarios">${scenarios.map((each, i) => html`<li key=${i}>
      <button class="quiet" onClick=${() => onMark(each.tools, each.scenario)} disabled=${!each.tools.length}><b>${visible(each.scenario)}</b>${" "}
        <span class="muted">${plural(each.tools.length, "tool")}${each.missing.length ? `, ${each.missing.length} not in this graph` : ""}</span></button></li>`)}</ul>`}`;
}
