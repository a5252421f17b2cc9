// Where in a YAML document an offset stands: the path of keys and list positions, and whether a key
// or a value belongs there. For completion and hints while the text is still half-written, so it
// reads the lines before the offset only, and guesses kindly where they are not YAML (yet).
//
// Pure: tested without a browser. Not covered: tags, anchors, several documents, keys of more than
// one line, `? key` forms.

const KEY = /^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#'"[\]{},&*!|>%@`-][^#:]*?|-[^\s#:][^#:]*?)\s*:(?=\s|$)/;
const BLOCK_TEXT = /^[|>][-+0-9]*\s*(#.*)?$/;
const plain = (key) => key.replace(/^(["'])(.*)\1$/, "$2");

/**
 * {path, at: "key" | "value" | "item", from}: what is typed from `from` on is a key of the mapping at
 * `path`, the value at `path`, or a list's item at `path`, which may become either. null within text
 * that is nobody's (a comment, a block of words).
 */
export function positionAt(text, offset) {
  const lines = text.slice(0, offset).split("\n");
  const state = { block: [], flow: [], words: null };
  let start = 0;
  for (const line of lines.slice(0, -1)) {
    readLine(state, line);
    start += line.length + 1;
  }
  return readLast(state, lines.at(-1), start);
}

const indentOf = (line) => line.length - line.trimStart().length;
const pathOf = ({ block, flow }) => [
  ...block.map((entry) => entry.name),
  ...flow.filter((entry) => entry.name !== null).map((entry) => entry.name),
];

/** Take one whole line in. */
function readLine(state, line) {
  if (state.flow.length) {
    readFlow(state, line);
    return;
  }
  const blank = !line.trim() || line.trimStart().startsWith("#");
  if (state.words !== null && (blank || indentOf(line) > state.words)) return;
  state.words = null;
  if (blank) return;
  const { rest } = readHead(state, line);
  if (BLOCK_TEXT.test(rest)) state.words = indentOf(line);
  else readFlow(state, rest);
}

/** The dashes and the key that a line begins with; `rest` is what follows them. */
function readHead(state, line) {
  let column = indentOf(line);
  let rest = line.slice(column);
  let dashed = false;
  while (/^-(\s|$)/.test(rest)) {
    popTo(state.block, column, true);
    const top = state.block.at(-1);
    if (top?.indent === column && typeof top.name === "number") top.name += 1;
    else state.block.push({ indent: column, name: 0 });
    const width = rest.length - rest.slice(1).trimStart().length;
    column += width;
    rest = rest.slice(width);
    dashed = true;
  }
  const key = rest.match(KEY);
  if (!key) return { rest, column, dashed, key: null };
  popTo(state.block, column, false);
  state.block.push({ indent: column, name: plain(key[1]) });
  const value = rest.slice(key[0].length).trimStart();
  return { rest: value, column, dashed, key: plain(key[1]) };
}

/** Leave the containers that a line at `column` is not in. An item stays in the key it hangs under,
 * even at the key's own column. */
function popTo(block, column, item) {
  while (block.length) {
    const top = block.at(-1);
    const inside = item ? top.indent <= column : top.indent < column;
    if (inside) return;
    block.pop();
  }
}

/** Follow brackets, commas, colons and quotes; returns what the text ends in. */
function readFlow(state, text) {
  let quote = null;
  let word = 0; // where what is being written began
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    const top = state.flow.at(-1);
    if (quote) {
      if (c === "\\" && quote === '"') i += 1;
      else if (c === quote) quote = null;
    } else if ((c === '"' || c === "'") && !text.slice(word, i).trim()) {
      quote = c;
    } else if (c === "#" && (i === 0 || /\s/.test(text[i - 1]))) {
      return { quote: null, word, comment: true };
    } else if ((c === "{" || c === "[") && (top || !text.slice(word, i).trim())) {
      state.flow.push({ kind: c, name: c === "[" ? 0 : null });
      word = i + 1;
    } else if (top && (c === "}" || c === "]")) {
      state.flow.pop();
      word = i + 1;
    } else if (top && c === ",") {
      top.name = top.kind === "[" ? top.name + 1 : null;
      word = i + 1;
    } else if (top?.kind === "{" && c === ":" && /[\s,}]|$/.test(text[i + 1] ?? "")) {
      top.name = plain(text.slice(word, i).trim());
      word = i + 1;
    }
  }
  return { quote, word, comment: false };
}

/** What stands at the end of the last line. */
function readLast(state, line, start) {
  if (state.words !== null && (indentOf(line) > state.words || !line.trim())) return null;
  if (state.flow.length) return inFlow(state, line, start);
  if (line.trimStart().startsWith("#")) return null;
  const head = readHead(state, line);
  const from = start + line.length - head.rest.length;
  if (head.key !== null || head.rest.startsWith("{") || head.rest.startsWith("[")) {
    if (head.key === null && !head.dashed) return null;
    return inFlow(state, head.rest, from);
  }
  if (head.dashed) return { path: pathOf(state), at: "item", from };
  popTo(state.block, head.column, false);
  return { path: pathOf(state), at: "key", from };
}

function inFlow(state, text, start) {
  const { word, comment } = readFlow(state, text);
  if (comment) return null;
  const blanks = text.slice(word).length - text.slice(word).trimStart().length;
  const from = start + word + blanks;
  const top = state.flow.at(-1);
  if (top?.kind === "{" && top.name === null) return { path: pathOf(state), at: "key", from };
  return { path: pathOf(state), at: top?.kind === "[" ? "item" : "value", from };
}
