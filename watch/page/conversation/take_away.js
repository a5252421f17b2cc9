// The menu of what can be taken from an episode: its events, a training sample, a scenario that
// plays it again; each to the clipboard or as a file.

import { get } from "../lib/api.js";
import { toast } from "../lib/toasts.js";
import { html, useRef } from "../lib/ui.js";
import { copy, save } from "./clipboard.js";

const FORMS = [
  ["json", "Events", "JSON, a line each"],
  ["sample", "Training sample", "OpenAI messages with tools"],
  ["scenario", "Scenario", "YAML that plays it again"],
];

export function TakeAway({ run, episode }) {
  const menu = useRef(null);
  const take = async (form, name, keep) => {
    menu.current.open = false;
    try {
      const { file, text, notes } = await get("/api/export", { run, episode, as: form });
      if (keep) save(file, text);
      else await copy(text, name);
      for (const note of notes) toast(note);
    } catch {
      // The notice has said why.
    }
  };
  return html`<details class="menu" ref=${menu} data-testid="take-away"
      onKeyDown=${(event) => { if (event.key === "Escape") menu.current.open = false; }}>
    <summary class="button">Copy as…</summary>
    <ul>${FORMS.map(([form, name, about]) => html`<li key=${form}>
      <span><b>${name}</b> <small>${about}</small></span>
      <button type="button" data-testid=${`copy-${form}`} onClick=${() => take(form, name, false)}>Copy<span class="visually-hidden"> ${name}</span></button>
      <button type="button" data-testid=${`save-${form}`} onClick=${() => take(form, name, true)}>Download<span class="visually-hidden"> ${name}</span></button>
    </li>`)}</ul>
  </details>`;
}
