// What a person says or does for a role: words, or for the assistant calls of tools with arguments
// filled in by the tool's schema. A value is {words, calls}, where `calls` is null while it is words.
import { sample } from "../authoring/schema.js";
import { html } from "../lib/ui.js";

const asText = (value) => JSON.stringify(value, null, 2);
const draftOf = (tool) => ({ name: tool.name, arguments: asText(sample(tool.parameters) ?? {}) });

/** A message of the log as a value to edit. */
export const utteranceOf = (message) => ({
  words: message.content ?? "",
  calls: message.tool_calls?.length ? message.tool_calls.map(({ function: call }) => ({ name: call.name, arguments: pretty(call.arguments) })) : null,
});

function pretty(text) {
  try {
    return asText(JSON.parse(text));
  } catch {
    return text;
  }
}

/** What is wrong with the text of a call's arguments, or "". */
function flaw(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? "" : "The arguments are a JSON object: {…}";
  } catch (error) {
    return `Not JSON: ${error.message}`;
  }
}

/** Why it cannot be said as it is, or "". */
export const unfit = ({ words, calls }) =>
  calls ? calls.map((call) => flaw(call.arguments)).find(Boolean) ?? "" : words.trim() ? "" : "Nothing is typed yet";

function Call({ call, tools, number, onChange, onRemove }) {
  const tool = tools.find((one) => one.name === call.name);
  const wrong = flaw(call.arguments);
  const choose = (event) => onChange(draftOf(tools.find((one) => one.name === event.target.value)));
  return html`<fieldset class="utterance-call"><legend class="visually-hidden">Call ${number}</legend>
    <div class="toolbar">
      <select aria-label="Tool" name="tool" value=${call.name} onChange=${choose}>
        ${!tool && html`<option value=${call.name}>${call.name}</option>`}
        ${tools.map(({ name }) => html`<option key=${name} value=${name}>${name}</option>`)}
      </select>
      ${onRemove && html`<button type="button" class="quiet" onClick=${onRemove}>Take away</button>`}
    </div>
    ${tool?.description && html`<p class="muted utterance-about">${tool.description}</p>`}
    <textarea class="mono" aria-label="Arguments as JSON" name="arguments" rows="4" spellcheck="false" value=${call.arguments}
      aria-invalid=${wrong ? "true" : undefined} onInput=${(event) => onChange({ ...call, arguments: event.target.value })} />
    ${wrong && html`<p class="utterance-wrong">${wrong}</p>`}
  </fieldset>`;
}

/** Fields for a value; `field` is a ref of the words' field. */
export function Utterance({ role, tools, value, onChange, field }) {
  const { words, calls } = value;
  const setCalls = (changed) => onChange({ words, calls: changed });
  return html`
    ${role === "assistant" && tools.length > 0 && html`<div class="toolbar" role="group" aria-label="What the assistant does">
      <button type="button" aria-pressed=${String(calls === null)} onClick=${() => setCalls(null)}>Say</button>
      <button type="button" aria-pressed=${String(calls !== null)} data-testid="call-a-tool"
        onClick=${() => calls ?? setCalls([draftOf(tools[0])])}>Call a tool</button>
    </div>`}
    ${calls === null
      ? html`<textarea ref=${field} rows="3" name="words" aria-label=${`The ${role}'s words`} placeholder=${`What the ${role} says`}
          value=${words} onInput=${(event) => onChange({ words: event.target.value, calls: null })} />`
      : html`${calls.map((call, index) => html`<${Call} key=${index} call=${call} tools=${tools} number=${index + 1}
          onChange=${(changed) => setCalls(calls.with(index, changed))}
          onRemove=${calls.length > 1 && (() => setCalls(calls.toSpliced(index, 1)))} />`)}
        ${tools.length > 0 && html`<button type="button" class="quiet utterance-more"
          onClick=${() => setCalls([...calls, draftOf(tools[0])])}>Another call at the same time</button>`}`}`;
}
