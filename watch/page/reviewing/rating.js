// The form in which a conversation is rated: radio groups that work by mouse, by arrow keys, and by
// digits, which fill the scale that is marked and move on to the next.

import { html } from "../lib/ui.js";
import { DECISIONS, SCALES, values } from "./scales.js";

/** `draft`: {decision, ratings, comment}; `marked`: the scale that the next digit fills. */
export function Rating({ draft, marked, onChange, onMark }) {
  const rate = (name, value) => onChange({ ratings: { ...draft.ratings, [name]: value } });
  return html`
    <fieldset class="decision">
      <legend>Decision</legend>
      ${DECISIONS.map(({ value, label, key, about }) => html`<label key=${value} class=${`choice is-${value}`} title=${about}>
        <input type="radio" name="decision" value=${value} checked=${draft.decision === value}
          onChange=${() => onChange({ decision: value })} />
        <span>${label} <kbd aria-hidden="true">${key}</kbd></span></label>`)}
    </fieldset>
    ${SCALES.map((scale) => html`<${Scale} key=${scale.name} scale=${scale} value=${draft.ratings[scale.name]}
      marked=${marked === scale.name} onMark=${() => onMark(scale.name)} onRate=${(value) => rate(scale.name, value)} />`)}
    <label class="field">Comment
      <textarea rows="2" maxlength="10000" value=${draft.comment} data-testid="comment"
        onInput=${(event) => onChange({ comment: event.target.value })}></textarea></label>`;
}

function Scale({ scale, value, marked, onMark, onRate }) {
  const { name, label, low, high } = scale;
  return html`<fieldset class=${marked ? "scale is-marked" : "scale"} onFocusIn=${onMark} data-testid=${`scale-${name}`}>
    <legend>${label}${marked && html` <span class="visually-hidden">(the next digit goes here)</span>`}</legend>
    <div class="values">${values(scale).map((each) => html`<label key=${each} class="choice">
      <input type="radio" name=${name} value=${each} checked=${value === each} onChange=${() => onRate(each)} />
      <span>${each}</span></label>`)}</div>
    <p class="ends" aria-hidden="true"><span>${low}</span><span>${high}</span></p>
  </fieldset>`;
}

/** The draft after a digit was pressed, and the scale that comes next; null where it has no place. */
export function filled(draft, marked, digit) {
  const at = SCALES.findIndex(({ name }) => name === marked);
  const scale = SCALES[at];
  if (!scale || digit < scale.from) return null;
  return {
    ratings: { ...draft.ratings, [scale.name]: digit },
    next: SCALES[(at + 1) % SCALES.length].name,
  };
}
