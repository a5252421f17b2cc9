// A JSON value for people: pretty-printed, keys and values told apart, folded when it is long.
// What is folded is in the page all the same, so that the browser's search finds it.

import { plural } from "../lib/format.js";
import { html } from "../lib/ui.js";
import { visible } from "../lib/text.js";

const LINES = 24; // more are folded
const WIDTH = 60; // a value that fits on a line of so many characters stands on one

/** `value` in a <pre>; `open`: not folded however long. */
export function Json({ value, open = false }) {
  const text = pretty(value);
  const lines = text.split("\n").length;
  const body = html`<pre class="json">${tokens(text)}</pre>`;
  if (open || (lines <= LINES && text.length < 2000)) return body;
  return html`<details class="folded">
    <summary>${summary(value)}, ${lines} lines</summary>
    ${body}
  </details>`;
}

/** Like JSON.stringify with two spaces, but short lists and objects stay on one line. */
export function pretty(value, indent = "") {
  if (typeof value === "string" && indent === "") return value;
  const flat = oneLine(value);
  if (flat.length + indent.length <= WIDTH || value === null || typeof value !== "object") return flat;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value)
    ? value.map((item) => pretty(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${pretty(item, inner)}`);
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

function oneLine(value) {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const parts = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`);
  return parts.length ? `{${parts.join(", ")}}` : "{}";
}

function summary(value) {
  if (Array.isArray(value)) return plural(value.length, "item");
  if (value && typeof value === "object") return plural(Object.keys(value).length, "key");
  return plural(String(value).length, "character");
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const COLOURED = 4000; // characters; longer text is shown without colours, and so stays light

function tokens(text) {
  if (text.length > COLOURED || !/^[[{"]/.test(text)) return visible(text);
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > at) parts.push(visible(text.slice(at, match.index)));
    const kind = match[2] ? "key" : match[1] ? "string" : "literal";
    parts.push(html`<span class=${kind}>${visible(match[1] ?? match[0])}</span>${match[2] ?? ""}`);
    at = match.index + match[0].length;
  }
  parts.push(visible(text.slice(at)));
  return parts;
}
