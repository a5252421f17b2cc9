// Who reviews, what, and how many people should: the form before the queue. The name is kept in this
// browser; it is no account.

import { useAnswer } from "../lib/answer.js";
import { get } from "../lib/api.js";
import { navigate } from "../lib/router.js";
import { html, useState } from "../lib/ui.js";
import { visible } from "../lib/text.js";

const KEY = "callsheet.reviewer";

/** The name that was chosen in this browser, or "". */
export const chosenName = () => window.localStorage.getItem(KEY) ?? "";

/** The address of a review of these sources. */
export function reviewAddress(sources, more = {}) {
  const query = new URLSearchParams(sources.map((source) => ["source", source]));
  for (const [name, value] of Object.entries(more)) if (value) query.set(name, value);
  return `/review?${query}`;
}

export function Setup({ sources, target, onName }) {
  const { answer, error } = useAnswer("/api/review/sources");
  const known = answer?.sources;
  const [chosen, setChosen] = useState(sources);
  const [name, setName] = useState(chosenName());
  const [people, setPeople] = useState(target);
  const [problem, setProblem] = useState("");
  const toggle = (source) => setChosen(chosen.includes(source) ? chosen.filter((one) => one !== source) : [...chosen, source]);
  const begin = async (event) => {
    event.preventDefault();
    try {
      // The server says what a name may be, and how it is written.
      const { reviewer } = await get("/api/review/queue", { source: chosen, reviewer: name, target: people }, { quiet: true });
      window.localStorage.setItem(KEY, reviewer);
      onName(reviewer);
      navigate(reviewAddress(chosen, { target: people }));
    } catch (error) {
      setProblem(error.message);
    }
  };
  return html`<form class="review-setup card" onSubmit=${begin} data-testid="review-setup">
    <label class="field">Your name
      <input name="reviewer" required maxlength="40" autocomplete="nickname" value=${name} onInput=${(event) => setName(event.target.value)} /></label>
    <fieldset><legend>Conversations of</legend>
      ${!known ? html`<p class="muted" role="status">${error ?? "Looking…"}</p>` : !known.length && html`<p class="muted">No run has ended yet, and no file of trajectories (.jsonl) lies beside the runs.</p>`}
      ${known?.map((source) => html`<label key=${source.name} class="source">
        <input type="checkbox" checked=${chosen.includes(source.name)} onChange=${() => toggle(source.name)} />
        ${visible(source.name)} <span class="muted">${source.kind}</span></label>`)}
    </fieldset>
    <label class="field">People who should review each
      <input type="number" min="1" max="100" required value=${people} onInput=${(event) => setPeople(event.target.value)} /></label>
    <p class="problem" role="alert">${problem && visible(problem)}</p>
    <button class="primary" disabled=${!chosen.length || !name.trim()}>Begin</button>
  </form>`;
}
