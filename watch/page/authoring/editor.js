// The editor of a scenario: CodeMirror with YAML, completion, hints, and the server's findings in its
// gutter. It is made once and kept; the view around it tells it what to show. Styles are CSS custom
// properties, so that both themes fit; its style sheet comes in under the page's nonce.
import {
  autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, defaultKeymap, drawSelection, EditorState,
  EditorView, highlightActiveLine, history, historyKeymap, HighlightStyle, hoverTooltip, indentOnInput, indentUnit,
  keymap, lineNumbers, lintGutter, searchKeymap, setDiagnostics, syntaxHighlighting, tags, yaml,
} from "../vendor/codemirror.js";
import { styleNonce } from "../lib/api.js";
import { completionSource, meaningAt } from "./completion.js";

const colours = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--assistant)" },
  { tag: tags.propertyName, color: "var(--assistant)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--user)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--tool)" },
  { tag: tags.comment, color: "var(--ink-3)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--ink-3)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--ink)", fontSize: "var(--small)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--ink-3)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "light-dark(#bcdbe4, #2d5563)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)", boxShadow: "var(--shadow)", maxWidth: "min(32rem, 90vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
  ".cm-completionDetail": { color: "inherit", opacity: "0.8" },
  ".cm-completionInfo": { padding: "0.4rem 0.6rem", whiteSpace: "pre-wrap" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
});

/** Findings with lines and columns (from 1) as CodeMirror's, which want offsets. */
function diagnosticsOf(findings, doc) {
  return findings.map(({ line, column, severity, what, hint, rule }) => {
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
    const word = /^[^\s,\]}]*/.exec(doc.sliceString(from, at.to))[0];
    return { from, to: from + word.length, severity, source: rule, message: hint ? `${what} (${hint})` : what };
  });
}

/** What a key means, as text beside it. */
const hints = (known) =>
  hoverTooltip((view, position) => {
    const found = meaningAt(view.state.doc.toString(), position, known.schema);
    return found && {
      pos: found.from, end: found.to, above: true,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "author-hint";
        dom.textContent = found.about;
        return { dom };
      },
    };
  });

/** An editor below `parent`; `onChange(text)` hears of every change by the person. */
export class ScenarioEditor {
  constructor(parent, known, onChange) {
    this._quiet = false;
    this._extensions = [
      EditorView.cspNonce.of(styleNonce()),
      lineNumbers(), lintGutter(), highlightActiveLine(), drawSelection(), history(), indentOnInput(),
      closeBrackets(), indentUnit.of("  "), yaml(), syntaxHighlighting(colours), look, hints(known),
      autocompletion({ override: [completionSource(known)], icons: false }),
      // Ctrl-Enter is the page's: it runs the scenario.
      keymap.of([
        ...closeBracketsKeymap, ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"), ...searchKeymap,
        ...historyKeymap, ...completionKeymap,
      ]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": "Scenario, as YAML", spellcheck: "false" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !this._quiet) onChange(update.state.doc.toString());
      }),
    ];
    this.view = new EditorView({ parent, state: this._state("") });
  }

  _state(doc) {
    return EditorState.create({ doc, extensions: this._extensions });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  /** Show another document; what could be undone belongs to the one before. */
  open(text) {
    this._quiet = true;
    this.view.setState(this._state(text));
    this._quiet = false;
  }

  mark(findings) {
    this.view.dispatch(setDiagnostics(this.view.state, diagnosticsOf(findings, this.view.state.doc)));
  }

  goTo(line, column) {
    const at = this.view.state.doc.line(Math.min(line, this.view.state.doc.lines));
    const anchor = Math.min(at.from + column - 1, at.to);
    this.view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    this.view.focus();
  }

  close() {
    this.view.destroy();
  }
}
