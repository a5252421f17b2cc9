// Graph: which tools have to do with each other, part by part (`?graph=&tool=`). A graph may have
// 16,000 tools and millions of edges: the page asks for a tool's surroundings and grows what it
// shows on demand. Everything in the picture is also in lists, which the keyboard reaches.
import { useAnswer } from "../lib/answer.js";
import { get } from "../lib/api.js";
import { count, plural } from "../lib/format.js";
import { useKeys } from "../lib/keys.js";
import { changeParams } from "../lib/router.js";
import { html, useEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { visible } from "../lib/text.js";
import { Details } from "../graphing/details.js";
import { Find, Sample, Scenarios } from "../graphing/panel.js";
import { Picture } from "../graphing/picture.js";

const EMPTY = { nodes: [], edges: [] };
const MOST = 400; // tools in one picture
const KINDS = { saved: "Saved graphs", pool: "Pools", run: "Tools that a run used" };

function View({ params }) {
  const { answer, error } = useAnswer("/api/graphs");
  const graphs = answer?.graphs;
  const graph = params.graph ?? graphs?.[0]?.graph;
  return html`<div class="page-head"><h1>Tool graph</h1>
    ${graphs?.length > 0 && html`<label class="field">Graph
      <select data-testid="graphs" value=${graph} onChange=${(event) => changeParams({ graph: event.target.value, tool: null })}>
        ${Object.entries(KINDS).map(([kind, name]) => html`<optgroup key=${kind} label=${name}>
          ${graphs.filter((each) => each.kind === kind).map((each) => html`<option key=${each.graph} value=${each.graph}>${visible(each.name)}</option>`)}
        </optgroup>`)}
      </select></label>`}</div>
    ${!answer && html`<p class="muted" role="status">${error ?? "Looking for graphs…"}</p>`}
    ${graphs?.length === 0 && html`<p class="empty">There is no graph: make one with callsheet graph build, or play a run whose tools are called.</p>`}
    ${graph && html`<${Graph} key=${graph} graph=${graph} tool=${params.tool} />`}`;
}

function Graph({ graph, tool }) {
  const { answer: about, error } = useAnswer("/api/graph", { graph });
  const [part, setPart] = useState(EMPTY);
  const [chosen, setChosen] = useState(null);
  const [marked, setMarked] = useState({ tools: new Set(), what: "" });
  const [said, say] = useState("");
  const api = useRef({});
  const names = useMemo(() => new Map(part.nodes.map((node) => [node.id, node])), [part]);

  const take = (path, more, kept = part) =>
    get(path, { graph, keep: kept.nodes.map((node) => node.id).join(",") || undefined, ...more }).then((found) => {
      setPart(found);
      say(`${plural(found.added.length, "tool")} added; ${count(found.nodes.length)} shown`);
      return found;
    });
  const expand = (id) => part.nodes.length < MOST ? take("/api/graph/part", { tool: id, size: 12 }).catch(() => {}) : say(`no more than ${MOST} tools are shown; start anew`);
  const choose = (what) => {
    setChosen(what);
    if (what?.tool !== undefined) changeParams({ tool: String(what.tool) });
  };
  const goTo = (id) => (names.has(id) ? Promise.resolve() : take("/api/graph/part", { tool: id, size: 12 })).then(() => choose({ tool: id }), () => {});
  const begin = (id) => take("/api/graph/part", id === undefined ? { size: 40 } : { tool: id, size: 24 }, EMPTY).then(() => setChosen(id === undefined ? null : { tool: id }), () => {});
  const mark = (path, more, what) => take(path, more).then((found) => setMarked({ tools: new Set(found.drawn), what: what(found) }), () => {});

  useEffect(() => {
    const first = Number.parseInt(tool, 10);
    begin(Number.isNaN(first) ? undefined : first);
  }, []);
  useKeys({ e: () => chosen?.tool !== undefined && expand(chosen.tool) }, "expand the chosen tool");
  useKeys({ f: () => api.current.fit?.() }, "fit the picture");
  useKeys({ "+": () => api.current.zoom?.(1.3), "-": () => api.current.zoom?.(1 / 1.3) }, "larger, smaller");
  useKeys({ "/": () => document.getElementById("graph-find")?.focus() }, "find a tool");

  if (error) return html`<p class="card" role="alert" data-testid="graph-error">${error}</p>`;
  return html`<p class="muted figures" data-testid="figures">${about ? figures(about.figures) : "reading the graph…"}</p>
    <div class="graph">
      <section class="graph-panel" aria-label="Find and highlight">
        <${Find} graph=${graph} onGo=${goTo} />
        ${about?.samples && html`<${Sample} onDraw=${(by, size, seed) => mark("/api/graph/sample", { by, size, seed }, (found) => `${plural(found.drawn.length, "tool")} drawn by ${by}`)} />`}
        <${Scenarios} graph=${graph} onMark=${async (tools, name) => {
          const kept = new Set(part.nodes.map((node) => node.id));
          const all = { nodes: [...part.nodes, ...tools.filter((id) => !kept.has(id)).map((id) => ({ id }))] };
          await take("/api/graph/part", { size: 0 }, all).catch(() => {});
          setMarked({ tools: new Set(tools), what: `${plural(tools.length, "tool")} of ${visible(name)}` });
        }} />
        ${marked.tools.size > 0 && html`<p class="highlighted" data-testid="marked">◆ ${marked.what}: ${[...marked.tools].map((id) => names.get(id)?.name ?? "").map(visible).join(", ")}
          ${" "}<button class="quiet" onClick=${() => setMarked({ tools: new Set(), what: "" })}>clear</button></p>`}
      </section>
      <section class="graph-middle" aria-label="Picture">
        <div class="toolbar"><button onClick=${() => api.current.fit?.()}>Fit</button><button onClick=${() => api.current.zoom?.(1.3)} aria-label="Larger">+</button>
          <button onClick=${() => api.current.zoom?.(1 / 1.3)} aria-label="Smaller">−</button><button onClick=${() => { changeParams({ tool: null }); begin(); }}>Start anew</button>
          <span class="muted legend"><span class="feeds">→</span> an output feeds a parameter · <span class="alike">—</span> ${graph.startsWith("run:") ? "called one after the other" : "alike parameters"}</span></div>
        <${Picture} part=${part} marked=${marked.tools} chosen=${chosen} onChoose=${choose} onExpand=${expand} api=${api} />
        <p class="visually-hidden" role="status">${said}</p>
      </section>
      <${Details} graph=${graph} part=${part} names=${names} chosen=${chosen} onChoose=${choose} onExpand=${expand} />
    </div>`;
}

const figures = (all) => Object.entries(all)
  .map(([name, value]) => `${name.replaceAll("_", " ")} ${Number.isInteger(value) ? count(value) : Number(value.toPrecision(3))}`).join(" · ");

export default { title: () => "Tool graph", View };
