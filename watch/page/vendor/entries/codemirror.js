// The editor: what CodeMirror's packages offer, under the names they give it, and YAML.
export * from "@codemirror/state";
export * from "@codemirror/view";
export * from "@codemirror/commands";
export * from "@codemirror/language";
export * from "@codemirror/lang-yaml";
export * from "@codemirror/lint";
export * from "@codemirror/autocomplete";
export * from "@codemirror/search";
export { tags } from "@lezer/highlight";
