// What every view builds with: Preact, its hooks, signals and `html` templates under one name, so
// that the whole page shares one copy. Text goes in as text nodes; nothing here takes markup.
export * from "../vendor/preact.js";
