// The strip over a run's episodes: how many ended when, what share was accepted, how many turns they
// took, which tools they used. Each chart also says in a sentence what it shows; bars are told apart
// by place and number, not by colour. Drawn from the rows at hand: it counts nothing that is not there.
import { html, useEffect, useMemo, useRef } from "../lib/ui.js";
import { visible } from "../lib/text.js";
import * as format from "../lib/format.js";
import { colour, theme } from "../lib/theme.js";
import { uPlot } from "../vendor/uplot.js";

const HEIGHT = 92; // pixels
const BUCKETS = 36;
const MOST_TURNS = 24; // a longer episode counts into the last bar
const MOST_TOOLS = 6;

const ended = (rows) => rows.filter((row) => row.ended).sort((one, other) => one.ended - other.ended);

/** When the first of them began, in unix seconds. */
const beginning = (rows) => rows.reduce((first, row) => Math.min(first, row.started ?? Infinity), Infinity);

/** Episodes a second that ended in each stretch of the run: [seconds from its beginning, numbers]. */
export function throughput(rows) {
  const done = ended(rows);
  if (!done.length) return [[], []];
  const from = Math.min(beginning(rows), done[0].ended);
  const width = Math.max((done.at(-1).ended - from) / BUCKETS, 0.001);
  const bars = new Array(BUCKETS).fill(0);
  for (const row of done) bars[Math.min(Math.floor((row.ended - from) / width), BUCKETS - 1)] += 1;
  return [bars.map((_, i) => (i + 0.5) * width), bars.map((n) => n / width)];
}

/** The share accepted of those judged until then: [seconds from the beginning, shares in %]. */
export function acceptance(rows) {
  const judged = ended(rows);
  const from = beginning(rows);
  const step = Math.max(1, Math.floor(judged.length / 200));
  const times = [];
  const shares = [];
  let accepted = 0;
  judged.forEach((row, i) => {
    if (row.accepted) accepted += 1;
    if (i % step && i < judged.length - 1) return;
    times.push(row.ended - from);
    shares.push((100 * accepted) / (i + 1));
  });
  return [times, shares];
}

/** How many episodes took each number of turns: [turns, numbers]. */
export function turns(rows) {
  const taken = rows.filter((row) => row.turns > 0).map((row) => Math.min(row.turns, MOST_TURNS));
  const most = largest(taken);
  const bars = new Array(most + 1).fill(0);
  for (const n of taken) bars[n] += 1;
  return [bars.map((_, n) => n).slice(1), bars.slice(1)];
}

/** In how many episodes each tool was called, the most used first: [[name, number], …]. */
export function toolUse(rows) {
  const found = new Map();
  for (const row of rows) for (const tool of row.tools) found.set(tool, (found.get(tool) ?? 0) + 1);
  return [...found].sort(([, one], [, other]) => other - one);
}

const largest = (numbers) => numbers.reduce((one, other) => Math.max(one, other), 0); // however many
const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400]; // seconds

/** Seconds at a chart's foot, in the unit in which they are short. */
const elapsed = (_, marks) => marks.map((seconds) => {
  if (!seconds) return "0";
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`;
  return seconds < 3600 ? `${Math.round(seconds / 6) / 10} min` : `${Math.round(seconds / 360) / 10} h`;
});

function options(width, bars, time, marked, most) {
  const ink = colour("--ink-3");
  const axis = { stroke: ink, font: "11px system-ui, sans-serif", ticks: { show: false }, gap: 3 };
  return {
    width, height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: (_, low, high) => (time ? [0, high] : [low - 0.6, high + 0.6]) },
      y: { range: (_, low, high) => [0, most ?? (high * 1.05 || 1)] },
    },
    axes: [
      { ...axis, size: 18, grid: { show: false }, space: 52, ...(time ? { values: elapsed, incrs: STEPS } : { incrs: [1, 2, 5, 10] }) },
      { ...axis, size: 42, space: 28, grid: { stroke: colour("--line"), width: 1 }, values: (_, ticks) => ticks.map(marked) },
    ],
    series: [{}, {
      stroke: colour("--accent"), width: bars ? 0 : 2, fill: bars ? colour("--accent") : undefined,
      points: { show: false },
      ...(bars && { paths: uPlot.paths.bars({ size: [0.8, 40], radius: 0.15 }) }),
    }],
  };
}

/** One chart with its heading and its sentence. */
function Chart({ title, sentence, data, bars = false, time = false, marked = format.compact, most }) {
  const place = useRef(null);
  const plot = useRef(null);
  const shade = theme.value;
  useEffect(() => {
    const element = place.current; // the reference is taken away before the last resize is seen
    const width = () => Math.max(element.clientWidth, 80);
    const made = new uPlot(options(width(), bars, time, marked, most), data, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: width(), height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shade]);
  useEffect(() => plot.current.setData(data), [data]);
  return html`<figure class="chart card">
    <figcaption><b>${title}</b> <span class="chart-sentence">${sentence}</span></figcaption>
    <div class="chart-plot" ref=${place} role="img" aria-label=${`${title}: ${sentence}`}></div>
  </figure>`;
}

function Tools({ used, episodes }) {
  const shown = used.slice(0, MOST_TOOLS);
  const most = shown[0]?.[1] ?? 1;
  return html`<figure class="chart card">
    <figcaption><b>Tool use</b> <span class="chart-sentence">${used.length
      ? `${format.plural(used.length, "tool")} in ${format.plural(episodes, "episode")}`
      : "no tool called yet"}</span></figcaption>
    <ol class="tool-bars">${shown.map(([name, n]) => html`
      <li key=${name} title=${visible(name)}><span class="tool-track"><span class="tool-bar" style=${{ width: `${(100 * n) / most}%` }}></span>
        <span class="tool-name">${visible(name)}</span></span> <span class="numeric">${format.count(n)}</span></li>`)}</ol>
  </figure>`;
}

/** What the charts say in a sentence. */
export const said = {
  throughput: ([, numbers]) => (numbers.length ? `${format.rate(mean(numbers))} on average` : "none has ended yet"),
  acceptance: ([, shares]) => (shares.length ? `${Math.round(shares.at(-1))} % so far` : "none has ended yet"),
  turns: (rows) => {
    const taken = rows.filter((row) => row.turns > 0).map((row) => row.turns);
    return taken.length ? `${median(taken)} at the median, ${largest(taken)} at most` : "none yet";
  },
};

/** The four charts of these rows. */
export function Charts({ rows }) {
  const drawn = useMemo(() => ({
    throughput: throughput(rows), acceptance: acceptance(rows), turns: turns(rows), tools: toolUse(rows),
  }), [rows]);
  return html`<section class="charts" aria-label="Charts" data-testid="charts">
    <${Chart} title="Throughput" sentence=${said.throughput(drawn.throughput)} data=${drawn.throughput} bars time marked=${(n) => (n ? format.rate(n) : "0")} />
    <${Chart} title="Accepted" sentence=${said.acceptance(drawn.acceptance)} data=${drawn.acceptance} time marked=${(n) => `${n} %`} most=${100} />
    <${Chart} title="Turns" sentence=${said.turns(rows)} data=${drawn.turns} bars />
    <${Tools} used=${drawn.tools} episodes=${rows.length} />
  </section>`;
}
