// Answers that are being written, as the stream tells of them: kept until the event that holds the
// whole answer is there, so that the words stay where they are and nothing jumps.
// Pure: no page.

/** What is being written after one message of the stream, as [{role, key, text, ended}]. */
export function partialsAfter(partials, { partial = [], events = [] }) {
  let kept = partials;
  for (const { role, key, text } of partial) {
    const known = kept.find((each) => each.key === key);
    if (text) kept = [...kept.filter((each) => each !== known), { role, key, text, ended: false }];
    else if (known) kept = kept.map((each) => (each === known ? { ...each, ended: true } : each));
  }
  for (const event of events) kept = kept.filter((each) => !settles(event, each));
  return kept;
}

/** Whether an event is, or comes after, what `partial` was becoming. */
function settles({ kind, source, data }, { role, key }) {
  if (kind === "message") return source === role;
  if (kind === "model_call") return key === data.key ? role !== "user" && role !== "assistant" : false;
  return kind === "tool_call" || kind === "verdict" || kind === "status";
}
