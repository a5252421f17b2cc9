// What is chosen, in words: a tool with those it is joined with, or why two tools are joined; and a
// list of all tools shown. The same as the picture, for keyboards and screen readers.
import { get } from "../lib/api.js";
import { count, plural } from "../lib/format.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { visible } from "../lib/text.js";

export function Details(props) {
  const { chosen, names, part } = props;
  const node = chosen?.tool !== undefined ? names.get(chosen.tool) : undefined;
  return html`<section class="graph-details" aria-label="Details">
    ${node ? html`<${Tool} key=${node.id} node=${node} ...${props} />`
      : chosen?.edge ? html`<${Edge} key=${chosen.edge.join()} ...${props} />`
      : html`<p class="muted">Choose a tool or an edge: in the picture, or in the list.</p>`}
    <details class="shown" open=${!chosen}><summary>${plural(part.nodes.length, "tool")} shown</summary>
      <ul class="tool-list" data-testid="shown">${part.nodes.map((each) => html`<li key=${each.id}>
        <button class="quiet" onClick=${() => props.onChoose({ tool: each.id })}><b>${visible(each.name)}</b> <span class="muted">${count(each.degree)}</span></button></li>`)}</ul></details>
  </section>`;
}

function Tool({ node, part, names, onChoose, onExpand }) {
  const edges = part.edges.filter((edge) => edge.one === node.id || edge.other === node.id);
  const hidden = node.degree - edges.length;
  return html`<h2 data-testid="chosen">${visible(node.name)}</h2>
    <p>${visible(node.description) || html`<span class="muted">Nobody says what it does: its pool is not at hand.</span>`}</p>
    <p class="muted">Joined with ${plural(node.degree, "tool")}${hidden > 0 ? `, ${count(hidden)} of them not shown` : ""}.</p>
    ${hidden > 0 && html`<button onClick=${() => onExpand(node.id)} data-testid="expand">Show more of them</button>`}
    <ul class="tool-list" data-testid="neighbours">${edges.map((edge) => {
      const other = names.get(edge.one === node.id ? edge.other : edge.one);
      return html`<li key=${other.id}><span class="way" aria-hidden="true">${arrow(edge, node.id)}</span>
        <button class="quiet" onClick=${() => onChoose({ tool: other.id })}><b>${visible(other.name)}</b> <span class="muted">${inWords(edge, node.id)}</span></button>
        <button class="quiet" onClick=${() => onChoose({ edge: [edge.one, edge.other] })} aria-label=${`Why it is joined with ${visible(other.name)}`}>why?</button></li>`;
    })}</ul>`;
}

const ways = ({ one, feeds, fed }, from) => (one === from ? [feeds, fed] : [fed, feeds]);

const arrow = (edge, from) => {
  const [gives, takes] = ways(edge, from);
  return gives && takes ? "⇄" : gives ? "→" : takes ? "←" : "—";
};

const inWords = (edge, from) => {
  const [gives, takes] = ways(edge, from);
  return gives && takes ? "feeds it and is fed" : gives ? "is fed by this one" : takes ? "feeds this one" : "";
};

function Edge({ graph, chosen, names, onChoose }) {
  const [found, setFound] = useState(null);
  const [one, other] = chosen.edge;
  useEffect(() => {
    let wanted = true;
    get("/api/graph/joints", { graph, one, other }).then((answer) => wanted && setFound(answer), () => {});
    return () => (wanted = false);
  }, [graph, one, other]);
  const name = (id) => html`<button class="quiet" onClick=${() => onChoose({ tool: id })}>${visible(names.get(id)?.name ?? "")}</button>`;
  return html`<h2 data-testid="chosen-edge">Why ${name(one)} and ${name(other)} are joined</h2>
    ${!found ? html`<p role="status" class="muted">looking…</p>` : html`<ul class="joints" data-testid="joints">
      ${found.joints.map((joint, i) => html`<li key=${i}><${Joint} joint=${joint} counted=${graph.startsWith("run:")} /></li>`)}</ul>
      ${found.left_out > 0 && html`<p class="muted">${plural(found.left_out, "further reason")} left out.</p>`}`}`;
}

function Joint({ joint, counted }) {
  const { source, target, source_field: output, target_field: parameter, feeds, strength } = joint;
  const sure = counted ? plural(strength, "time") : `cosine ${strength}`;
  const field = (tool, name) => html`<span class="mono">${visible(tool)}${name && `.${visible(name)}`}</span>`;
  const joins = feeds ? "feeds" : counted ? "was followed by" : "is like";
  return html`${field(source, output)} ${joins} ${field(target, parameter)} <span class="muted">(${sure})</span>`;
}
