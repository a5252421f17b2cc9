// Author: write a scenario with completion and findings as one types, save it in the project, run it
// and see it live beside the text. /author?file=trips/offsite.yaml opens a file of the project,
// /author?template=single-call a copy of one from the library.
import { Launch } from "../acting/launch.js";
import { useDraft, useFindings } from "../authoring/draft.js";
import { Findings } from "../authoring/findings.js";
import { useAnswer } from "../lib/answer.js";
import { get } from "../lib/api.js";
import { Dialog } from "../lib/dialog.js";
import { useKeys } from "../lib/keys.js";
import { address, link, navigate } from "../lib/router.js";
import { toast } from "../lib/toasts.js";
import { html, useCallback, useEffect, useRef, useState } from "../lib/ui.js";
import { watchedAt } from "./start.js";

const nameIn = (text) => /^name:\s*["']?([a-z0-9][a-z0-9_-]*)/m.exec(text ?? "")?.[1] ?? "new-scenario";

/** Which file, and what else can be opened. */
function Opened({ known, file, dirty }) {
  const choose = (event) => {
    const [kind, name] = [event.target.value.slice(0, 1), event.target.value.slice(2)];
    navigate(address("/author", { f: { file: name }, t: { template: name }, n: {} }[kind]));
  };
  return html`<label class="author-open"><span class="visually-hidden">Open</span>
    <select data-testid="open" value="" onChange=${choose}>
      <option value="" disabled>${file ? `scenarios/${file}` : "not saved yet"}${dirty ? " •" : ""}</option>
      <option value="n ">New scenario</option>
      <optgroup label="This project">${known.files.map((name) => html`<option key=${name} value=${`f ${name}`}>${name}</option>`)}</optgroup>
      <optgroup label="New from the library">
        ${known.library.filter(({ alone }) => alone).map(({ name }) => html`<option key=${name} value=${`t ${name}`}>${name}</option>`)}
      </optgroup>
    </select></label>`;
}

function SaveAs({ suggested, onSave, onClose }) {
  const [name, setName] = useState(suggested);
  const [line, setLine] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    try {
      await onSave(name.endsWith(".yaml") ? name : `${name}.yaml`);
    } catch (error) {
      setLine(error.message);
    }
  };
  return html`<${Dialog} title="Save as" onClose=${onClose} data-testid="save-dialog">
    <form class="fork" onSubmit=${submit}>
      <label class="field">File in the project's folder scenarios
        <input name="file" class="mono" value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="off" spellcheck="false" /></label>
      ${line && html`<p class="act-refusal" role="alert">${line}</p>`}
      <footer><button type="button" onClick=${onClose}>Leave it</button><button class="primary" type="submit">Save</button></footer>
    </form>
  <//>`;
}

/** CodeMirror, loaded when it is first wanted. */
function useEditor(known, onChange) {
  const place = useRef(null);
  const editor = useRef(null);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    let wanted = true;
    import("../authoring/editor.js").then(({ ScenarioEditor }) => {
      if (!wanted || !place.current) return;
      editor.current = new ScenarioEditor(place.current, known, onChange);
      setReady(true);
    });
    return () => {
      wanted = false;
      editor.current?.close();
    };
  }, []);
  return { place, editor, ready };
}

/** The run that was started from here, beside the text. */
function Watched({ begun, onClose }) {
  const url = watchedAt(begun);
  // The page around it has a header already.
  const framed = (event) => { event.target.contentDocument.documentElement.dataset.framed = ""; };
  return html`<section class="author-watched" aria-label="The run" data-testid="watched">
    <div class="toolbar"><h2>Run ${begun.run}</h2><a ...${link(url)}>open it alone</a>
      <button class="quiet" type="button" onClick=${onClose}>Close</button></div>
    <iframe src=${url} title=${`Run ${begun.run}`} onLoad=${framed}></iframe>
  </section>`;
}

function Workbench({ known, params, learn }) {
  const changed = useRef(() => {});
  const { place, editor, ready } = useEditor(known, (text) => changed.current(text));
  const draft = useDraft(params, (text) => editor.current?.open(text));
  const findings = useFindings(draft.text, draft.file);
  const [saving, setSaving] = useState(false);
  const [begun, setBegun] = useState(null);
  const launch = useRef(null);
  changed.current = draft.edit;
  useEffect(() => { if (ready && draft.text !== null) editor.current.open(draft.text); }, [ready]);
  useEffect(() => { if (ready && findings) editor.current.mark(findings); }, [ready, findings]);
  const saveAs = async (file) => {
    await draft.save(file, editor.current.text);
    setSaving(false);
    learn();
    if (file !== params.file) navigate(address("/author", { file }), { replace: true });
  };
  const save = () => (draft.file ? saveAs(draft.file).catch((error) => toast(error.message, "error")) : setSaving(true));
  const text = draft.text;
  const scenarios = useCallback(() => [{ text, file: draft.file }], [text, draft.file]);
  useKeys({ "Ctrl+s": save }, "save the scenario");
  useKeys({ "Ctrl+Enter": () => launch.current?.requestSubmit() }, "run the scenario");
  return html`
    <div class="page-head author-head">
      <h1>${text === null ? "Scenario" : nameIn(text)}</h1>
      <div class="toolbar">
        <${Opened} known=${known} file=${draft.file} dirty=${draft.dirty} />
        <span class="muted" role="status" data-testid="dirty">${draft.dirty ? "not saved" : ""}</span>
        <button type="button" onClick=${save} data-testid="save" disabled=${!ready || text === null}>Save</button>
        <button type="button" class="quiet" onClick=${() => setSaving(true)} disabled=${text === null}>Save as…</button>
        ${draft.dirty && html`<button type="button" class="quiet" onClick=${draft.reload}>Undo all changes</button>`}
      </div>
    </div>
    ${draft.error && html`<p class="act-refusal" role="alert">${draft.error}</p>`}
    <div class=${`author ${begun ? "is-watching" : ""}`}>
      <div class="author-text">
        <div class="author-editor" ref=${place} data-testid="editor" aria-busy=${!ready}></div>
        <${Findings} findings=${findings} onGo=${(line, column) => editor.current?.goTo(line, column)} />
      </div>
      ${begun && html`<${Watched} key=${begun.run} begun=${begun} onClose=${() => setBegun(null)} />`}
      <details class="card author-run" open=${!begun}>
        <summary><h2>Run it</h2></summary>
        <${Launch} known=${known} scenarios=${scenarios} form=${launch} onStarted=${setBegun} />
      </details>
    </div>
    ${saving && html`<${SaveAs} suggested=${draft.file ?? `${nameIn(text)}.yaml`} onSave=${saveAs} onClose=${() => setSaving(false)} />`}`;
}

function View({ params }) {
  const { answer, error } = useAnswer("/api/author");
  const [newer, setNewer] = useState(null); // after a file was saved
  const learn = () => get("/api/author").then(setNewer, () => {});
  const known = newer ?? answer;
  if (!known) return html`<h1>Scenario</h1><p class="muted" role="status">${error ?? "Looking for scenarios…"}</p>`;
  return html`<${Workbench} known=${known} params=${params} learn=${learn} />`;
}

export default { title: ({ file, template }) => file ?? template ?? "Author", View };
