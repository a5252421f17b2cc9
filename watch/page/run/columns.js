// The columns of the table of episodes. Every cell is made of nodes, never of markup: Tabulator would
// read a string as HTML.
import { visible } from "../lib/text.js";
import * as format from "../lib/format.js";
import { address } from "../lib/router.js";
import { verdictOf } from "./filter.js";

const MARKS = new Map([
  ["running", "●"], ["stopped", "‖"], ["completed", "✓"], ["limit", "◷"], ["failed", "✗"], ["cancelled", "⊘"],
]);
const VERDICTS = { accepted: "✓ accepted", rejected: "✗ rejected", none: "–" };

/** An element with text, and its class and title where given. */
function element(tag, text, { className, title } = {}) {
  const made = document.createElement(tag);
  made.textContent = visible(String(text));
  if (className) made.className = className;
  if (title) made.title = visible(title);
  return made;
}

function status(cell) {
  const row = cell.getData();
  const mark = MARKS.get(row.status);
  const text = `${mark ?? "·"} ${row.status}${row.blame ? ` · ${row.blame}` : ""}`;
  return element("span", text, { className: `status ${mark ? `is-${row.status}` : ""}`, title: row.reason });
}

function verdict(cell) {
  const name = cell.getValue();
  return element("span", VERDICTS[name], { className: `verdict is-${name}` });
}

function episode(run) {
  return (cell) => {
    const link = element("a", cell.getValue(), { className: "episode-link" });
    link.href = address("/episode", { run, episode: cell.getValue() });
    link.tabIndex = -1; // the table has one stop for the keyboard, and its own keys
    return link;
  };
}

const words = (cell) => element("span", cell.getValue(), { title: cell.getValue() });
const tools = (cell) => element("span", cell.getValue().join(", "), { title: cell.getValue().join("\n") });
const shown = (how) => (cell) => document.createTextNode(how(cell.getValue()));
const faulty = (cell) =>
  element("span", format.count(cell.getValue()), { className: cell.getValue() ? "has-errors" : "muted" });

const numeric = (title, field, width, formatter = shown(format.count)) => ({
  title, field, width, formatter, hozAlign: "right", headerHozAlign: "right", sorter: "number",
  sorterParams: { alignEmptyValues: "bottom" },
});

/** What the table keeps of an episode's row: the row, and what is computed of it. */
export const tableRow = (row) => ({
  ...row,
  verdict: verdictOf(row),
  tokens: row.prompt_tokens + row.completion_tokens,
});

/** The columns; `choice` draws the box by which an episode is taken for a comparison. */
export const columns = (run, choice) => [
  { title: "", field: "chosen", width: 34, headerSort: false, formatter: choice, cssClass: "choice" },
  { title: "Status", field: "status", minWidth: 108, widthGrow: 1.7, formatter: status },
  { title: "Episode", field: "episode", minWidth: 116, widthGrow: 2, formatter: episode(run) },
  { title: "Scenario", field: "scenario", minWidth: 110, widthGrow: 1.5, formatter: words },
  { title: "Tools", field: "tools", minWidth: 110, widthGrow: 1.8, formatter: tools, headerSort: false },
  numeric("Turns", "turns", 66),
  numeric("Calls", "calls", 64),
  numeric("Errors", "errors", 68, faulty),
  { title: "Verdict", field: "verdict", width: 102, formatter: verdict },
  numeric("Score", "score", 68, shown(format.score)),
  numeric("Tokens", "tokens", 80, shown(format.compact)),
  numeric("Cost", "cost", 86, shown(format.money)),
  numeric("Took", "seconds", 92, shown(format.duration)),
];

/** The columns that are left on a telephone. */
export const NARROW = new Set(["status", "episode", "verdict"]);

/** Orders to offer by name: those that people look for first. */
export const SORTS = [
  ["-index", "Last first"],
  ["-seconds", "Longest first"],
  ["-turns", "Most turns first"],
  ["-errors", "Most errors first"],
  ["score", "Lowest score first"],
  ["-tokens", "Most tokens first"],
  ["-cost", "Dearest first"],
  ["status", "By status"],
  ["scenario", "By scenario"],
];
