// One episode: the conversation, what stands beside it, and the time line. Live ones grow at their
// end; the address may name an event (#e57), which is then in sight and marked.

import { Composers, EpisodeActions, openFork } from "../acting/actions.js";
import { copy } from "../conversation/clipboard.js";
import { Conversation } from "../conversation/conversation.js";
import { useFollow } from "../conversation/follow.js";
import { useEpisode, useSiblings } from "../conversation/live.js";
import { current, elementOf, mark, show } from "../conversation/place.js";
import { PromptDialog } from "../conversation/prompt.js";
import { useReplay } from "../conversation/replay.js";
import { Side } from "../conversation/side.js";
import { TakeAway } from "../conversation/take_away.js";
import { firstLine } from "../lib/text.js";
import { TimeLine } from "../conversation/time_line.js";
import { blocksUpto, markers, turnsOf } from "../conversation/turns.js";
import { plural } from "../lib/format.js";
import { useKeys } from "../lib/keys.js";
import { nameOf } from "../lib/roles.js";
import { address, link, navigate, useLocation } from "../lib/router.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../lib/ui.js";

function View({ params: { run, episode } }) {
  const { events, control, partial, error } = useEpisode(run, episode);
  const siblings = useSiblings(run, episode);
  if (!run || !episode) return html`<${Nothing} line="The address names no episode." />`;
  if (error && !events) return html`<${Nothing} line=${error} />`;
  return html`<section class="episode" data-testid="episode">
    <${Head} run=${run} episode=${episode} events=${events ?? []} control=${control} ...${siblings} />
    ${!events ? html`<p class="muted" role="status">Loading…</p>`
      : !events.length ? html`<p class="muted" data-testid="not-begun">This episode has not begun.</p>`
      // A new attempt begins with other events: everything about the old one goes.
      : html`<${Shown} key=${events[0].ambient?.t} run=${run} episode=${episode} events=${events}
          partial=${partial} row=${siblings.row} control=${control} />`}
  </section>`;
}

function Nothing({ line }) {
  return html`<section class="empty"><h1>Episode</h1><p>${line}</p><p><a ...${link("/")}>All runs</a></p></section>`;
}

function Head({ run, episode, row, events, control, previous, next }) {
  const state = stateOf(events, row, control);
  const other = (id) => address("/episode", { run, episode: id });
  const asked = useRef(null);
  const go = (id) => id && navigate(other(id));
  // Pressed before the neighbours are known, a key is followed once they are.
  useKeys({ "[": () => (row ? go(previous) : (asked.current = "previous")) }, "previous episode");
  useKeys({ "]": () => (row ? go(next) : (asked.current = "next")) }, "next episode");
  useEffect(() => {
    if (row && asked.current) go({ previous, next }[asked.current]);
  }, [!row]);
  return html`<header class="page-head episode-head">
    <div>
      <p class="crumbs"><a ...${link(address("/run", { run }))}>${run}</a>
        <span class=${`badge ${BADGES[state] ?? ""}`} data-testid="state">${state}</span></p>
      <h1>${episode}</h1>
    </div>
    <div class="toolbar">
      <nav class="siblings" aria-label="Episodes of this run">
        ${previous ? html`<a class="button quiet" rel="prev" ...${link(other(previous))} title=${previous}>← previous</a>` : null}
        ${next ? html`<a class="button quiet" rel="next" ...${link(other(next))} title=${next}>next →</a>` : null}
      </nav>
      <${TakeAway} run=${run} episode=${episode} />
      <${EpisodeActions} run=${run} episode=${episode} row=${row} events=${events} control=${control} />
    </div>
  </header>`;
}

const BADGES = { running: "is-live", completed: "is-good", failed: "is-bad", limit: "is-warn", cancelled: "is-warn", paused: "is-warn" };

function stateOf(events, row, control) {
  const last = events.at(-1);
  if (last?.data.state === "ended") return last.data.status;
  if (control?.cancelled) return "cancelled";
  if (control?.paused) return "paused";
  return row?.status ?? (events.length ? "running" : "not begun");
}

/** Everything below the heading, for an episode that has begun. */
function Shown({ run, episode, events, partial, row, control }) {
  const turns = turnsOf(events);
  const over = events.at(-1).data.state === "ended";
  const live = !over && row?.status !== "stopped";
  const replay = useReplay(events);
  const [byClock, setByClock] = useState(false);
  const [asked, setAsked] = useState(null);
  const linked = seqIn(useLocation().hash);
  const start = useRef(linked ?? (live ? "end" : 0)).current;
  const count = replay.at === Infinity ? turns.blocks.length : blocksUpto(turns.blocks, replay.at).length;
  const { list, end, behind, toEnd } = useFollow((live && start === "end") || replay.at !== Infinity, count);
  const go = useGo(turns, replay);

  useLayoutEffect(() => {
    if (start === "end") toEnd();
  }, []);
  useEffect(() => {
    if (linked !== null) go(linked);
  }, [linked]);
  useEffect(() => {
    // What the replay has come to is looked at where it happens.
    if (replay.at !== Infinity) show(elementOf(turns, replay.at), { block: "nearest" });
  }, [replay.at]);
  useReadingKeys(turns, events, replay, go, toEnd);

  const clicked = (event) => {
    const button = event.target.closest?.("[data-key]");
    if (button) setAsked(button.dataset.key);
    const fork = event.target.closest?.("[data-fork]");
    if (fork) openFork({ run, episode, event: events[Number(fork.dataset.fork)] });
    const anchor = event.target.closest?.("a.anchor");
    // The browser goes there by itself; the link is worth keeping as well.
    if (anchor) copy(anchor.href, "Link");
  };
  return html`<div class="episode-columns">
      <div class="main-column" ref=${list} onClick=${clicked}>
        <${Conversation} events=${events} partial=${partial} upto=${replay.at} focus=${linked ?? start} />
        ${live && replay.at === Infinity && html`<p class="tail muted">what comes next appears here</p>`}
        <${Composers} run=${run} episode=${episode} row=${row} events=${events} control=${control} />
        <div class="end" ref=${end}></div>
        ${behind > 0 && html`<button type="button" class="behind primary" onClick=${toEnd} data-testid="behind">
          ${behind} new ↓</button>`}
      </div>
      <${Beside} events=${events} upto=${replay.at} />
    </div>
    <${TimeLine} events=${events} at=${replay.at} replay=${replay} byClock=${byClock} setByClock=${setByClock} />
    <${Announced} turns=${turns} length=${turns.blocks.length} />
    ${asked && html`<${PromptDialog} run=${run} episode=${episode} modelKey=${asked} onClose=${() => setAsked(null)} />`}`;
}

function Beside({ events, upto }) {
  const wide = useMemo(() => window.matchMedia("(min-width: 62rem)").matches, []);
  return html`<aside class="beside" aria-label="Plan, checks, models and tools">
    <details open=${wide}><summary>Plan, checks, models, tools</summary><${Side} events=${events} upto=${upto} /></details>
  </aside>`;
}

/** What arrived last, for those who hear the page. */
function Announced({ turns, length }) {
  const first = useRef(length);
  const block = turns.blocks[length - 1];
  const line = length === first.current || block.kind !== "message" ? "" : `${nameOf(block.role)}: ${
    block.calls.length ? plural(block.calls.length, "call") : firstLine(block.text, 200)}`;
  return html`<p class="visually-hidden" role="status" data-testid="announced">${line}</p>`;
}

function seqIn(hash) {
  const found = /^e(\d+)$/.exec(hash);
  return found ? Number(found[1]) : null;
}

/** The way to an event: shown if it was not yet, brought into sight, marked. */
function useGo(turns, replay) {
  const wanted = useRef(null);
  const arrive = () => {
    const element = wanted.current === null ? null : elementOf(turns, wanted.current);
    if (!element) return;
    wanted.current = null;
    show(element, { focus: true });
    mark(element);
  };
  useLayoutEffect(arrive);
  return (seq) => {
    wanted.current = seq;
    if (seq > replay.at) replay.seek(seq);
    arrive();
  };
}

function useReadingKeys(turns, events, replay, go, toEnd) {
  const last = useRef({ seq: -1, at: -1 });
  const jump = (seqs, way) => {
    const here = current();
    // Two errors may stand in one article: go on from the one gone to last.
    const from = here.seq === last.current.at ? last.current.seq : here.seq - (way > 0 && !here.chosen ? 1 : 0);
    const to = way > 0 ? seqs.find((seq) => seq > from) : seqs.findLast((seq) => seq < from);
    if (to === undefined) return;
    last.current = { seq: to, at: turns.blocks[turns.places.get(to)].seq };
    go(to);
  };
  const marked = (kind) => markers(events).filter((each) => each.kind === kind).map((each) => each.seq);
  const messages = () => turns.blocks.filter((block) => block.kind !== "step").map((block) => block.seq);
  const step = (way) => replay.seek(Math.min(replay.at, events.length - 1) + way);
  useKeys({ Space: replay.toggle }, "replay, pause");
  useKeys({ ArrowLeft: () => step(-1), ArrowRight: () => step(1) }, "one event back, forward");
  useKeys({ j: () => jump(messages(), 1), k: () => jump(messages(), -1) }, "next, previous message");
  useKeys({ n: () => jump(marked("turn"), 1), p: () => jump(marked("turn"), -1) }, "next, previous turn");
  useKeys({ e: () => jump(marked("error"), 1), E: () => jump(marked("error"), -1) }, "next, previous error");
  useKeys({ g: () => go(0), G: () => { replay.seek(Infinity); go(turns.blocks.at(-1).seq); toEnd(); } }, "beginning, end");
  useKeys({ y: () => {
    const seq = Math.max(0, current().seq);
    copy(new URL(`#e${seq}`, window.location.href).href, "Link");
  } }, "copy the link to this message");
}

export default { title: ({ episode }) => episode ?? "Episode", View };
