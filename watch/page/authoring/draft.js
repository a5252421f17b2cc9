// A scenario that is being written: its file, the text, what is saved, and what the linter says. Text
// that is not saved is kept in the tab's storage, so that going to look at a run, or a page loaded
// again by mistake, loses nothing; closing the tab asks first.
import { get, post } from "../lib/api.js";
import { toast } from "../lib/toasts.js";
import { useCallback, useEffect, useRef, useState } from "../lib/ui.js";

const LINT_AFTER = 300; // ms without a key
const NEW = `name: new-scenario
description: What it is for, in a sentence.
environment: workspace
tools: [GetWeather]
user: {persona: a person with a request, style: casual}
plan:
  - {tool_call: 'what is the weather in Oslo on 2026-03-05?'}
tester:
  checks: [plan_completed, calls_valid]
`;
const kept = (source) => `callsheet-draft ${source}`;

function stored(source) {
  try {
    return JSON.parse(window.sessionStorage.getItem(kept(source)) ?? "null");
  } catch {
    return null; // no storage, or not ours
  }
}

function store(source, draft) {
  try {
    if (draft) window.sessionStorage.setItem(kept(source), JSON.stringify(draft));
    else window.sessionStorage.removeItem(kept(source));
  } catch {
    // no storage: the question at closing is what is left
  }
}

/** What the address names: a file, a template of the library, or nothing yet. */
async function opened({ file, template }) {
  if (file) return get("/api/author/file", { file });
  const text = template ? (await get("/api/author/template", { name: template })).text : NEW;
  return { file: null, text, digest: null };
}

/** The findings for `text`, asked once typing pauses; stale answers are dropped. null: not known. */
export function useFindings(text, file) {
  const [findings, setFindings] = useState(null);
  const latest = useRef(0);
  useEffect(() => {
    const number = ++latest.current;
    if (text === null) return undefined;
    const ask = async () => {
      let found;
      try {
        found = (await post("/api/author/lint", { text, file }, { quiet: true })).findings;
      } catch (error) {
        found = [{ line: 1, column: 1, severity: "error", rule: "refused", what: error.message, hint: "" }];
      }
      if (number === latest.current) setFindings(found);
    };
    const timer = setTimeout(ask, LINT_AFTER);
    return () => clearTimeout(timer);
  }, [text, file]);
  return findings;
}

/**
 * {file, text, dirty, error, edit(text), save(file) → whether it was saved, forget()}; `shown(text)`
 * is called with a text that did not come from the editor.
 */
export function useDraft(params, shown) {
  const source = params.file ? `file ${params.file}` : params.template ? `template ${params.template}` : "new";
  const present = useRef(source);
  present.current = source;
  // The draft keeps its own source: while another one is opened, or cannot be, it is still this one's.
  const [draft, setDraft] = useState({ source, file: null, text: null, saved: "", digest: null, error: "" });
  const load = useCallback(async (fresh) => {
    try {
      const found = await opened(params);
      if (present.current !== source) return;
      const before = fresh ? null : stored(source);
      const text = before?.text ?? found.text;
      // What was begun from an older content of the file is saved over that content only.
      setDraft({ ...found, source, digest: before?.digest ?? found.digest, text, saved: found.text, error: "" });
      if (before && before.text !== found.text) toast("What was not saved is here again");
      shown(text);
    } catch (error) {
      if (present.current === source) setDraft((now) => ({ ...now, error: error.message }));
    }
  }, [source]);
  useEffect(() => { load(false); }, [load]);
  const dirty = draft.text !== null && draft.text !== draft.saved;
  useEffect(() => {
    if (draft.text !== null) store(draft.source, dirty ? { text: draft.text, digest: draft.digest } : null);
    if (!dirty) return undefined;
    const ask = (event) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [draft, dirty]);
  const edit = useCallback((text) => setDraft((now) => (now.text === null ? now : { ...now, text })), []);
  const save = async (file, text) => {
    const replaces = file === draft.file ? draft.digest : null;
    const done = await post("/api/author/file", { file, text, replaces }, { quiet: true });
    store(draft.source, null);
    setDraft((now) => (now.source === draft.source
      ? { ...now, source: `file ${file}`, file, digest: done.digest, saved: text } : now));
    toast(`Saved scenarios/${file}`);
  };
  return { ...draft, dirty, edit, save, reload: () => load(true) };
}
