// Preact with its hooks, signals and htm's template literals, as one module: two copies of Preact
// would not know each other's hooks. lib/ui.js hands the names on.
import { h } from "preact";
import htm from "htm";

export * from "preact";
export * from "preact/hooks";
export * from "@preact/signals";
export const html = htm.bind(h);
