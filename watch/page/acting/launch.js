// The form that starts a run: who plays each part, the seed, how often, and limits. The scenarios
// are the business of whoever places it: the list of the start view, the text of the editor.
import { post } from "../lib/api.js";
import { roleClass } from "../lib/roles.js";
import { html, useRef, useState } from "../lib/ui.js";
import { freshIdentity, Refusal, useAction } from "./press.js";

const PART = {
  user: "has the requests", assistant: "is asked", tool: "simulates planned tools", tester: "judges, where the scenario asks for it",
};
const NUMBERS = [
  ["seed", "Seed", "decides every draw", 0, null],
  ["repeat", "Episodes of each", "each with its own variation", 1, 100000],
];
const MORE = [
  ["limit", "Episodes in all", "no limit", 1, 1000000],
  ["turns", "Turns at most", "as the scenario says", 1, 10000],
  ["tool_calls", "Tool calls at most", "as the scenario says", 0, 100000],
  ["tokens", "Tokens an episode", "as the scenario says", 1, null],
  ["concurrency", "Episodes at a time", "16", 1, 1000],
  ["max_tokens", "Tokens in all", "no budget", 1, null],
  ["max_cost", "Cost in all", "no budget", 0, null],
];
const OF_LIMITS = new Set(["turns", "tool_calls", "tokens"]);

/** What is sent: fields that were left empty are left out. */
function wishOf(fields) {
  const wish = { limits: {}, models: {} };
  for (const [name, text] of Object.entries(fields.numbers)) {
    if (text !== "") (OF_LIMITS.has(name) ? wish.limits : wish)[name] = Number(text);
  }
  for (const [role, name] of Object.entries(fields.models)) if (name) wish.models[role] = name;
  return wish;
}

function Part({ role, models, value, onChange }) {
  const people = role === "user" || role === "assistant";
  const offered = models.filter((name) => name !== "human");
  return html`<label class=${`field launch-part ${roleClass(role)}`}>
    <span><strong>${role}</strong> ${PART[role]}</span>
    <select name=${`model-${role}`} value=${value} onChange=${(event) => onChange(event.target.value)}>
      <option value="">as the scenario says, else rules</option>
      ${people && html`<option value="human">a person (you)</option>`}
      ${offered.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
    </select>
  </label>`;
}

function NumberField({ field, value, onChange }) {
  const [name, label, hint, least, most] = field;
  return html`<label class="field">${label}
    <input type="number" inputmode=${name === "max_cost" ? "decimal" : "numeric"} name=${name} value=${value}
      min=${name === "seed" ? undefined : least} max=${most ?? undefined} step=${name === "max_cost" ? "any" : 1}
      placeholder=${hint} onInput=${(event) => onChange(event.target.value)} />
  </label>`;
}

/**
 * `known`: what /api/author told; `scenarios()`: what is to be played, as /api/start takes it, or a
 * line that says why there is nothing; `onStarted({run, episode})`: it is being played.
 */
export function Launch({ known, scenarios, onStarted, form }) {
  const [fields, setFields] = useState({ models: {}, numbers: { seed: "0", repeat: "1" } });
  const [nothing, setNothing] = useState("");
  const [busy, act, refusal] = useAction();
  const last = useRef({});
  const change = (group, name) => (value) =>
    setFields((now) => ({ ...now, [group]: { ...now[group], [name]: value } }));
  const submit = async (event) => {
    event.preventDefault();
    const chosen = scenarios();
    setNothing(typeof chosen === "string" ? chosen : "");
    if (typeof chosen === "string") return;
    const wish = { ...wishOf(fields), scenarios: chosen };
    // The same wish, sent again after no answer came, is the same run; another one is another.
    const asked = JSON.stringify(wish);
    if (last.current.asked !== asked) last.current = { asked, id: freshIdentity() };
    const begun = await act(() => post("/api/start", { ...wish, id: last.current.id }, { quiet: true }));
    if (!begun) return;
    last.current = {};
    onStarted(begun);
  };
  const number = (field) => html`<${NumberField} key=${field[0]} field=${field}
    value=${fields.numbers[field[0]] ?? ""} onChange=${change("numbers", field[0])} />`;
  const person = Object.values(fields.models).includes("human");
  return html`<form class="launch" ref=${form} onSubmit=${submit} data-testid="launch">
    ${known.roles.map((role) => html`<${Part} key=${role} role=${role} models=${known.models}
      value=${fields.models[role] ?? ""} onChange=${change("models", role)} />`)}
    <div class="launch-numbers">${NUMBERS.map(number)}</div>
    <details><summary>Limits and budgets</summary><div class="launch-numbers">${MORE.map(number)}</div></details>
    ${person && html`<p class="muted">The episode's page asks you for your words when it is your turn.</p>`}
    <button class="primary" type="submit" disabled=${busy} data-testid="start">${busy ? "Starting…" : "Start"}</button>
    <p class="visually-hidden" role="status">${busy ? "The run is starting" : ""}</p>
    ${(nothing || refusal) && html`<${Refusal} line=${nothing || refusal} />`}
  </form>`;
}
