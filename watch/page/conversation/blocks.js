// One block of a conversation as an article. Who speaks is told by a name and a sign, by where and
// how the block stands, and by colour last. A block is drawn again only when it is another object
// (see turns.js), so a long conversation costs nothing when a line is added.

import { plural, score } from "../lib/format.js";
import { nameOf, roleClass } from "../lib/roles.js";
import { Component, html } from "../lib/ui.js";
import { Anchor, Calls } from "./calls.js";
import { Changes } from "./database.js";
import { Json } from "./json.js";
import { ModelLines } from "./model_line.js";
import { firstLine, visible } from "../lib/text.js";

/** `place`: its number among the blocks, from 1. */
export class Block extends Component {
  shouldComponentUpdate(next) {
    return next.block !== this.props.block;
  }

  render({ block, place }) {
    return html`<${SHAPES[block.kind] ?? Other} block=${block} place=${place} />`;
  }
}

/** The frame of every block; `who` has a colour and a sign of its own. */
function Article({ block, place, who, name, label, about, forkable, children }) {
  return html`<article id=${`e${block.seq}`} class=${`block ${block.kind} ${roleClass(who)}`} tabindex="-1"
      data-seq=${block.seq} data-testid=${`block-${block.kind}`}
      aria-posinset=${place} aria-setsize="-1" aria-label=${label}>
    <header><span class="who">${name}</span>${about && html`<span class="about">${about}</span>`}
      <span class="notes"><${Anchor} seq=${block.seq} />
      ${forkable && html`<button type="button" class="model-line fork-here" data-fork=${block.seq}
        title="Fork from here">fork</button>`}<${ModelLines} models=${block.models ?? []} /></span></header>
    <div class="body">${children}</div>
  </article>`;
}

function Message({ block, place }) {
  const { role, turn, text, thought, calls } = block;
  const name = nameOf(role);
  const named = role === "user" ? html`${name} <span class="turn" title=${`Turn ${turn}`}>${turn}</span>` : name;
  const label = calls.length
    ? `${name}, ${plural(calls.length, "call")}, turn ${turn}`
    : `${name}, turn ${turn}`;
  return html`<${Article} block=${block} place=${place} who=${role} name=${named} label=${label} forkable>
    ${thought && html`<details class="thought">
      <summary><span class="tag">thought</span> <span class="preview">${firstLine(thought)}</span></summary>
      <p class="words">${visible(thought)}</p></details>`}
    ${text ? html`<p class="words">${visible(text)}</p>`
      : !calls.length && html`<p class="words silent">(no words)</p>`}
    ${calls.length > 0 && html`<${Calls} calls=${calls} />`}
  </${Article}>`;
}

function Opening({ block, place }) {
  const { scenario, environment, system, context, seed, models } = block.event.data;
  return html`<${Article} block=${block} place=${place} who="driver" name="Start" label="Start of the episode"
      about=${`${visible(scenario)} in ${visible(environment)}`}>
    <details class="folded"><summary>system prompt, context, models and seed</summary>
      ${system && html`<p class="words">${visible(system)}</p>`}
      <${Json} value=${{ context, models, seed }} open />
    </details>
  </${Article}>`;
}

function Step({ block, place }) {
  const { step, met } = block.event.data;
  const left = met === undefined ? null
    : html`<span class=${met ? "met" : "missed"}>step ${block.before + 1} ${met ? "met ✓" : "not met ✗"}</span>`;
  const begun = step === null ? "the plan is done" : `step ${step + 1} of ${Math.max(block.steps, step + 1)}`;
  return html`<${Article} block=${block} place=${place} who="driver" name="Plan" label=${`Plan: ${begun}`}
      about=${html`${left}${left && " · "}${begun}`} />`;
}

function Failure({ block, place }) {
  const { role, error, key, model } = block.event.data;
  return html`<${Article} block=${{ ...block, models: [] }} place=${place} who=${role} name=${nameOf(role)}
      label=${`Error of the model of the ${visible(role)}`} about="model error">
    <p class="error-text"><b>${visible(error.kind)}</b> ${visible(error.message)}</p>
    <button type="button" class="model-line" data-key=${key}>prompt of ${visible(key)}, ${visible(model)}</button>
  </${Article}>`;
}

const LIMITS = new Map([["turns", "the limit of turns"], ["tool_calls", "the limit of tool calls"], ["tokens", "the limit of tokens"]]);

function Decision({ block, place }) {
  const { what, ...rest } = block.event.data;
  const line = what === "limit" ? `stopped: ${LIMITS.get(rest.limit) ?? visible(rest.limit)} is reached` : visible(what);
  return html`<${Article} block=${block} place=${place} who="driver" name="Driver" label=${`Decision: ${line}`}>
    <p class="decided">${line}</p>
    ${what !== "limit" && Object.keys(rest).length > 0 && html`<${Json} value=${rest} />`}
  </${Article}>`;
}

function Verdicts({ block, place }) {
  const passed = block.verdicts.filter((event) => event.data.passed).length;
  const counted = `${passed} of ${plural(block.verdicts.length, "check")} passed`;
  return html`<${Article} block=${block} place=${place} who="tester" name="Tester"
      label=${`Tester: ${counted}`} about=${counted}>
    <ul class="checks">${block.verdicts.map((event) => html`<${Verdict} key=${event.seq} event=${event}
      id=${event.seq === block.seq ? undefined : `e${event.seq}`} />`)}</ul>
  </${Article}>`;
}

/** One check: what, whether it passed, why, and who found it. */
export function Verdict({ event, id }) {
  const { check, passed, reason, by } = event.data;
  return html`<li class=${passed ? "passed" : "failed"} id=${id} data-seq=${event.seq}>
    <span class="sign" aria-hidden="true">${passed ? "✓" : "✗"}</span>
    <span class="check">${visible(check)}</span>
    <span class="visually-hidden">${passed ? "passed" : "failed"}</span>
    <span class="by">${visible(by)}</span>
    ${reason && html`<p class="reason">${visible(reason)}</p>`}
  </li>`;
}

function Ending({ block, place }) {
  const { status, reason, blame } = block.event.data;
  const trace = block.event.ambient?.traceback;
  const about = [
    visible(status), block.event.data.score === undefined ? null : `score ${score(block.event.data.score)}`,
    blame ? `blame: ${visible(blame)}` : null,
  ].filter(Boolean).join(" · ");
  return html`<${Article} block=${block} place=${place} who="driver" name="End" label=${`End: ${about}`} about=${about}>
    ${reason && html`<p class="decided">${visible(reason)}</p>`}
    ${trace && html`<details class="folded"><summary>traceback</summary><pre class="json">${visible(trace)}</pre></details>`}
  </${Article}>`;
}

function ChangesBlock({ block, place }) {
  return html`<${Article} block=${block} place=${place} who="tool" name="Database" label="Changes of the database">
    <${Changes} change=${block.event.data} />
  </${Article}>`;
}

function Other({ block, place }) {
  const { kind, source, data } = block.event;
  return html`<${Article} block=${block} place=${place} who="driver" name=${nameOf(source)}
      label=${`${kind} of ${visible(source)}`} about=${visible(kind)}><${Json} value=${data} /></${Article}>`;
}

const SHAPES = {
  message: Message, opening: Opening, step: Step, failure: Failure, decision: Decision,
  verdicts: Verdicts, ending: Ending, changes: ChangesBlock, other: Other,
};
