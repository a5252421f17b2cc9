// What the editor offers while a scenario is typed: keys and values from the scenario's schema by the
// place of the cursor, and the names that exist: environments, models, tools of the chosen one.
import { get } from "../lib/api.js";
import { positionAt } from "./position.js";
import { aboutOf, keysAt, valuesAt } from "./schema.js";

const ENVIRONMENT = /^environment:\s*["']?([^\s"'#]+)/m;
const tools = new Map(); // environment → promise of its tools

/** The tools of the environment that a text names; none where they cannot be asked for. */
function toolsOf(text) {
  const name = ENVIRONMENT.exec(text)?.[1] ?? "workspace";
  if (!tools.has(name)) {
    const asked = get("/api/author/tools", { environment: name }, { quiet: true }).then((found) => found.tools);
    tools.set(name, asked.catch(() => { tools.delete(name); return []; }));
  }
  return tools.get(name);
}

/** Which list of names belongs at a path: "tools", "models", "environments" or none. */
function namesFor(path) {
  const shape = path.map((part) => (typeof part === "number" ? "#" : part)).join(".");
  if (shape === "environment") return "environments";
  if (["user.model", "assistant.model", "tester.judge"].includes(shape)) return "models";
  const ofTools = ["tools.#", "expect.calls.#.name", "tester.checks.#.called", "tester.checks.#.not_called"];
  return ofTools.includes(shape) ? "tools" : "";
}

async function namedOptions(path, text, known) {
  const kind = namesFor(path);
  if (kind === "tools") {
    return (await toolsOf(text)).map(({ name, description }) => ({ label: name, type: "function", info: description || undefined }));
  }
  if (kind === "models") return known.models.map((name) => ({ label: name, type: "variable" }));
  if (kind === "environments") return known.environments.map((name) => ({ label: name, type: "namespace" }));
  return [];
}

const keyOptions = (schema, path) =>
  keysAt(schema, path).map(({ name, about, required }) => ({
    label: name, apply: `${name}: `, type: "property", detail: required ? "wanted" : "", info: about || undefined,
    boost: required ? 1 : 0,
  }));

/** A source for CodeMirror's completion; `known` is what /api/author told. */
export const completionSource = (known) => async (context) => {
  const text = context.state.doc.toString();
  const place = positionAt(text, context.pos);
  if (!place) return null;
  const typed = text.slice(place.from, context.pos);
  if (/[{}[\]"'|>&*!]/.test(typed) || (!context.explicit && !typed && place.at === "key")) return null;
  const options = [];
  if (place.at !== "value") options.push(...keyOptions(known.schema, place.path));
  if (place.at !== "key") {
    options.push(...valuesAt(known.schema, place.path).map((label) => ({ label, type: "enum" })));
    options.push(...(await namedOptions(place.path, text, known)));
  }
  return options.length ? { from: place.from, options, validFor: /^[\w:.-]*$/ } : null;
};

/** What the key under an offset means: {from, to, key, about}, or null. */
export function meaningAt(text, offset, schema) {
  const line = { from: text.lastIndexOf("\n", offset - 1) + 1, to: text.indexOf("\n", offset) };
  const rest = text.slice(offset, line.to < 0 ? undefined : line.to);
  const to = offset + /^\w*/.exec(rest)[0].length;
  const key = /\w+$/.exec(text.slice(line.from, to))?.[0];
  if (!key || text[to] !== ":") return null;
  const place = positionAt(text, to);
  if (!place || place.at === "value") return null;
  const about = aboutOf(schema, [...place.path, key]);
  return about ? { from: to - key.length, to, key, about } : null;
}

