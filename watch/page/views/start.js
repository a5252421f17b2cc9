// Start: choose scenarios of the project and the library, say who plays them, and watch. Named in
// the address, one is chosen already: /start?file=trips/offsite.yaml, /start?library=single-call.
import { Launch } from "../acting/launch.js";
import { useAnswer } from "../lib/answer.js";
import { plural } from "../lib/format.js";
import { address, link, navigate } from "../lib/router.js";
import { html, useCallback, useMemo, useState } from "../lib/ui.js";

/** Where a run that has begun is watched. */
export const watchedAt = ({ run, episode }) =>
  episode ? address("/episode", { run, episode }) : address("/run", { run });

const entriesOf = (known) => [
  ...known.files.map((name) => ({ key: `file ${name}`, chosen: { file: name }, name, about: "", edit: { file: name } })),
  ...known.library.map(({ name, description, alone }) => ({
    key: `library ${name}`, chosen: { library: name }, name, about: description, edit: alone && { template: name },
  })),
];

const GROUPS = [["file", "This project"], ["library", "Library"]];

function Entry({ entry, checked, onToggle }) {
  return html`<li class="start-entry">
    <label><input type="checkbox" checked=${checked} onChange=${onToggle} />
      <span class="mono">${entry.name}</span> <span class="muted">${entry.about}</span></label>
    ${entry.edit && html`<a ...${link(address("/author", entry.edit))} aria-label=${`Open ${entry.name} in the editor`}>open</a>`}
  </li>`;
}

function Scenarios({ entries, chosen, setChosen }) {
  const [words, setWords] = useState("");
  const shown = entries.filter(({ name, about }) => `${name} ${about}`.toLowerCase().includes(words.toLowerCase()));
  const toggle = (key) => setChosen((now) => (now.includes(key) ? now.filter((one) => one !== key) : [...now, key]));
  return html`<section aria-labelledby="start-scenarios">
    <div class="toolbar start-find">
      <h2 id="start-scenarios">Scenarios</h2>
      <input type="search" placeholder="Find by name or purpose" aria-label="Find scenarios" value=${words}
        onInput=${(event) => setWords(event.target.value)} />
      <span class="muted" role="status">${plural(chosen.length, "scenario")} chosen</span>
      ${chosen.length > 0 && html`<button class="quiet" type="button" onClick=${() => setChosen([])}>Choose none</button>`}
    </div>
    ${GROUPS.map(([kind, title]) => {
      const group = shown.filter(({ key }) => key.startsWith(`${kind} `));
      return html`<div key=${kind} class="start-group"><h3>${title}</h3>
        ${group.length > 0
          ? html`<ul>${group.map((entry) => html`<${Entry} key=${entry.key} entry=${entry}
              checked=${chosen.includes(entry.key)} onToggle=${() => toggle(entry.key)} />`)}</ul>`
          : html`<p class="muted">${kind === "file" && !words ? "No scenario files yet: the editor saves them here." : "Nothing by that name."}</p>`}
      </div>`;
    })}
  </section>`;
}

function View({ params }) {
  const { answer: known, error } = useAnswer("/api/author");
  const [chosen, setChosen] = useState(() =>
    [params.file && `file ${params.file}`, params.library && `library ${params.library}`].filter(Boolean));
  const entries = useMemo(() => (known ? entriesOf(known) : []), [known]);
  const scenarios = useCallback(() => {
    const wanted = entries.filter(({ key }) => chosen.includes(key)).map((entry) => entry.chosen);
    return wanted.length ? wanted : "Choose a scenario first.";
  }, [entries, chosen]);
  if (!known) return html`<h1>Start a run</h1><p class="muted" role="status">${error ?? "Looking for scenarios…"}</p>`;
  return html`
    <div class="page-head"><h1>Start a run</h1><a class="button" ...${link("/author")}>Write a scenario</a></div>
    <div class="start">
      <${Scenarios} entries=${entries} chosen=${chosen} setChosen=${setChosen} />
      <section class="card start-cast" aria-labelledby="start-cast">
        <h2 id="start-cast">Who plays</h2>
        <${Launch} known=${known} scenarios=${scenarios} onStarted=${(begun) => navigate(watchedAt(begun))} />
      </section>
    </div>`;
}

export default { title: () => "Start", View };
