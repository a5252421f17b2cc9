// The calls of one message as cards: the tool's name, what it was called with and what it gave, side
// by side; what it changed in the database below. An error says of which kind it is.

import { duration } from "../lib/format.js";
import { html } from "../lib/ui.js";
import { Changes } from "./database.js";
import { Json } from "./json.js";
import { ModelLines } from "./model_line.js";
import { visible } from "../lib/text.js";

/** Cards of `calls`; several of one message are a group, since they were made together. */
export function Calls({ calls }) {
  if (calls.length === 1) return html`<div class="calls"><${Call} call=${calls[0]} /></div>`;
  return html`<div class="calls parallel" role="group" aria-label=${`${calls.length} parallel calls`}>
    <p class="together">${calls.length} calls made together</p>
    ${calls.map((call) => html`<${Call} key=${call.id} call=${call} />`)}
  </div>`;
}

function Call({ call }) {
  const { result } = call;
  const failed = result && !result.data.ok;
  return html`<section class=${failed ? "call failed" : "call"} id=${call.seq === undefined ? undefined : `e${call.seq}`}
      tabindex="-1" data-testid="call" aria-label=${`Call of ${visible(call.name)}${failed ? ", failed" : ""}`}>
    <h4><span class="tool-name">${visible(call.name)}</span>
      <span class="outcome">${outcome(call)}</span>
      <${ModelLines} models=${call.models} />
      <${Anchor} seq=${call.seq} /></h4>
    <div class="sides">
      <div class="side"><h5>Arguments</h5><${Arguments} call=${call} /></div>
      <div class="side" id=${result ? `e${result.seq}` : undefined} data-seq=${result?.seq}>
        <h5>${failed ? "Error" : "Result"}</h5>
        ${result ? html`<${Result} data=${result.data} />` : html`<p class="pending">…</p>`}
      </div>
    </div>
    ${call.change && html`<div id=${`e${call.change.seq}`} data-seq=${call.change.seq}>
      <${Changes} change=${call.change.data} /></div>`}
  </section>`;
}

function outcome({ seq, t, result }) {
  if (seq === undefined) return "asked for";
  if (!result) return "running";
  const took = result.ambient?.t - t;
  const time = took >= 0.0005 ? ` · ${duration(took)}` : "";
  return result.data.ok ? `done${time}` : `${visible(result.data.error_type ?? "error")}${time}`;
}

function Arguments({ call }) {
  if (call.arguments !== undefined) return html`<${Fields} value=${call.arguments} />`;
  let value = call.text;
  try {
    value = JSON.parse(call.text);
  } catch {
    // Shown as the model wrote it.
  }
  return html`<${Fields} value=${value} />`;
}

function Result({ data }) {
  const only = data.ok === false && Object.keys(data.content ?? {}).join() === "error";
  const offers = data.offers?.map((tool) => tool.name).join(", ");
  return html`${only && typeof data.content.error === "string"
      ? html`<p class="error-text">${visible(data.content.error)}</p>`
      : html`<${Fields} value=${data.content} />`}
    ${offers && html`<p class="offers">now on offer: ${visible(offers)}</p>`}`;
}

/** A flat object as a list of names and values, anything else as JSON. */
function Fields({ value }) {
  const flat = value && typeof value === "object" && !Array.isArray(value)
    && Object.keys(value).length > 0 && Object.keys(value).length <= 14
    && Object.values(value).every((item) => item === null || typeof item !== "object")
    && JSON.stringify(value).length < 1500;
  if (!flat) return html`<${Json} value=${value} />`;
  return html`<dl class="fields">${Object.entries(value).map(([name, item]) => html`
    <div key=${name}><dt>${visible(name)}</dt><dd class=${typeof item === "string" ? "string" : "literal"}>${
      typeof item === "string" ? visible(item) || "“”" : String(item)}</dd></div>`)}</dl>`;
}

/** The link to an event. */
export function Anchor({ seq }) {
  if (seq === undefined) return null;
  return html`<a class="anchor" href=${`#e${seq}`} data-seq=${seq} title="Link to this event (copied)"
    aria-label=${`Link to event ${seq}`}>${seq}</a>`;
}
