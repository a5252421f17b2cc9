// Where a person speaks for the user or the assistant. It stands where the conversation waits, says
// for whom, and keeps what was typed until it is said.
import { post } from "../lib/api.js";
import { roleClass } from "../lib/roles.js";
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { Act, Refusal, useAction } from "./press.js";
import { unfit, Utterance } from "./utterance.js";

const NOTHING = { words: "", calls: null };
const drafts = new Map(); // run, episode and role → what is typed: a composer may go and come again

/** `asked`: what waits, as the server tells it: {episode, role, key, prompt_hint, tools}. */
export function Composer({ run, asked }) {
  const { episode, role, tools = [] } = asked;
  const draft = [run, episode, role].join("\n");
  const [value, keepValue] = useState(drafts.get(draft) ?? NOTHING);
  const [met, setMet] = useState(true);
  const [said, setSaid] = useState(null); // the key of the question that was answered last
  const [busy, act, refusal] = useAction();
  const field = useRef(null);
  const answered = said === asked.key;
  const why = unfit(value) || (answered && "The conversation is going on");
  const setValue = (changed) => {
    drafts.set(draft, changed);
    keepValue(changed);
  };
  useEffect(() => {
    const typing = document.activeElement?.closest?.("input, textarea, select, [contenteditable=true]");
    if (!typing && !document.querySelector("dialog[open]")) field.current?.focus({ preventScroll: true });
  }, [asked.key]);
  const send = async (body) => {
    const done = await act(() => post("/api/say", { run, episode, role, ...body }, { quiet: true }));
    if (!done) return;
    setValue(NOTHING);
    setMet(true);
    setSaid(asked.key);
  };
  const say = (event) => {
    event.preventDefault();
    if (why) return;
    if (value.calls) send({ calls: value.calls });
    else send({ content: value.words, ...(role === "user" && { step_met: met }) });
  };
  const enter = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) say(event);
  };
  return html`<form class=${`composer ${roleClass(role)}`} onSubmit=${say} onKeyDown=${enter}
      data-testid=${`composer-${role}`} aria-label=${`Speak for the ${role}`}>
    <p role="status">${answered ? "Said." : html`<strong>The conversation waits for you</strong> as the ${role}.`}</p>
    ${asked.prompt_hint && html`<details open><summary>What is asked of the ${role}</summary><pre>${asked.prompt_hint}</pre></details>`}
    <${Utterance} role=${role} tools=${tools} value=${value} onChange=${setValue} field=${field} />
    <div class="toolbar">
      <button class="primary" type="submit" disabled=${busy || Boolean(why)} title=${why || "Ctrl-Enter"} data-testid="say">
        ${value.calls === null ? "Say it" : value.calls.length > 1 ? `Make ${value.calls.length} calls` : "Make the call"}</button>
      ${role === "user" && html`
        ${asked.key !== "user.0" && html`<label><input type="checkbox" name="met" checked=${met}
          onChange=${(event) => setMet(event.target.checked)} /> what I asked for is done</label>`}
        <${Act} kind="quiet" busy=${busy} data-testid="end" onPress=${() => send({ content: "", step_met: met })}>End the conversation<//>`}
    </div>
    ${refusal && html`<${Refusal} line=${refusal} />`}
  </form>`;
}
