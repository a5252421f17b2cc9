// What is asked of a reviewer, in words: the decision, the overall rating (0 to 5, the rater's scale)
// and ToolFlow's four qualities (1 to 5), in the order in which digits fill them.

export const DECISIONS = [
  { value: "accept", label: "Accept", key: "a", about: "good to train on as it is" },
  { value: "reject", label: "Reject", key: "r", about: "not to be trained on" },
  { value: "edit", label: "Edit", key: "e", about: "good once it is changed" },
];

export const SCALES = [
  { name: "overall", label: "Overall", from: 0, low: "useless", high: "flawless" },
  { name: "naturalness", label: "Naturalness", from: 1, low: "nobody talks so", high: "as people talk" },
  { name: "coherence", label: "Coherence", from: 1, low: "falls apart", high: "each turn follows" },
  { name: "helpfulness", label: "Helpfulness", from: 1, low: "no help", high: "all is done" },
  { name: "accuracy", label: "Accuracy", from: 1, low: "wrong", high: "right throughout" },
];

export const values = ({ from }) => Array.from({ length: 6 - from }, (_, i) => from + i);

export const labelOf = (name) =>
  name === "decision" ? "Decision" : (SCALES.find((scale) => scale.name === name)?.label ?? name);

/** A review as one line: "accept, overall 4, naturalness 5". */
export function summary({ decision, ratings }) {
  const given = SCALES.filter(({ name }) => ratings[name] !== null && ratings[name] !== undefined);
  return [decision, ...given.map(({ name, label }) => `${label.toLowerCase()} ${ratings[name]}`)].join(", ");
}
