// Buttons that act: what an action in progress looks like, why a button is of no use now, and the
// identity by which the server knows a press that it has seen before.
import { toast } from "../lib/toasts.js";
import { html, useCallback, useRef, useState } from "../lib/ui.js";

/** An identity for one press. Secure contexts alone have `randomUUID`; a page on a LAN is none. */
export function freshIdentity() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** [busy, act, refusal]: `act(send)` runs one action at a time; `refusal` is the last one's line. */
export function useAction() {
  const [state, setState] = useState({ busy: false, refusal: "" });
  const going = useRef(false);
  const act = useCallback(async (send) => {
    if (going.current) return undefined;
    going.current = true;
    setState({ busy: true, refusal: "" });
    let refusal = "";
    try {
      return await send();
    } catch (error) {
      refusal = error.message;
      return undefined;
    } finally {
      going.current = false;
      setState({ busy: false, refusal });
    }
  }, []);
  return [state.busy, act, state.refusal];
}

/** A button; with a `reason` it does nothing but say it. It keeps its place in the order of focus,
 * so that the reason is heard and can be tapped. */
export function Act({ reason, onPress, kind = "", busy = false, children, ...rest }) {
  const press = () => (reason ? toast(reason) : onPress());
  return html`<button type="button" class=${kind} title=${reason || undefined}
    aria-disabled=${reason ? "true" : undefined} aria-description=${reason || undefined}
    aria-busy=${busy ? "true" : undefined} onClick=${press} ...${rest}>${children}</button>`;
}

/** What the server answered instead of doing it. */
export const Refusal = ({ line }) =>
  html`<p class="act-refusal" role="alert" data-testid="refusal">${line}</p>`;
