// What can be done with a run and with an episode: the buttons that their views place. A button that
// makes no sense now says why. Whatever is done is done by the server in the run's folder, so that it
// holds whoever plays the run, and every tab sees it.
import { get, post } from "../lib/api.js";
import { address, link } from "../lib/router.js";
import { visible } from "../lib/text.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { Composer } from "./composer.js";
import { ForkDialog } from "./fork.js";
import { Act, Refusal, useAction } from "./press.js";

export { openFork } from "./fork.js";

const NOBODY = "No process plays this run now; resume it first";

/** Resume, and what else may be tried where that is refused. */
function Resume({ run, reason }) {
  const [busy, act, refusal] = useAction();
  const resume = (options = {}) => act(() => post("/api/resume", { run, ...options }, { quiet: true }));
  return html`
    <${Act} reason=${reason} busy=${busy} data-testid="resume" onPress=${() => resume()}>${busy ? "Resuming…" : "Resume"}<//>
    ${refusal && html`<div class="act-more"><${Refusal} line=${refusal} />
      ${refusal.includes("--new-attempt") && html`<${Act} onPress=${() => resume({ new_attempt: true })}>Begin unfinished episodes anew<//>`}
      ${refusal.includes("--repeat-started") && html`<${Act} kind="danger" onPress=${() => resume({ repeat_started: true })}>Make the started calls again<//>`}
    </div>`}`;
}

/** Why the process that played a run gave up, where it said so, and where the run was forked from. */
function About({ run, row }) {
  const [words, setWords] = useState(null);
  const gaveUp = row.state === "stopped" && !row.live;
  useEffect(() => {
    if (gaveUp) get("/api/acting", { run }, { quiet: true }).then((told) => setWords(told.last_words), () => {});
  }, [run, gaveUp]);
  return html`
    ${gaveUp && words && html`<p class="act-refusal" data-testid="last-words">It stopped: ${words}</p>`}
    ${row.forked_from && html`<${ForkedFrom} ...${row.forked_from} />`}`;
}

/** `run`: its name where it is in this folder too, else its path. */
function ForkedFrom({ run, episode, turn }) {
  const where = [episode, turn && `turn ${turn}`].filter(Boolean).join(", ");
  const known = typeof run === "string" && !run.startsWith("/");
  const url = known && address(episode ? "/episode" : "/run", { run, episode });
  return html`<p class="muted act-origin" data-testid="forked-from">forked from ${url ? html`<a ...${link(url)}>${visible(run)}</a>` : "another run"}${where && ` (${where})`}</p>`;
}

export function RunActions({ run, row }) {
  const [busy, act] = useAction();
  if (!row) return null;
  const control = (change) => act(() => post("/api/control", { run, ...change }));
  const absent = row.live ? "" : NOBODY;
  const paused = row.state === "paused";
  const resumable = row.live ? "It is being played already" : row.done === row.total ? "All its episodes have ended" : "";
  return html`<div class="acts" role="group" aria-label="What can be done with the run" data-testid="run-actions">
    <div class="toolbar">
      ${paused
        ? html`<${Act} kind="primary" busy=${busy} data-testid="continue" onPress=${() => control({ paused: false })}>Continue<//>`
        : html`<${Act} reason=${absent} busy=${busy} data-testid="pause" onPress=${() => control({ paused: true })}>Pause<//>`}
      <${Act} kind="danger" reason=${absent} busy=${busy} data-testid="cancel" onPress=${() => control({ cancelled: true })}>Cancel<//>
      <${Resume} run=${run} reason=${resumable} />
    </div>
    <${About} run=${run} row=${row} />
  </div>`;
}

/** Take a role over, or hand it back. `spoken`: who plays it in this run. */
function Takeover({ role, spoken, taken, reason, onChange }) {
  const always = spoken === "human";
  const why = reason || (always ? `A person plays the ${role} in this run` : "");
  return html`<${Act} reason=${why} aria-pressed=${String(taken || always)} data-testid=${`take-${role}`}
    onPress=${() => onChange(!taken)}>${taken ? `Hand the ${role} back` : `Speak for the ${role}`}<//>`;
}

/** What the buttons and the composers need to know of an episode. */
function standing({ episode, row, events, control }) {
  const { paused = false, people = [], waiting = [] } = control ?? {};
  const spoken = events[0]?.data?.models ?? {};
  return {
    paused, people, spoken,
    asked: waiting.filter((one) => one.episode === episode),
    over: events.at(-1)?.data.state === "ended",
    played: row?.status === "running",
  };
}

export function EpisodeActions({ run, episode, row, events = [], control }) {
  const [busy, act] = useAction();
  const { paused, people, spoken, over, played } = standing({ episode, row, events, control });
  const change = (wish) => act(() => post("/api/control", { run, episode, ...wish }));
  const take = (role) => (mine) => change({ people: { [role]: mine } });
  const forking = html`<${ForkDialog} run=${run} episode=${episode} events=${events} />`;
  if (over) return forking;
  const absent = played ? "" : NOBODY;
  return html`<div class="toolbar" role="group" aria-label="What can be done with the episode" data-testid="episode-actions">
    <${Act} reason=${paused ? "" : absent} busy=${busy} data-testid="episode-pause" onPress=${() => change({ paused: !paused })}>
      ${paused ? "Continue" : "Pause"}<//>
    <${Act} kind="danger" reason=${absent} busy=${busy} data-testid="episode-cancel" onPress=${() => change({ cancelled: true })}>Cancel<//>
    ${["user", "assistant"].map((role) => html`<${Takeover} key=${role} role=${role} spoken=${spoken[role]}
      taken=${people.includes(role)} reason=${absent} onChange=${take(role)} />`)}
    ${forking}
  </div>`;
}

/** Who speaks and who is waited for, in a sentence. */
function situation({ played, people, asked, spoken, paused }) {
  if (asked.length) return played ? "" : "Nobody plays the run now: your words are heard once it is resumed.";
  const roles = ["user", "assistant"].filter((role) => people.includes(role) || spoken[role] === "human");
  if (!played || !roles.length) return "";
  if (paused) return "Paused: your turn comes when it goes on.";
  return `You speak for the ${roles.join(" and the ")}; it is the other side's turn.`;
}

/** At the conversation's end: where a person speaks, and who is waited for. */
export function Composers({ run, episode, row, events = [], control }) {
  const now = standing({ episode, row, events, control });
  if (now.over) return null;
  return html`<div class="composers">
    ${now.asked.map((asked) => html`<${Composer} key=${asked.role} run=${run} asked=${asked} />`)}
    <p class="muted composers-line" role="status">${situation(now)}</p>
  </div>`;
}
