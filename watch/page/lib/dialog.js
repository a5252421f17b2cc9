// A modal dialog: the browser's own <dialog>, which keeps the focus inside, closes on Escape and
// gives the focus back. Placed while it is to be seen; `onClose` is called for every way out.
import { html, useLayoutEffect, useRef } from "./ui.js";

let number = 0;

export function Dialog({ title, onClose, children, ...rest }) {
  const element = useRef(null);
  const label = useRef(null);
  label.current ??= `dialog-${++number}`;
  useLayoutEffect(() => {
    // At once: a key that is pressed next belongs to the dialog.
    element.current.showModal();
    return () => element.current?.close();
  }, []);
  const outside = (event) => event.target === element.current && onClose();
  return html`<dialog ref=${element} class="dialog" aria-labelledby=${label.current}
      onCancel=${(event) => { event.preventDefault(); onClose(); }} onMouseDown=${outside} ...${rest}>
    <div class="dialog-body">
      <header class="dialog-head">
        <h2 id=${label.current}>${title}</h2>
        <button class="quiet" type="button" aria-label="Close" onClick=${onClose}>×</button>
      </header>
      ${children}
    </div>
  </dialog>`;
}
