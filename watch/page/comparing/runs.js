// Two runs: how the second differs from the first over pairs of episodes, with intervals, and the
// list of pairs, which leads to each two episodes side by side.
import { useAnswer } from "../lib/answer.js";
import { compact, count, duration, money, percent, plural, score } from "../lib/format.js";
import { address, link } from "../lib/router.js";
import { html, useMemo, useState } from "../lib/ui.js";
import { visible } from "../lib/text.js";

const PAGE = 200; // rows that are drawn before somebody asks for more
const decimal = (value) => (Math.round(value * 100) / 100).toLocaleString("en");

const FIGURES = {
  accepted: ["accepted", percent], score: ["score", score], turns: ["turns", decimal], calls: ["calls", decimal],
  failed_calls: ["failed calls", decimal], prompt_tokens: ["prompt tokens", compact],
  completion_tokens: ["answer tokens", compact], cost: ["cost", money], seconds: ["duration", duration],
};

export function Runs({ run, run2 }) {
  const { answer: found, error } = useAnswer("/api/compare/runs", { run, run2 });
  if (error) return html`<section class="empty" role="alert"><h1>These runs cannot be compared</h1><p>${visible(error)}</p></section>`;
  return html`<div class="comparison" data-testid="run-comparison"><div class="page-head"><div><h1>
      <a ...${link(address("/run", { run }))}>${visible(run)}</a> and <a ...${link(address("/run", { run: run2 }))}>${visible(run2)}</a></h1>
      <p role="status">${found ? paired(found) : "comparing…"}</p></div>
    <a class="button" ...${link(address("/compare", { run: run2, run2: run }))}>Change sides</a></div>
    ${found && html`<div class="run-figures"><${Figures} figures=${found.figures} />
      <div class="counts"><${Counts} title="How they ended" counts=${found.statuses} /><${Counts} title="Who was at fault" counts=${found.blames} /></div></div>
      <${Pairs} found=${found} run=${run} run2=${run2} />`}</div>`;
}

function paired({ pairs, left_out: more, equal_seeds: equal, alone }) {
  const total = pairs.length + more;
  const left = alone.before + alone.after;
  return `${plural(total, "pair")} of episodes, ${equal === total ? "all" : count(equal)} with the same seed${
    left ? `; ${count(alone.before)} of the first and ${count(alone.after)} of the second have no partner` : ""}.`;
}

function Figures({ figures }) {
  if (!figures.length) return html`<p class="muted">No pair has ended yet.</p>`;
  return html`<div><div class="scroller" tabindex="0" role="region" aria-label="Figures"><table class="plain-table" data-testid="figures"><caption class="visually-hidden">Means over pairs, and the second run's difference</caption>
    <thead><tr><th scope="col">Figure</th><th class="numeric" scope="col">First</th><th class="numeric" scope="col">Second</th>
      <th class="numeric" scope="col">Difference</th><th scope="col">95 % interval</th><th class="numeric" scope="col">Pairs</th></tr></thead>
    <tbody>${figures.map(({ name, before, after, difference, sure, pairs }) => {
      const [label, format] = FIGURES[name];
      return html`<tr key=${name} class=${sure ? "differs" : ""}><th scope="row">${label}</th>
        <td class="numeric">${format(before)}</td><td class="numeric">${format(after)}</td>
        <td class="numeric">${signed(difference.mean, name)}</td>
        <td class="interval"><${Interval} of=${difference} /> ${signed(difference.low, name)} to ${signed(difference.high, name)}${sure ? "" : html` <span class="muted">(may be none)</span>`}</td>
        <td class="numeric">${count(pairs)}</td></tr>`;
    })}</tbody></table></div>
    <p class="muted note">Drawn by scenario, ${count(figures[0].difference.resamples)} times; of few scenarios, intervals come out too narrow.</p></div>`;
}

/** A difference with its sign: points of a share, else the figure's own unit. */
function signed(value, name) {
  const shown = (size) => (name === "accepted" ? `${Math.round(size * 1000) / 10} points` : FIGURES[name][1](size));
  const text = shown(Math.abs(value));
  return text === shown(0) ? text : `${value > 0 ? "+" : "−"}${text}`;
}

/** The interval as a line beside zero. */
function Interval({ of: { low, mean, high } }) {
  const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const x = (value) => 40 + (36 * value) / reach;
  return html`<svg class="interval-mark" viewBox="0 0 80 12" width="80" height="12" aria-hidden="true">
    <line class="zero" x1="40" x2="40" y1="0" y2="12" /><line x1=${x(low)} x2=${x(high)} y1="6" y2="6" /><circle cx=${x(mean)} cy="6" r="2.5" /></svg>`;
}

function Counts({ title, counts: { before, after } }) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  if (!names.length) return null;
  return html`<table class="plain-table"><thead><tr><th scope="col">${title}</th><th class="numeric" scope="col">First</th><th class="numeric" scope="col">Second</th></tr></thead>
    <tbody>${names.map((name) => html`<tr key=${name}><th scope="row">${visible(name)}</th><td class="numeric">${count(before[name] ?? 0)}</td><td class="numeric">${count(after[name] ?? 0)}</td></tr>`)}</tbody></table>`;
}

const gain = (name) => ({ before, after }) => (after.values[name] ?? 0) - (before.values[name] ?? 0);
const rank = (one) => (one.values.accepted === 1 ? 2 : one.status ? 1 : 0);
const SORTS = {
  episode: ["Episode", ({ before }) => before.index],
  ending: ["Ending", ({ before, after }) => 3 * (rank(after) - rank(before)) + rank(after) / 3],
  turns: ["Turns", gain("turns")], calls: ["Calls", gain("calls")], failed_calls: ["Failed", gain("failed_calls")],
  tokens: ["Tokens", (pair) => gain("prompt_tokens")(pair) + gain("completion_tokens")(pair)],
  cost: ["Cost", gain("cost")], seconds: ["Duration", gain("seconds")],
};

function Pairs({ found, run, run2 }) {
  const [all, setAll] = useState(false);
  const [sort, setSort] = useState({ by: "ending", down: false });
  const [shown, setShown] = useState(PAGE);
  const rows = useMemo(() => {
    const [, key] = SORTS[sort.by];
    const chosen = found.pairs.filter((pair) => all || !pair.same);
    return chosen.sort((a, b) => (key(a) - key(b)) * (sort.down ? -1 : 1) || a.before.index - b.before.index);
  }, [found, all, sort]);
  const costs = rows.some(({ before, after }) => before.values.cost ?? after.values.cost);
  const columns = Object.keys(SORTS).filter((name) => name !== "cost" || costs);
  return html`<div class="pairs-head"><h2>${all ? "All pairs" : "Pairs that differ"} (${count(rows.length)})</h2>
    <label><input type="checkbox" checked=${all} onChange=${() => setAll(!all)} data-testid="all-pairs" /> also those that are the same</label></div>
    ${!rows.length ? html`<p class="muted">${found.pairs.length ? "All pairs are the same." : "No pair has ended yet."}</p>`
      : html`<div class="scroller" tabindex="0" role="region" aria-label="Pairs of episodes"><table class="plain-table pairs" data-testid="pairs"><thead><tr>${columns.map((name) => html`
      <th key=${name} scope="col" class=${name === "episode" || name === "ending" ? "" : "numeric"} aria-sort=${sort.by === name ? (sort.down ? "descending" : "ascending") : "none"}>
        <button class="quiet" onClick=${() => setSort({ by: name, down: sort.by === name && !sort.down })}>${SORTS[name][0]}</button></th>`)}</tr></thead>
    <tbody>${rows.slice(0, shown).map((pair) => html`<${Pair} key=${pair.before.episode} pair=${pair} run=${run} run2=${run2} columns=${columns} />`)}</tbody></table></div>`}
    ${shown < rows.length && html`<p><button onClick=${() => setShown(shown + 5 * PAGE)}>Show more of ${count(rows.length - shown)} further pairs</button></p>`}
    ${found.left_out > 0 && html`<p class="muted">${plural(found.left_out, "further pair is", "further pairs are")} not listed.</p>`}`;
}

function Pair({ pair, run, run2, columns }) {
  const { before, after } = pair;
  const to = address("/compare", { run, episode: before.episode, run2, episode2: after.episode });
  const cell = (name, format, of = ({ values }) => values[name]) => html`<td key=${name} class="numeric">${format(of(before))}${of(before) === of(after) ? "" : html` → ${format(of(after))}`}</td>`;
  const cells = {
    episode: html`<th scope="row" key="episode"><a ...${link(to)}>${visible(before.episode)}</a>${before.episode === after.episode ? "" : html`<span class="muted"> and ${visible(after.episode)}</span>`}</th>`,
    ending: html`<td key="ending"><${Ending} one=${before} />${rank(before) === rank(after) && before.blame === after.blame && before.status === after.status ? "" : html` → <${Ending} one=${after} />`}</td>`,
    tokens: cell("tokens", compact, ({ values }) => (values.prompt_tokens === null ? null : values.prompt_tokens + values.completion_tokens)),
  };
  const formats = { cost: money, seconds: duration };
  return html`<tr>${columns.map((name) => cells[name] ?? cell(name, formats[name] ?? count))}</tr>`;
}

function Ending({ one: { status, blame, values } }) {
  if (!status) return html`<span class="badge">unfinished</span>`;
  if (values.accepted === 1) return html`<span class="badge is-good">accepted</span>`;
  return html`<span class="badge is-bad">${visible(status)}${blame ? `, ${visible(blame)}` : ""}</span>`;
}
