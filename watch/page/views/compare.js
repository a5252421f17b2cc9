// Compare: two episodes turn by turn (`?run=&episode=&run2=&episode2=`; run2 is run where it is left
// out), or two runs pair by pair (`?run=&run2=`); without them, a form that asks which. What differs
// is found by the server (evaluation/episode_difference.py, evaluation/paired_runs.py).
import { useAnswer } from "../lib/answer.js";
import { address, navigate } from "../lib/router.js";
import { html } from "../lib/ui.js";
import { visible } from "../lib/text.js";
import { Episodes } from "../comparing/episodes.js";
import { Runs } from "../comparing/runs.js";

function View({ params }) {
  const { run, episode, run2, episode2 } = params;
  if (run && episode && episode2)
    return html`<${Episodes} run=${run} episode=${episode} run2=${run2 || run} episode2=${episode2} />`;
  if (run && run2) return html`<${Runs} run=${run} run2=${run2} />`;
  return html`<${Chooser} run=${run} />`;
}

/** Asks for two runs; two episodes are chosen in the table of a run. */
function Chooser({ run }) {
  const { answer, error } = useAnswer("/api/runs");
  const runs = (answer?.rows ?? []).map((row) => row.run).sort();
  const submit = (event) => {
    event.preventDefault();
    const chosen = new FormData(event.target);
    navigate(address("/compare", { run: chosen.get("run"), run2: chosen.get("run2") }));
  };
  const field = (name, label, value) => html`<label class="field">${label}
    <select name=${name} data-testid=${`choose-${name}`}>
      ${runs.map((each) => html`<option key=${each} value=${each} selected=${each === value}>${visible(each)}</option>`)}
    </select></label>`;
  if (runs.length < 2)
    return html`<h1>Compare two runs</h1><p class="muted compare-lead" role="status">${error ?? (answer ? "There are not two runs yet." : "Looking for runs…")}</p>`;
  return html`<h1>Compare two runs</h1>
    <p class="muted compare-lead">Two episodes are compared from a run: select both in its table.</p>
    <form class="toolbar compare-form" onSubmit=${submit}>
      ${field("run", "First run", run ?? runs[0])}${field("run2", "Second run", runs.find((each) => each !== (run ?? runs[0])))}
      <button class="primary">Compare</button>
    </form>`;
}

export default { title: ({ run, run2, episode2 }) => (run && (run2 || episode2) ? visible(`${run} and ${run2 || run}`) : "Compare"), View };
