// Two episodes in one grid, a row for what stands beside each other: both sides scroll together
// because they are one thing. What is the same on both sides is told once, across both columns; the
// turns that both share at the beginning are folded. An unfinished episode is compared again as it
// goes on.
import { persistently } from "../lib/answer.js";
import { compact, count, duration, plural, score } from "../lib/format.js";
import { useKeys } from "../lib/keys.js";
import { nameOf, roleClass } from "../lib/roles.js";
import { address, link, navigate } from "../lib/router.js";
import { episodeTopic, subscribe } from "../lib/stream.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { Json } from "../conversation/json.js";
import { visible } from "../lib/text.js";
import { Changes, Mark, Words } from "./marks.js";

const AGAIN = 400; // ms between something new and comparing again
const SHOWN = 60; // turns that are drawn before somebody asks for more

/** `run`, `episode`: the first; `run2`, `episode2`: the second. */
export function Episodes({ run, episode, run2, episode2 }) {
  const [found, error] = useDifference({ run, episode, run2, episode2 });
  const top = useRef(null);
  const go = (by) => goToDifference(top.current, by);
  useKeys({ n: () => go(1), p: () => go(-1) }, "next and previous difference");
  const swapped = address("/compare", { run: run2, episode: episode2, run2: run, episode2: episode });
  useKeys({ x: () => navigate(swapped, { replace: true }) }, "change sides");
  if (error) return html`<section class="empty" role="alert"><h1>These episodes cannot be compared</h1><p>${visible(error)}</p></section>`;
  if (!found) return html`<h1>Two episodes</h1><p class="muted" role="status">Comparing…</p>`;
  const sides = [[run, episode], [run2, episode2]];
  return html`<div ref=${top} class="comparison" data-testid="comparison">
    <div class="page-head"><div><h1>Two episodes side by side</h1><p>${summary(found)}</p></div>
      <div class="toolbar">
        <button onClick=${() => go(-1)} data-testid="previous">Previous difference</button>
        <button onClick=${() => go(1)} data-testid="next">Next difference</button>
        <a class="button" ...${link(swapped)}>Change sides</a>
        ${run !== run2 && html`<a class="button" ...${link(address("/compare", { run, run2 }))}>Compare the runs</a>`}
      </div></div>
    <div class="sides-head">${sides.map(([of, each], i) => html`<h2 key=${i}>
      <span class="muted">${i ? "second" : "first"}:</span>${" "}<a ...${link(address("/episode", { run: of, episode: each }))}>${visible(each)}</a> <span class="muted">of ${visible(of)}</span></h2>`)}</div>
    <${Totals} before=${found.before} after=${found.after} />
    <${SetUp} changes=${found.set_up} />
    <${Turns} found=${found} />
    <${Checks} checks=${found.checks} />
  </div>`;
}

/** The difference, compared anew while one of the two goes on. */
function useDifference({ run, episode, run2, episode2 }) {
  const [state, setState] = useState([null, null]);
  useEffect(() => {
    const gone = new AbortController();
    let timer = null;
    const left = [];
    const ask = () => {
      timer = null;
      return persistently("/api/compare/episodes", { run, episode, run2, episode2 }, gone.signal).then(
        (found) => setState([found, null]),
        (error) => setState(([before]) => [before, before ? null : error.message]),
      );
    };
    const later = () => (timer ??= setTimeout(ask, AGAIN));
    const listen = async (of, each) => {
      const { cursor } = await persistently("/api/events", { run: of, episode: each }, gone.signal);
      left.push(subscribe(episodeTopic(of, each), cursor, (news) => (news.events || news.reset) && later()));
    };
    const start = async () => {
      await ask();
      await Promise.all([listen(run, episode), listen(run2, episode2)]).catch(() => {});
      // What came between the answer and the cursors is in neither.
      if (!gone.signal.aborted) later();
    };
    start();
    return () => {
      gone.abort();
      clearTimeout(timer);
      left.forEach((leave) => leave());
    };
  }, [run, episode, run2, episode2]);
  return state;
}

function summary({ parted, turns, shared_turns: shared, checks }) {
  if (!parted) return checks.every((check) => check.same) ? "They say and do the same." : "They say and do the same, and are judged differently.";
  const [at, row] = parted;
  const differ = turns.filter((turn) => !turn.same).length;
  const piece = turns[at].rows[row] ?? {};
  const what = piece.before ?? piece.after;
  const of = what ? (what.kind === "call" ? `the call of ${visible(what.name)}` : `the ${what.kind} of the ${nameOf(what.source).toLowerCase()}`) : "nothing";
  return html`<a class="first-difference" href=${`#turn${at}`} data-testid="parted">They part company at turn ${number(turns[at])}</a>${
    `, with ${of}; ${plural(differ, "turn differs", "turns differ")}, ${shared} shared at the beginning.`}`;
}

const number = (turn) => turn.before ?? turn.after;

const FIGURES = [
  ["status", "status", visible], ["score", "score", score], ["blame", "at fault", visible], ["turns", "turns", count],
  ["tool_calls", "calls", count], ["model_calls", "model calls", count], ["prompt_tokens", "prompt tokens", compact],
  ["completion_tokens", "answer tokens", compact], ["seconds", "duration", duration],
];

function Totals({ before, after }) {
  const told = (value, format) => (value === null || value === undefined ? "–" : format(value));
  return html`<div class="scroller" tabindex="0" role="region" aria-label="Totals"><table class="plain-table" data-testid="totals">
    <caption class="visually-hidden">How both ended and what they used</caption>
    <thead><tr><td></td>${FIGURES.map(([name, label]) => html`<th key=${name} scope="col">${label}</th>`)}</tr></thead>
    <tbody>${[["first", before], ["second", after]].map(([which, totals]) => html`<tr key=${which}>
      <th scope="row">${which}</th>
      ${FIGURES.map(([name, , format]) => html`<td key=${name} class=${before[name] === after[name] || name === "seconds" ? "" : "differs"}>${told(totals[name], format)}</td>`)}
    </tr>`)}</tbody></table></div>`;
}

function SetUp({ changes }) {
  if (!changes.length) return null;
  return html`<details class="card set-up" data-testid="set-up"><summary>They began differently: ${changes.slice(0, 6).map((change) => visible(change.path)).join(", ")}${changes.length > 6 ? ", …" : ""}</summary>
    <${Changes} changes=${changes} what="Set-up" /></details>`;
}

function Turns({ found: { turns, shared_turns: shared, parted } }) {
  const [more, setMore] = useState(0);
  const drawn = turns.map((turn, at) => html`<${TurnPair} key=${at} turn=${turn} at=${at} />`);
  const until = shared + SHOWN + more;
  return html`<section aria-label="Turns">
    ${shared > 0 && html`<details class="shared" open=${!parted} data-testid="shared">
      <summary>${plural(shared, "turn is", "turns are")} the same in both</summary>${drawn.slice(0, shared)}</details>`}
    ${drawn.slice(shared, until)}
    ${until < turns.length && html`<p><button onClick=${() => setMore(more + 4 * SHOWN)}>Show more of ${turns.length - until} further turns</button></p>`}
  </section>`;
}

function TurnPair({ turn, at }) {
  const { before, after, step, rows, same } = turn;
  const told = (value) => (value === null ? "no such turn" : `turn ${value}`);
  return html`<article class=${same ? "turn-pair" : "turn-pair differs"} id=${`turn${at}`} tabindex="-1" aria-label=${`Turn ${number(turn)}${same ? "" : ", differs"}`}>
    <header><h3>${before === after ? told(before) : `${told(before)} | ${told(after)}`}</h3>
      ${step !== null && step >= 0 && html`<span class="muted">step ${step + 1} of the plan</span>`}</header>
    ${rows.map((row, i) => html`<${Row} key=${i} row=${row} />`)}</article>`;
}

function Row({ row }) {
  const { before, after, same } = row;
  if (same) return html`<div class="pair same"><${Piece} piece=${before} row=${row} side="before" /></div>`;
  return html`<div class="pair different" data-difference tabindex="-1" data-testid="difference">
    ${before ? html`<${Piece} piece=${before} row=${row} side="before" alone=${!after} />` : html`<p class="nothing">nothing beside it</p>`}
    ${after ? html`<${Piece} piece=${after} row=${row} side="after" alone=${!before} />` : html`<p class="nothing">nothing beside it</p>`}
    ${(row.arguments.length > 0 || row.result.length > 0) && html`<div class="between">
      <${Changes} changes=${row.arguments} what="Arguments" /><${Changes} changes=${row.result} what="Result" /></div>`}
  </div>`;
}

/** Words, a thought or a call on one side; `alone`: the other side has nothing here. */
function Piece({ piece, row, side, alone = false }) {
  const { kind, source, name, ok } = piece;
  const says = kind === "thought" ? `${nameOf(source)} thinks` : nameOf(source);
  const which = html`<span class="which muted">${row.same ? "both" : side === "before" ? "first" : "second"}</span>`;
  if (kind === "call")
    return html`<div class=${ok === false ? "piece is-call by-tool is-failed" : "piece is-call by-tool"}>
      <h4>${alone ? html`<${Mark} side=${side}>${visible(name)}<//>` : visible(name)}
        <span class="muted">${ok === null ? "running" : ok ? "done" : "failed"}</span>${which}</h4>
      <div class="piece-sides"><div><h5>Arguments</h5><${Json} value=${piece.arguments} /></div>
        <div><h5>${ok === false ? "Error" : "Result"}</h5>${ok === null ? "…" : html`<${Json} value=${piece.result} />`}</div></div>
    </div>`;
  return html`<div class=${`piece is-${kind} ${roleClass(source)}`}><h4>${says}${which}</h4>
    ${row.words.length ? html`<${Words} runs=${row.words} side=${side} />`
      : html`<p class="words">${alone ? html`<${Mark} side=${side}>${visible(piece.text)}<//>` : visible(piece.text)}</p>`}</div>`;
}

function Checks({ checks }) {
  if (!checks.length) return null;
  const told = (verdict) => (verdict ? html`<span class=${`badge ${verdict.passed ? "is-good" : "is-bad"}`}>${verdict.passed ? "✓ passed" : "✗ failed"}</span>
    ${verdict.reason && html`<span class="reason">${visible(verdict.reason)}</span>`}` : html`<span class="muted">not checked</span>`);
  return html`<h2>Checks</h2><table class="plain-table check-pairs" data-testid="checks">
    <thead><tr><th scope="col">Check</th><th scope="col">First</th><th scope="col">Second</th></tr></thead>
    <tbody>${checks.map((check) => html`<tr key=${check.check} class=${check.same ? "" : "differs"}>
      <th scope="row">${visible(check.check)}</th><td>${told(check.before)}</td><td>${told(check.after)}</td></tr>`)}</tbody></table>`;
}

/** Focus the next (1) or previous (-1) difference, from the one that has the focus. */
function goToDifference(top, by) {
  const all = [...(top?.querySelectorAll("[data-difference]") ?? [])];
  const at = all.indexOf(document.activeElement?.closest("[data-difference]"));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "center" });
}
