// The prompt of one model call, rebuilt from the log, and its answer, in a dialog.

import { get } from "../lib/api.js";
import { Dialog } from "../lib/dialog.js";
import { plural } from "../lib/format.js";
import { nameOf, roleClass } from "../lib/roles.js";
import { html, useEffect, useState } from "../lib/ui.js";
import { Json, pretty } from "./json.js";
import { firstLine, visible } from "../lib/text.js";

/** `modelKey`: of the call, such as assistant.3. */
export function PromptDialog({ run, episode, modelKey, onClose }) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let stale = false;
    get("/api/prompt", { run, episode, key: modelKey }).then(
      (answer) => stale || setFound(answer),
      () => stale || onClose(), // the notice has said why
    );
    return () => { stale = true; };
  }, [run, episode, modelKey]);
  return html`<${Dialog} title=${`Prompt and answer of ${modelKey}`} onClose=${onClose} data-testid="prompt">
    ${found ? html`<${Asked} ...${found} />` : html`<p>Rebuilding the prompt…</p>`}
  </${Dialog}>`;
}

function Asked({ messages, answer, tools, params }) {
  return html`<div class="prompt">
    <p class="about">${plural(messages.length, "message")}${tools?.length ? `, ${plural(tools.length, "tool")} on offer` : ""}</p>
    ${messages.map((message, i) => html`<${Said} key=${i} message=${message}
      folded=${i < messages.length - 2 && (message.content?.length ?? 0) > 600} />`)}
    <section class="said answer"><h3>Answer</h3><${Answer} answer=${answer} /></section>
    ${tools?.length > 0 && html`<details class="folded"><summary>${plural(tools.length, "tool")} on offer</summary>
      <${Json} value=${tools} open /></details>`}
    ${params && Object.keys(params).length > 0 && html`<details class="folded"><summary>parameters</summary>
      <${Json} value=${params} open /></details>`}
  </div>`;
}

function Said({ message, folded }) {
  const { role, content, tool_calls: calls, ...rest } = message;
  const text = typeof content === "string" ? content : content == null ? "" : pretty(content);
  const words = html`<p class="words">${visible(text)}</p>`;
  return html`<section class=${`said ${roleClass(role)}`}><h3>${role === "system" ? "System" : nameOf(role)}${
      rest.tool_call_id ? html` <small>${visible(rest.tool_call_id)}</small>` : ""}</h3>
    ${text && (folded ? html`<details class="folded"><summary>${firstLine(text)}</summary>${words}</details>` : words)}
    ${calls && html`<${Json} value=${calls} open />`}
  </section>`;
}

function Answer({ answer }) {
  if (!answer) return html`<p class="about">The model gave none.</p>`;
  const { content, thought, tool_calls: calls, ...rest } = answer;
  return html`${thought && html`<p class="words thought-text">${visible(thought)}</p>`}
    ${content && html`<p class="words">${visible(content)}</p>`}
    ${calls && html`<${Json} value=${calls} open />`}
    <${Json} value=${rest} />`;
}
