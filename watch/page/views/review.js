// The review view: who reviews what, then the queue or what all reviews say together. The address
// holds what is reviewed and the tab; the name stays in this browser.

import { link, useLocation } from "../lib/router.js";
import { html, useState } from "../lib/ui.js";
import { Queue } from "../reviewing/queue.js";
import { Results } from "../reviewing/results.js";
import { Setup, chosenName, reviewAddress } from "../reviewing/setup.js";
import { visible } from "../lib/text.js";

const TARGET = 2; // people who should review a conversation, where the address does not say

function View() {
  const { params } = useLocation();
  const sources = new URLSearchParams(window.location.search).getAll("source");
  const target = Number(params.target) || TARGET;
  const [reviewer, setReviewer] = useState(chosenName());
  const ready = reviewer && sources.length > 0;
  const [changing, setChanging] = useState(false);
  const here = { target: params.target };
  const tab = (name, text) => html`<a ...${link(reviewAddress(sources, { ...here, tab: name }))}
    aria-current=${(params.tab ?? "") === name ? "page" : undefined} data-testid=${`tab-${name || "queue"}`}>${text}</a>`;
  if (!ready || changing) {
    return html`<header class="page-head"><h1>Review</h1></header>
      <${Setup} sources=${sources} target=${target} onName=${(name) => { setReviewer(name); setChanging(false); }} />`;
  }
  return html`<header class="page-head"><h1>Review</h1>
      <nav class="review-tabs" aria-label="Review">${tab("", "Queue")}${tab("results", "Results")}</nav>
      <p class="muted">${visible(reviewer)}: ${visible(sources.join(", "))} <button class="quiet" data-testid="change" onClick=${() => setChanging(true)}>Change</button></p>
    </header>
    ${params.tab === "results"
      ? html`<${Results} sources=${sources} reviewer=${reviewer} />`
      : html`<${Queue} sources=${sources} reviewer=${reviewer} target=${target} />`}`;
}

export default { title: () => "Review", View };
