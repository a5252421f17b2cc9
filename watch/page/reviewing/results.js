// What all reviews say together: how far people agree with each other and with scores, where they
// differ, and what is accepted, to take away as training data.

import { useAnswer } from "../lib/answer.js";
import { endpoint } from "../lib/api.js";
import { percent, plural } from "../lib/format.js";
import { html, useState } from "../lib/ui.js";
import { visible } from "../lib/text.js";
import { labelOf } from "./scales.js";

const MACHINES = { score: "the environment's score", judge: "the tester's judge", rater: "the rater" };
const figure = (value) => (value === null ? "–" : value.toFixed(2));

/** "0.71 [0.60, 0.81]" */
const measure = ({ value, low, high }) =>
  low === null ? figure(value) : `${figure(value)} [${figure(low)}, ${figure(high)}]`;

export function Results({ sources, reviewer }) {
  const [unblind, setUnblind] = useState(false);
  const { answer: report, error } = useAnswer("/api/review/results", { source: sources, reviewer: unblind ? undefined : reviewer });
  if (!report) return html`<p class="muted" role="status">${error ? visible(error) : "Counting…"}</p>`;
  return html`<section class="results" aria-label="Results" data-testid="results">
    <p class="muted">Figures are over blind reviews alone: as they were before their reviewer saw the others'.
      ${report.not_blind > 0 && ` ${plural(report.not_blind, "review")} came later and are in no figure.`}</p>
    <${People} report=${report} />
    <${Agreement} scales=${report.scales} />
    <${Machines} machines=${report.machines} />
    <section aria-labelledby="disputed"><h2 id="disputed">Where people differ</h2>
      ${unblind ? html`<p class="muted">All conversations, also those that you have not rated.</p>`
        : html`<p class="muted">Of the conversations that you have rated. ${" "}<button type="button" data-testid="unblind" onClick=${() => setUnblind(true)}>Show all: this unblinds me</button></p>`}
      <${Disputed} items=${report.disputed} />
    </section>
    <${Export} sources=${sources} />
  </section>`;
}

function People({ report }) {
  const names = Object.entries(report.reviews);
  return html`<section aria-labelledby="people"><h2 id="people">${report.reviewed} of ${plural(report.items, "conversation")} reviewed</h2>
    ${!names.length ? html`<p class="muted">Nobody has reviewed one yet.</p>`
      : html`<div class="scroll"><table class="plain-table"><thead><tr><th scope="col">reviewer</th>
      ${["accept", "edit", "reject"].map((each) => html`<th key=${each} scope="col" class="numeric">${each}</th>`)}</tr></thead>
    <tbody>${names.map(([name, counts]) => html`<tr key=${name}><th scope="row">${visible(name)}</th>
      ${["accept", "edit", "reject"].map((each) => html`<td key=${each} class="numeric">${counts[each]}</td>`)}</tr>`)}</tbody></table></div>`}
  </section>`;
}

function Agreement({ scales }) {
  const pairs = [...new Map(scales.flatMap((scale) => scale.pairs.map(({ reviewers }) => [reviewers.join("\n"), reviewers]))).values()];
  return html`<section aria-labelledby="agreement"><h2 id="agreement">Agreement between people</h2>
    <p class="muted">Krippendorff's alpha with its 95 % interval; Cohen's kappa of each two, of ratings weighted by squared distance. 1: they always agree, 0: as chance would.</p>
    <div class="scroll"><table class="plain-table" data-testid="agreement"><thead><tr><th scope="col">of</th>
      <th scope="col" class="numeric">conversations</th><th scope="col" class="numeric">equal</th><th scope="col" class="numeric">alpha</th>
      ${pairs.map((pair) => html`<th key=${pair.join("\n")} scope="col" class="numeric">kappa: ${visible(pair.join(", "))}</th>`)}</tr></thead>
    <tbody>${scales.map((scale) => html`<tr key=${scale.name} data-testid=${`agreement-${scale.name}`}>
      <th scope="row">${labelOf(scale.name)}</th><td class="numeric">${scale.items}</td><td class="numeric">${percent(scale.equal)}</td>
      <td class="numeric" data-testid="alpha">${measure(scale.alpha)}</td>
      ${pairs.map((pair) => html`<${Kappa} key=${pair.join("\n")} scale=${scale} pair=${pair} />`)}</tr>`)}</tbody></table></div>
  </section>`;
}

function Kappa({ scale, pair }) {
  const found = scale.pairs.find(({ reviewers }) => reviewers.join("\n") === pair.join("\n"));
  return html`<td class="numeric" data-testid="kappa" title=${found ? plural(found.items, "conversation") : ""}>${figure(found?.kappa ?? null)}</td>`;
}

function Machines({ machines }) {
  if (!machines.length) return null;
  return html`<section aria-labelledby="machines"><h2 id="machines">Scores against people's mean overall rating</h2>
    <div class="scroll"><table class="plain-table"><thead><tr><th scope="col">score</th><th scope="col" class="numeric">conversations</th>
      <th scope="col" class="numeric">Pearson</th><th scope="col" class="numeric">Spearman</th></tr></thead>
    <tbody>${machines.map((one) => html`<tr key=${one.name} data-testid=${`machine-${one.name}`}><th scope="row">${MACHINES[one.name]}</th>
      <td class="numeric">${one.items}</td><td class="numeric" data-testid="pearson">${measure(one.pearson)}</td>
      <td class="numeric" data-testid="spearman">${measure(one.spearman)}</td></tr>`)}</tbody></table></div>
  </section>`;
}

function Disputed({ items }) {
  if (!items.length) return html`<p>Nowhere.</p>`;
  return html`<ul class="disputed" data-testid="disputed">${items.map((one) => html`<li key=${`${one.source}\n${one.episode}`}>
    <b>${visible(one.source)} / ${visible(one.episode)}</b>
    <ul>${one.said.map((said) => html`<li key=${said.reviewer}>${visible(said.reviewer)}: ${said.decision}${said.overall !== null && `, overall ${said.overall}`}
      ${said.comment && html`<q>${visible(said.comment)}</q>`}</li>`)}</ul></li>`)}</ul>`;
}

function Export({ sources }) {
  const [conditions, setConditions] = useState({ accepted_by: "majority", reviewers: 1, accepts: 1, mean: "" });
  const change = (name) => (event) => setConditions({ ...conditions, [name]: event.target.value });
  const number = (name, label, most) => html`<label class="field">${label}
    <input type="number" min=${name === "mean" ? 0 : 1} max=${most} step=${name === "mean" ? 0.1 : 1} value=${conditions[name]} onInput=${change(name)} /></label>`;
  const wanted = Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== ""));
  return html`<section aria-labelledby="export"><h2 id="export">Take away what is accepted</h2>
    <p class="muted">As training data, edited ones in their edited form. In a terminal: callsheet filter … --reviewed</p>
    <div class="toolbar">
      <label class="field">Accepted by <select value=${conditions.accepted_by} onChange=${change("accepted_by")}>
        <option value="majority">the majority</option><option value="all">all who reviewed it</option></select></label>
      ${number("reviewers", "Reviewers, at least", 100)}
      ${number("accepts", "Accepting, at least", 100)}
      ${number("mean", "Mean overall, at least", 5)}
      <a class="button" download="reviewed.jsonl" data-testid="export" href=${endpoint("/api/review/export", { source: sources, ...wanted })}>Download</a>
    </div>
  </section>`;
}
