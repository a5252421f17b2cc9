// A part of a tool graph as a picture that can be dragged, zoomed and clicked; drawn on a canvas by
// Cytoscape. It shows what it is given and says what was chosen; the lists beside it say the same to
// those who do not see it. Tools keep their places when others are added.
import { colour, theme } from "../lib/theme.js";
import { html, useEffect, useRef } from "../lib/ui.js";
import { visible } from "../lib/text.js";

const LABEL = 26; // characters of a name that are drawn
const TEXT = 11.5; // px on the screen, as far as it does not get larger than a tool's surroundings

/**
 * `part`: {nodes, edges} of the server. `marked`: Set of tools that stand out. `chosen`: {tool} or
 * {edge: [one, other]}. `onChoose(chosen)`, `onExpand(tool)`. `api`: a ref that gets fit and zoom.
 */
export function Picture({ part, marked, chosen, onChoose, onExpand, api }) {
  const place = useRef(null);
  const graph = useRef(null);
  const latest = useRef({});
  latest.current = { part, marked, chosen, onChoose, onExpand };
  useEffect(() => {
    let gone = false;
    // 400 KB that only this view needs.
    import("../vendor/cytoscape.js").then(({ cytoscape }) => {
      if (gone) return;
      const now = latest.current;
      graph.current = made(cytoscape, place.current, latest);
      api.current = actions(graph.current);
      update(graph.current, now.part);
      mark(graph.current, now.marked, now.chosen);
    });
    return () => {
      gone = true;
      graph.current?.destroy();
      graph.current = null;
    };
  }, []);
  useEffect(() => graph.current && update(graph.current, part), [part]);
  useEffect(() => graph.current && mark(graph.current, marked, chosen), [part, marked, chosen]);
  const shade = theme.value;
  useEffect(() => graph.current?.style(style()), [shade]);
  return html`<div ref=${place} class="graph-canvas" data-testid="picture" data-tools=${part.nodes.length} data-edges=${part.edges.length}
    role="img" aria-label=${`Picture of ${part.nodes.length} tools and ${part.edges.length} edges; the lists say the same`}></div>`;
}

function made(cytoscape, container, latest) {
  const graph = cytoscape({ container, style: style(), minZoom: 0.1, maxZoom: 2 });
  graph.on("zoom", () => graph.nodes().style("font-size", textSize(graph.zoom())));
  graph.on("tap", "node", ({ target }) => latest.current.onChoose({ tool: target.data("tool") }));
  graph.on("dbltap", "node", ({ target }) => latest.current.onExpand(target.data("tool")));
  graph.on("tap", "edge", ({ target }) => latest.current.onChoose({ edge: target.data("tools") }));
  graph.on("tap", (event) => event.target === graph && latest.current.onChoose(null));
  return graph;
}

/** So that names can be read however far the picture is zoomed out. */
const textSize = (zoom) => Math.min(24, Math.max(9, TEXT / zoom));

const actions = (graph) => ({
  fit: () => graph.fit(undefined, 30),
  zoom: (factor) => graph.zoom({ level: graph.zoom() * factor, renderedPosition: { x: graph.width() / 2, y: graph.height() / 2 } }),
});

const idOf = (tool) => `t${tool}`;

/** Make the picture show the part: what is new comes near what it is joined with. */
function update(graph, part) {
  const wanted = new Set(part.nodes.map((node) => idOf(node.id)));
  const kept = graph.nodes().filter((node) => wanted.has(node.id()));
  const fresh = kept.length === 0;
  graph.batch(() => {
    graph.nodes().filter((node) => !wanted.has(node.id())).remove();
    const near = middles(graph, part);
    for (const node of part.nodes) {
      if (graph.getElementById(idOf(node.id)).empty()) graph.add(drawn(node, near.get(node.id)));
    }
    for (const edge of part.edges) {
      const id = `${edge.one}-${edge.other}`;
      if (graph.getElementById(id).empty()) graph.add(joined(edge, id));
    }
    graph.nodes().style("font-size", textSize(graph.zoom()));
  });
  if (kept.length === part.nodes.length) return;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const layout = graph.layout({
    name: "cose", randomize: fresh, animate: !fresh && !calm ? "end" : false, animationDuration: 350, padding: 30,
    nodeDimensionsIncludeLabels: true, idealEdgeLength: () => 55, nodeRepulsion: () => 5000, componentSpacing: 30, numIter: 600,
  });
  layout.run();
}

/** For every new tool a place beside a tool that it is joined with and that has one. */
function middles(graph, { edges }) {
  const near = new Map();
  const note = (tool, other) => {
    const there = graph.getElementById(idOf(other));
    if (there.nonempty() && !near.has(tool)) {
      const { x, y } = there.position();
      near.set(tool, { x: x + 30 * Math.cos(tool), y: y + 30 * Math.sin(tool) });
    }
  };
  for (const { one, other } of edges) {
    note(one, other);
    note(other, one);
  }
  return near;
}

function drawn({ id, name, degree }, position) {
  const label = visible(name.length > LABEL ? `${name.slice(0, LABEL - 1)}…` : name);
  return { group: "nodes", data: { id: idOf(id), tool: id, label, size: Math.min(30, 12 + 4 * Math.log2(1 + degree)) }, position: position ?? { x: 0, y: 0 } };
}

function joined({ one, other, feeds, fed }, id) {
  const [source, target] = fed && !feeds ? [other, one] : [one, other];
  const kind = feeds && fed ? "both" : feeds || fed ? "feeds" : "alike";
  return { group: "edges", data: { id, source: idOf(source), target: idOf(target), tools: [one, other] }, classes: kind };
}

function mark(graph, marked, chosen) {
  graph.batch(() => {
    graph.elements().removeClass("chosen near marked");
    graph.nodes().filter((node) => marked.has(node.data("tool"))).addClass("marked");
    if (chosen?.edge) graph.getElementById(chosen.edge.join("-")).addClass("chosen").connectedNodes().addClass("near");
    if (chosen?.tool !== undefined) {
      const node = graph.getElementById(idOf(chosen.tool)).addClass("chosen");
      node.connectedEdges().addClass("near");
    }
  });
}

/** Canvases do not know custom properties. */
function style() {
  const [ink, line, accent, tool, surface, mark_] = ["--ink", "--line-strong", "--accent", "--tool", "--surface", "--tester"].map(colour);
  return [
    { selector: "node", style: {
      label: "data(label)", width: "data(size)", height: "data(size)", "background-color": tool, color: ink, "font-size": textSize(1),
      "text-valign": "bottom", "text-margin-y": 3, "text-outline-color": surface, "text-outline-width": 2, "min-zoomed-font-size": 5 } },
    { selector: "edge", style: { width: 1, "line-color": line, "curve-style": "haystack", opacity: 0.7 } },
    { selector: "edge.feeds, edge.both", style: {
      width: 2, "line-color": accent, "curve-style": "bezier", "target-arrow-shape": "triangle", "target-arrow-color": accent, opacity: 1 } },
    { selector: "edge.both", style: { "source-arrow-shape": "triangle", "source-arrow-color": accent } },
    { selector: "node.marked", style: { "background-color": mark_, "border-width": 4, "border-color": mark_, "border-opacity": 0.4, shape: "diamond" } },
    { selector: "edge.near, edge.chosen", style: { width: 3, opacity: 1 } },
    { selector: "node.chosen", style: { "border-width": 4, "border-color": ink, "border-opacity": 1, "font-weight": "bold" } },
  ];
}
