// A conversation as a feed of labelled articles. What is in sight is drawn first and the rest right
// after it, in slices, so that a long one can be read at once; all of it is in the page in the end,
// where the browser's search and screen readers find it, and the browser lays out only what is near
// the window (`content-visibility`, in episode.css). A slice is drawn again only when one of its
// blocks is another, and is only hidden where the reader looks at what was before it.

import { Component, html, useEffect, useMemo, useState } from "../lib/ui.js";
import { nameOf, roleClass } from "../lib/roles.js";
import { Block } from "./blocks.js";
import { visible } from "../lib/text.js";
import { blocksUpto, turnsOf } from "./turns.js";

const SLICE = 40; // blocks
const STEP = 4; // slices drawn in each step after the first ones

/**
 * `events`: of one episode, from its first. `partial`: answers that are being written, {role, key,
 * text}. `upto`: only what had happened by that event. `focus`: the event to draw first, "end" for
 * the newest. `compact`: without the details of models and links, for two side by side.
 */
export function Conversation({ events, partial = [], upto = Infinity, focus = 0, compact = false, label = "Conversation" }) {
  const { blocks, places } = turnsOf(events);
  const centre = useMemo(
    () => sliceOf(focus === "end" ? blocks.length - 1 : (places.get(focus) ?? 0)),
    [events[0], focus],
  );
  const slices = sliceOf(blocks.length - 1) + 1;
  const { from, to } = useDrawn(slices, centre);
  const drawn = [];
  for (let i = from; i < to; i++) {
    const part = blocks.slice(i * SLICE, (i + 1) * SLICE);
    drawn.push(html`<${Slice} key=${i} first=${i * SLICE + 1} blocks=${part} upto=${within(part, upto)} />`);
  }
  return html`<div class=${compact ? "conversation compact" : "conversation"} role="feed"
      aria-label=${label} aria-busy=${to - from < slices ? "true" : "false"} data-testid="conversation">
    ${drawn}
    ${upto === Infinity && partial.map((each) => html`<${Partial} key=${each.key} ...${each} />`)}
  </div>`;
}

const sliceOf = (place) => Math.floor(Math.max(0, place) / SLICE);

/** How much of a slice is shown: all (Infinity), nothing (-1), or up to an event. */
function within(blocks, upto) {
  if (upto < blocks[0].seq) return -1;
  return blocks.every((block) => block.last <= upto) ? Infinity : upto;
}

/** Which slices are drawn: those around `centre`, then more after every painted frame, until all. */
function useDrawn(slices, centre) {
  const around = { from: Math.max(0, centre - 1), to: centre + 2 };
  const [range, setRange] = useState(around);
  const { from, to } = centre >= range.from && centre < range.to ? range
    : { from: Math.min(range.from, around.from), to: Math.max(range.to, around.to) };
  const whole = from === 0 && to >= slices;
  useEffect(() => {
    if (whole) return undefined;
    const timer = setTimeout(() => setRange({ from: Math.max(0, from - STEP), to: to + STEP }), 16);
    return () => clearTimeout(timer);
  }, [whole, from, to]);
  return { from, to: Math.min(slices, to) };
}

class Slice extends Component {
  shouldComponentUpdate({ upto, blocks }) {
    const { upto: before, blocks: drawn } = this.props;
    return upto !== before || blocks.length !== drawn.length || blocks.some((block, i) => block !== drawn[i]);
  }

  render({ blocks, upto, first }) {
    // Hidden, and not taken out: to come back costs nothing.
    const shown = upto < 0 ? blocks : blocksUpto(blocks, upto);
    return html`<div class="slice" hidden=${upto < 0}>
      ${shown.map((block, i) => html`<${Block} key=${block.seq} block=${block} place=${first + i} />`)}</div>`;
  }
}

/** An answer that is being written; the logged message takes its place and has its size. */
function Partial({ role, text }) {
  const name = nameOf(role);
  return html`<article class=${`block message partial ${roleClass(role)}`} aria-label=${`${name}, writing`} aria-busy="true" data-testid="partial">
    <header><span class="who">${name}</span><span class="about">writing…</span></header>
    <div class="body"><p class="words">${visible(text)}<span class="caret" aria-hidden="true"></span></p></div>
  </article>`;
}
