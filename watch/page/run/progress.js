// How a run stands, in words and as a bar: what was accepted and rejected, is being played and is still
// to come; and its state. The words say everything; the bar only shows it
// sooner.
import { html } from "../lib/ui.js";
import { visible } from "../lib/text.js";
import { count, percent } from "../lib/format.js";

/** The parts of a run's episodes: [name, how many]. */
const parts = (row) => [["accepted", row.accepted], ["rejected", row.rejected], ["running", row.running]];

export function Progress({ row }) {
  const total = Math.max(row.total ?? 0, row.done + row.running, 1);
  const said = parts(row).filter(([, n]) => n).map(([name, n]) => `${count(n)} ${name}`).join(", ");
  return html`<div class="progress" role="progressbar" aria-label=${`Progress of ${visible(row.run)}`}
      aria-valuemin="0" aria-valuemax=${total} aria-valuenow=${row.done}
      aria-valuetext=${`${count(row.done)} of ${count(total)} done${said && `: ${said}`}`} title=${said}>
    ${parts(row).map(([name, n]) => n > 0 && html`
      <span key=${name} class=${`progress-part is-${name}`} style=${{ width: `${(100 * n) / total}%` }}></span>`)}
  </div>`;
}

/** "120 of 400", with the share for who reads quickly. */
export const progressText = (row) => {
  const total = Math.max(row.total ?? 0, row.done + row.running);
  return total ? `${count(row.done)} of ${count(total)} · ${percent(row.done / total)}` : "nothing yet";
};

const KINDS = { running: "is-live", finished: "", paused: "is-warn", stopped: "is-warn", cancelled: "is-bad" };

/** A run's state in a word. */
export const State = ({ state }) => html`<span class=${`badge ${KINDS[state] ?? ""}`} data-testid="state">${state}</span>`;
