// The linter's findings as a list below the editor: each leads to its line.
import { plural } from "../lib/format.js";
import { html } from "../lib/ui.js";

function sentence(findings) {
  if (findings === null) return "Looking…";
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  if (!findings.length) return "Nothing to mend: the scenario can be played.";
  return [errors && plural(errors, "error"), warnings && plural(warnings, "warning")].filter(Boolean).join(", ");
}

export function Findings({ findings, onGo }) {
  return html`<section class="findings" aria-label="Findings">
    <p role="status" data-testid="findings-line" class=${findings?.length ? "" : "muted"}>${sentence(findings)}</p>
    <ol data-testid="findings">
      ${(findings ?? []).map((one, index) => html`<li key=${index} class=${`finding is-${one.severity}`}>
        <button type="button" class="quiet" onClick=${() => onGo(one.line, one.column)}>
          <span class="finding-place mono">${one.line}:${one.column}</span>
          <span class="finding-kind">${one.severity}</span>
          <span>${one.what}${one.hint && html` <span class="muted">(${one.hint})</span>`}</span>
          <span class="muted mono finding-rule">${one.rule}</span>
        </button></li>`)}
    </ol>
  </section>`;
}
