// What a JSON Schema says of a place in a document: the keys that can stand there, the values, and
// what they mean. Only the words that the scenario's schema uses are read: $ref, anyOf, properties,
// additionalProperties, items, enum, const, type, description. Pure.

/** All schemas that may hold for the value at `path`, references followed and choices taken apart. */
export function schemasAt(schema, path) {
  let found = [schema];
  for (const part of path) found = found.flatMap((one) => choices(schema, one)).flatMap((one) => below(one, part));
  return found.flatMap((one) => choices(schema, one));
}

function choices(root, schema) {
  if (!schema || typeof schema !== "object") return [];
  if (schema.$ref) {
    const { $ref, ...beside } = schema;
    const named = root.$defs?.[$ref.split("/").at(-1)];
    return choices(root, { ...named, ...beside });
  }
  const { anyOf, ...beside } = schema;
  return anyOf ? anyOf.flatMap((one) => choices(root, { description: beside.description, ...one })) : [schema];
}

function below(schema, part) {
  if (typeof part === "number") return schema.items ? [schema.items] : [];
  if (Object.hasOwn(schema.properties ?? {}, part)) return [schema.properties[part]];
  return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
}

/** The keys of the mapping at `path`: [{name, about, required}]. */
export function keysAt(schema, path) {
  const found = new Map();
  for (const one of schemasAt(schema, path)) {
    for (const [name, value] of Object.entries(one.properties ?? {})) {
      const about = value.description ?? schemasAt(schema, [...path, name])[0]?.description ?? "";
      found.set(name, { name, about, required: (one.required ?? []).includes(name) });
    }
  }
  return [...found.values()];
}

/** The values that the schema names for `path`, as text. */
export function valuesAt(schema, path) {
  const found = schemasAt(schema, path).flatMap((one) => {
    if (one.enum) return one.enum;
    if ("const" in one) return [one.const];
    return one.type === "boolean" ? [true, false] : [];
  });
  return [...new Set(found.map(String))];
}

/** What the key at the end of `path` means, or "". */
export const aboutOf = (schema, path) =>
  keysAt(schema, path.slice(0, -1)).find((one) => one.name === path.at(-1))?.about ?? "";

/** A value of the shape that a schema asks for, to be filled in: its defaults, else empty ones. */
export function sample(schema, depth = 0) {
  if (!schema || typeof schema !== "object" || depth > 6) return null;
  if ("default" in schema) return schema.default;
  if (schema.enum?.length) return schema.enum[0];
  const kind = [schema.type].flat()[0];
  if (kind === "object" || schema.properties) {
    const wanted = schema.required ?? Object.keys(schema.properties ?? {});
    return Object.fromEntries(wanted.map((name) => [name, sample(schema.properties?.[name], depth + 1)]));
  }
  return { string: "", number: 0, integer: 0, boolean: false, array: [] }[kind] ?? null;
}
