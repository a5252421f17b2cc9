// What one call of a model took: latency, tokens, cost, whether it was cached or tried again. Its
// button opens the prompt and the answer (the view that shows the conversation handles `data-key`).

import { duration, money, plural } from "../lib/format.js";
import { html } from "../lib/ui.js";
import { visible } from "../lib/text.js";

/** Of the model calls that led to one message. */
export function ModelLines({ models }) {
  if (!models.length) return null;
  return html`<span class="model-lines">${models.map((event) => html`<${ModelLine} key=${event.seq} event=${event} />`)}</span>`;
}

function ModelLine({ event }) {
  const { data, ambient } = event;
  const failed = data.error !== undefined;
  return html`<button type="button" id=${`e${event.seq}`} data-seq=${event.seq}
      class=${failed ? "model-line failed" : "model-line"}
      data-key=${data.key} data-testid="model-line" title=${`Prompt and answer of ${data.key} (${data.model}); tokens read → written`}
    >${[failed ? `failed: ${visible(data.error.kind)}` : null, ...facts(data, ambient)]
      .filter(Boolean).map((fact) => html`<span>${fact}</span>`)}</button>`;
}

function facts({ answer }, ambient = {}) {
  const { prompt_tokens: read = 0, completion_tokens: written = 0 } = answer?.usage ?? {};
  return [
    ambient.latency === undefined ? null : duration(ambient.latency),
    answer ? html`${read}\u2009→\u2009${written}<span class="visually-hidden"> tokens</span>` : null,
    ambient.cost ? money(ambient.cost) : null,
    ambient.cached ? "cached" : null,
    ambient.retries ? plural(ambient.retries, "retry", "retries") : null,
    ambient.dropped_turns ? `${plural(ambient.dropped_turns, "turn")} dropped` : null,
  ];
}
