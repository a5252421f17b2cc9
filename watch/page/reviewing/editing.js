// Editing a conversation: the words and the calls' arguments in fields, checked by the server while
// one types, and what would change shown as a difference.

import { post } from "../lib/api.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { nameOf, roleClass } from "../lib/roles.js";
import { visible } from "../lib/text.js";

const PAUSE = 300; // milliseconds without a key until the edit is checked

/** The messages that can be edited: [{at, role, turn, content, calls: [{name, arguments}]}]. */
export const editable = (events) => events.filter(({ kind }) => kind === "message").map(({ data }) => ({
  at: data.at, role: data.message.role, turn: data.turn, content: data.message.content ?? "",
  calls: (data.message.tool_calls ?? []).map((call) => call.function),
}));

/** What fields say, as the server wants it; null where nothing is changed.
 * `fields`: {"3": words of message 3, "3/0": arguments of its first call}. */
export function revisionOf(messages, fields, last) {
  const edits = [];
  for (const { at, content, calls } of messages) {
    const edit = { message: at, arguments: {} };
    if ((fields[at] ?? content) !== content) edit.content = fields[at];
    calls.forEach((call, i) => {
      const text = fields[`${at}/${i}`] ?? call.arguments;
      if (text !== call.arguments) edit.arguments[i] = text;
    });
    if ("content" in edit || Object.keys(edit.arguments).length) edits.push(edit);
  }
  return edits.length ? { edits, last } : null;
}

/** The fields that make a revision again. */
export function fieldsOf(revision) {
  const fields = {};
  for (const { message, content, arguments: calls } of revision?.edits ?? []) {
    if (content !== null && content !== undefined) fields[message] = content;
    for (const [i, text] of Object.entries(calls)) fields[`${message}/${i}`] = text;
  }
  return fields;
}

export function Editing({ source, item, messages, fields, last, onField, onLast }) {
  const checked = useCheck(source, item, revisionOf(messages, fields, last));
  const label = ({ role, turn }) => `${nameOf(role)}, turn ${turn}`;
  return html`<section class="editing" aria-label="Edit the conversation" data-testid="editing">
    ${messages.map((message) => html`<div key=${message.at} class=${`edited ${roleClass(message.role)}`}>
      ${(message.content || !message.calls.length) && html`<label class="field">${label(message)}
        <textarea rows=${rows(message.content)} value=${fields[message.at] ?? message.content} data-testid=${`words-${message.at}`}
          onInput=${(event) => onField(message.at, event.target.value)}></textarea></label>`}
      ${message.calls.map((call, i) => html`<label key=${i} class="field">${label(message)}: arguments of ${visible(call.name)}
        <textarea class="mono" spellcheck="false" rows=${rows(call.arguments)} data-testid=${`arguments-${message.at}-${i}`}
          value=${fields[`${message.at}/${i}`] ?? call.arguments}
          onInput=${(event) => onField(`${message.at}/${i}`, event.target.value)}></textarea></label>`)}
    </div>`)}
    <label class="field">It ends
      <select value=${last ?? ""} onChange=${(event) => onLast(event.target.value === "" ? null : Number(event.target.value))}>
        <option value="">where the original ends</option>
        ${messages.map((message) => html`<option key=${message.at} value=${message.at}>after ${label(message)}: ${visible(start(message))}</option>`)}
      </select></label>
    <p class="problem" role="status" data-testid="edit-problem">${checked.problem && visible(checked.problem)}</p>
    <${Changes} changes=${checked.changes} />
  </section>`;
}

const rows = (text) => Math.min(12, Math.max(2, Math.ceil(text.length / 70)));
const start = ({ content, calls }) => (content || calls.map((call) => call.name).join(", ")).slice(0, 50);

/** What the server says of the edit, a pause after the last change. */
function useCheck(source, item, revision) {
  const [checked, setChecked] = useState({ problem: null, changes: [] });
  const text = JSON.stringify(revision);
  useEffect(() => {
    if (revision === null) {
      setChecked({ problem: null, changes: [] });
      return undefined;
    }
    let wanted = true;
    const timer = setTimeout(async () => {
      try {
        const answer = await post("/api/review/check", { source, item, revision }, { quiet: true });
        if (wanted) setChecked(answer);
      } catch (error) {
        if (wanted) setChecked({ problem: error.message, changes: [] });
      }
    }, PAUSE);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [item, text]);
  return checked;
}

/** Edits as differences: what was struck out, what was put in. */
export function Changes({ changes }) {
  if (!changes.length) return null;
  return html`<ul class="edits" aria-label="What is changed" data-testid="changes">
    ${changes.map(({ message, role, what, runs }) => html`<li key=${`${message} ${what}`}>
      <b>${nameOf(role)}${what === "words" ? "" : `, ${visible(what)}`}</b>
      <p class="words">${runs.map(([kind, text]) => RUNS[kind](visible(text)))}</p></li>`)}
  </ul>`;
}

const RUNS = {
  same: (text) => text,
  before: (text) => html`<del>${text}</del>`,
  after: (text) => html`<ins>${text}</ins>`,
};
