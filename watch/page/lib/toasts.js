// Short notices in the page's corner: what went wrong in one line, or that something is done. Read
// aloud as they come; they leave by themselves, errors later than the rest, or when dismissed.
import { html, signal } from "./ui.js";

const STAYS = { info: 4000, error: 12000 }; // milliseconds
const shown = signal([]);
let last = 0;

/** Show a line; kind is "info" or "error". */
export function toast(line, kind = "info") {
  const notice = { id: ++last, line: String(line), kind };
  shown.value = [...shown.value.filter((other) => other.line !== notice.line), notice].slice(-5);
  setTimeout(() => dismiss(notice.id), STAYS[kind] ?? STAYS.info);
}

const dismiss = (id) => (shown.value = shown.value.filter((notice) => notice.id !== id));

/** Where notices appear; placed once, by app.js. */
export function Toasts() {
  return html`<div class="toasts" aria-live="polite" role="status" data-testid="toasts">
    ${shown.value.map((notice) => html`
      <div key=${notice.id} class=${`toast toast-${notice.kind}`}>
        <span>${notice.line}</span>
        <button class="quiet" aria-label="Dismiss" onClick=${() => dismiss(notice.id)}>×</button>
      </div>`)}
  </div>`;
}
