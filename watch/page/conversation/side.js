// What stands beside a conversation: how it ended, the plan with its current step, the checks, what
// the models took, the tools on offer. All as they were at the event that is looked at.

import { compact, count, duration, money, plural, score } from "../lib/format.js";
import { html } from "../lib/ui.js";
import { nameOf, roleClass } from "../lib/roles.js";
import { Verdict } from "./blocks.js";
import { Json } from "./json.js";
import { visible } from "../lib/text.js";
import { planAt, turnsOf, usage } from "./turns.js";

export function Side({ events, upto = Infinity }) {
  const turns = turnsOf(events);
  const until = (event) => event.seq <= upto;
  const end = turns.blocks.findLast((block) => block.kind === "ending" && block.seq <= upto)?.event;
  const verdicts = events.filter((event) => event.kind === "verdict" && until(event));
  return html`<div class="side-column">
    <${Outcome} start=${events[0]} end=${end} />
    <${Plan} ...${planAt(turns.plan, upto)} />
    ${verdicts.length > 0 && html`<section data-testid="checks"><h2>Checks</h2>
      <ul class="checks">${verdicts.map((event) => html`<${Verdict} key=${event.seq} event=${event} />`)}</ul></section>`}
    <${Models} roles=${usage(events, upto)} />
    <${Tools} events=${events} upto=${upto} />
  </div>`;
}

function Outcome({ start, end }) {
  if (!end) return null;
  const { status, score: share, reason, blame, usage: used } = end.data;
  const good = status === "completed" && share === 1;
  const took = (end.ambient?.t ?? 0) - (start.ambient?.t ?? 0);
  return html`<section data-testid="outcome"><h2>Outcome</h2>
    <p class=${good ? "outcome-line good" : "outcome-line bad"}>
      <span class="sign" aria-hidden="true">${good ? "✓" : "✗"}</span> ${visible(status)}${
        share === undefined ? "" : html` · score <b>${score(share)}</b>`}</p>
    ${blame && html`<p>to blame: <b>${visible(blame)}</b></p>`}
    ${reason && html`<p class="reason">${visible(reason)}</p>`}
    <p class="small">${duration(took)}${used ? `, ${plural(used.tool_calls, "call")}` : ""}</p>
  </section>`;
}

function Plan({ steps, current }) {
  if (!steps.length) return null;
  return html`<section data-testid="plan"><h2>Plan</h2><ol class="plan">${steps.map((step, i) => html`
    <li key=${i} class=${stateOf(step, i, current)} aria-current=${i === current ? "step" : undefined}>
      <span class="sign" aria-hidden="true">${SIGNS[stateOf(step, i, current)]}</span>
      <span>${visible(step.request)} <small>${step.kind === "chitchat" ? "small talk, " : ""}${
        WORDS[stateOf(step, i, current)]}</small></span></li>`)}</ol></section>`;
}

const SIGNS = { met: "✓", missed: "✗", now: "▸", ahead: "·" };
const WORDS = { met: "met", missed: "not met", now: "current step", ahead: "to come" };

function stateOf(step, i, current) {
  if (step.met !== undefined) return step.met ? "met" : "missed";
  return i === current ? "now" : "ahead";
}

function Models({ roles }) {
  const rows = Object.entries(roles);
  if (!rows.length) return null;
  const costs = rows.some(([, role]) => role.cost !== null);
  return html`<section data-testid="models"><h2>Models</h2><div class="scroll" tabindex="0" role="group" aria-label="Models">
    <table class="usage">
    <thead><tr><th scope="col">role</th><th scope="col">calls</th><th scope="col">in</th><th scope="col">out</th>
      <th scope="col">time</th>${costs && html`<th scope="col">cost</th>`}</tr></thead>
    <tbody>${rows.map(([name, role]) => html`<tr key=${name}>
      <th scope="row" title=${visible(role.model)}><span class=${`dot ${roleClass(name)}`}></span>${nameOf(name)}</th>
      <td>${count(role.calls)}</td><td>${compact(role.prompt)}</td><td>${compact(role.completion)}</td>
      <td>${role.seconds ? duration(role.seconds) : "–"}</td>${costs && html`<td>${money(role.cost)}</td>`}</tr>`)}</tbody>
    </table></div>
    <p class="small">${[...new Set(rows.map(([, role]) => role.model))].map(visible).join(", ")}${extras(rows)}</p>
  </section>`;
}

function extras(rows) {
  const sum = (name) => rows.reduce((total, [, role]) => total + role[name], 0);
  return [
    sum("cached") ? ` · ${sum("cached")} cached` : "",
    sum("retries") ? ` · ${plural(sum("retries"), "retry", "retries")}` : "",
  ].join("");
}

function Tools({ events, upto }) {
  const found = events.filter((event) => event.data.offers && event.seq <= upto).flatMap((event) => event.data.offers);
  const tools = [...(events[0]?.data.tools ?? []), ...found];
  if (!tools.length) return null;
  return html`<section data-testid="tools"><h2>Tools on offer <small>${tools.length}</small></h2>
    ${tools.map((tool) => html`<details key=${tool.name} class="tool-spec">
      <summary><span class="tool-name">${visible(tool.name)}</span></summary>
      <p>${visible(tool.description ?? "")}</p><${Json} value=${tool.parameters} open /></details>`)}
  </section>`;
}
