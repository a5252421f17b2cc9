// Keyboard shortcuts. A view names its keys with `useKeys` for as long as it is drawn; `?` lists
// them. Letters do nothing while somebody types in a field or a dialog is open; a key held with Ctrl
// or Cmd ("Ctrl+Enter") and Escape do.
import { computed, signal, useEffect, useRef } from "./ui.js";

const bound = signal([]);

/** Lines for the list of keys: [{keys: ["j", "k"], text}], those of the page first. */
export const shortcuts = computed(() => bound.value.filter((entry) => entry.text));

/**
 * Bind keys while this component is drawn: {"j": handler, "Ctrl+Enter": handler}, named as
 * `KeyboardEvent.key`; `text` says what they do. The handler gets the event, whose default is prevented.
 */
export function useKeys(handlers, text) {
  const latest = useRef(handlers);
  latest.current = handlers;
  const names = Object.keys(handlers).join(" ");
  useEffect(() => {
    const entry = { keys: names.split(" "), text, handlers: latest };
    bound.value = [...bound.peek(), entry];
    return () => (bound.value = bound.peek().filter((other) => other !== entry));
  }, [names, text]);
}

const nameOf = (event) =>
  `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${
    event.key === " " ? "Space" : event.key}`;

/** Whether the key belongs to what has the focus: a field's letters, a button's Enter and Space, the
 * arrows of what they scroll. */
function taken(event, name) {
  if (name.startsWith("Ctrl+") || name === "Escape") return false;
  const target = event.target;
  if (target.closest?.("input:not([type=checkbox],[type=radio],[type=range]), textarea, select, [contenteditable=true]")) return true;
  if (document.querySelector("dialog[open]")) return true;
  if (name.startsWith("Arrow") && target.closest?.(".scroll, .scroller")) return true;
  return ["Enter", "Space"].includes(name) && Boolean(target.closest?.("a, button, summary, input, [role=button]"));
}

/** Begin: once, by app.js. The component drawn last has the first word. */
export function startKeys() {
  document.addEventListener("keydown", (event) => {
    const name = nameOf(event);
    if (event.defaultPrevented || event.isComposing || taken(event, name)) return;
    const entry = bound.peek().findLast((one) => name in one.handlers.current);
    if (!entry) return;
    event.preventDefault();
    entry.handlers.current[name](event);
  });
}
