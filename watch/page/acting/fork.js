// Fork: let a recorded conversation go another way from a message on, with other words in it. The
// original stays as it is; the fork is a run of its own, which opens once it has begun.
import { post } from "../lib/api.js";
import { Dialog } from "../lib/dialog.js";
import { address, navigate } from "../lib/router.js";
import { html, signal, useEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { freshIdentity, Refusal, useAction } from "./press.js";
import { unfit, Utterance, utteranceOf } from "./utterance.js";

const asked = signal(null); // {run, episode, event}

/** Ask for a fork at a message: `event` is the message's, said by the user or the assistant. */
export const openFork = (what) => { asked.value = what; };

/** The tools that were on offer after these events: those of the beginning, and those found since. */
const offered = (before) => [...before[0]?.data.tools ?? [], ...before.flatMap(({ data }) => data.offers ?? [])];

function Form({ run, episode, event, tools, onClose }) {
  const before = useMemo(() => utteranceOf(event.data.message), [event]);
  const [value, setValue] = useState(before);
  const [busy, act, refusal] = useAction();
  const identity = useRef(freshIdentity());
  const why = unfit(value);
  const submit = async (pressed, again = false) => {
    pressed.preventDefault();
    const wish = { id: identity.current, run, episode, seq: event.seq };
    if (!again) Object.assign(wish, value.calls ? { calls: value.calls } : { message: value.words });
    const begun = await act(() => post("/api/fork", wish, { quiet: true }));
    if (!begun) return;
    onClose();
    navigate(address("/episode", begun));
  };
  return html`<form class="fork" onSubmit=${submit}>
    <p class="muted">A new run shares the conversation up to here; then the ${event.source} ${event.source === "user" ? "says" : "says or does"} this, and it is played on.</p>
    <${Utterance} role=${event.source} tools=${tools} value=${value} onChange=${setValue} />
    ${refusal && html`<${Refusal} line=${refusal} />`}
    <footer>
      <button type="button" disabled=${busy} onClick=${(pressed) => submit(pressed, true)}>Ask the ${event.source} again</button>
      <button class="primary" type="submit" disabled=${busy || Boolean(why)} title=${why} data-testid="fork-begin">
        ${busy ? "Forking…" : "Fork and play on"}</button></footer>
  </form>`;
}

/** The dialog, while one is asked for about this episode. */
export function ForkDialog({ run, episode, events }) {
  const what = asked.value;
  const close = () => { asked.value = null; };
  useEffect(() => close, [run, episode]);
  if (!what || what.run !== run || what.episode !== episode) return null;
  return html`<${Dialog} title="Fork from here" onClose=${close} data-testid="fork-dialog">
    <${Form} key=${what.event.seq} ...${what} tools=${offered(events.slice(0, what.event.seq))} onClose=${close} />
  <//>`;
}
