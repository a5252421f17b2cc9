// The time line of an episode: a slider over its events, with marks for turns, calls and errors,
// spaced evenly or by the clock, and what plays them again.

import { duration } from "../lib/format.js";
import { html, useMemo } from "../lib/ui.js";
import { isError, markers } from "./turns.js";

export const SPEEDS = [0.5, 1, 2, 5, 10, 20];
const WIDTH = 1000;
const DENSE = 800; // events; marks of more are faint, so that errors among them are seen

/** `at`: seq of the last event shown, Infinity for all. `replay`: see replay.js. */
export function TimeLine({ events, at, replay, byClock, setByClock }) {
  const positions = useMemo(() => positionsOf(events, byClock), [events, byClock]);
  const last = events.length - 1;
  const now = Math.min(at, last);
  const seek = (event) => replay.seek(nearest(positions, Number(event.target.value)));
  const keyed = (event) => {
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: Infinity }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    replay.seek(to);
  };
  const shown = events[now];
  const since = (shown?.ambient?.t ?? 0) - (events[0]?.ambient?.t ?? 0);
  return html`<section class="time-line" aria-label="Time line" data-testid="time-line">
    <button type="button" class="play" onClick=${replay.toggle} aria-label=${replay.playing ? "Pause" : "Replay"}
      data-testid="play" title="Replay (space)">${replay.playing ? "❚❚" : "▶"}</button>
    <div class="track">
      <${Marks} events=${events} positions=${positions} />
      <input type="range" min="0" max=${WIDTH} step="any" value=${positions[now] ?? 0} onInput=${seek} onKeyDown=${keyed}
        aria-label="Event shown" aria-valuetext=${`event ${now} of ${last}, ${shown?.kind.replace("_", " ")} of ${shown?.source}`}
        data-testid="scrub" />
    </div>
    <span class="clock" data-testid="at">${now}<span class="of">/${last}</span> <span class="since">+${duration(since)}</span></span>
    <select aria-label="Speed of the replay" value=${replay.speed} data-testid="speed"
      onChange=${(event) => replay.setSpeed(Number(event.target.value))}>
      ${SPEEDS.map((speed) => html`<option value=${speed} selected=${speed === replay.speed}>${speed}×</option>`)}</select>
    <select aria-label="Spacing of events" data-testid="spacing" onChange=${(event) => setByClock(event.target.value === "clock")}>
      <option value="even" selected=${!byClock}>evenly</option><option value="clock" selected=${byClock}>by the clock</option></select>
    <button type="button" class="live" disabled=${at === Infinity} onClick=${() => replay.seek(Infinity)} data-testid="to-end"
      title="Everything (G)">all</button>
  </section>`;
}

/** Where each event stands, from 0 to WIDTH. */
function positionsOf(events, byClock) {
  const last = Math.max(1, events.length - 1);
  const times = events.map((event) => event.ambient?.t ?? 0);
  const whole = times.at(-1) - times[0];
  if (!byClock || !(whole > 0)) return events.map((_, i) => (WIDTH * i) / last);
  return times.map((time) => (WIDTH * (time - times[0])) / whole);
}

/** The last event at or before a position. */
function nearest(positions, wanted) {
  const next = positions.findIndex((position) => position > wanted + 1e-9);
  return next < 0 ? Infinity : Math.max(0, next - 1);
}

const STROKES = { turn: [2, 20], call: [12, 8], verdict: [4, 16] }; // top and height of a mark

/** One path for all marks of a kind: thousands cost no more than one. */
function Marks({ events, positions }) {
  const paths = useMemo(() => {
    const drawn = { turn: "", call: "", verdict: "", error: "" };
    for (const { seq, kind } of markers(events)) {
      const x = positions[seq].toFixed(1);
      drawn[kind] += kind === "error" ? `M${x} 22v-10` : `M${x} ${STROKES[kind][0]}v${STROKES[kind][1]}`;
    }
    return drawn;
  }, [events, positions]);
  const errors = events.filter(isError).length;
  return html`<svg class=${events.length > DENSE ? "marks dense" : "marks"} viewBox="0 0 ${WIDTH} 24" preserveAspectRatio="none" role="img"
      aria-label=${`${errors} ${errors === 1 ? "error" : "errors"}`}>
    ${Object.entries(paths).map(([kind, path]) => path && html`<path key=${kind} class=${`mark-${kind}`} d=${path} />`)}
  </svg>`;
}
