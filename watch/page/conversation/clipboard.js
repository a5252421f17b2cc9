// Copying text and saving it as a file. Says in a notice what was done.

import { toast } from "../lib/toasts.js";

/** Put `text` on the clipboard; `what` names it in the notice. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    // Without https (a page on another machine's address) a browser has no clipboard to write to.
    toast(copiedByHand(text) ? `${what} copied` : `${what} could not be copied: the browser does not allow it`);
  }
}

function copiedByHand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

/** Save `text` as a file of that name. */
export function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
