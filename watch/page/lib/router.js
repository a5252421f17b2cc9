// The address bar is the page's state: path, query and fragment as a signal, and ways to change
// them without loading the page again. Plain `<a href>` works: clicks on links to our own pages are
// taken over here, so links can be opened in a new tab, copied and read aloud like any other.
import { signal } from "./ui.js";

/** The modules in views/ by the addresses that they are shown at; the server has the same table. */
export const VIEWS = {
  "/": "runs", "/run": "run", "/episode": "episode", "/compare": "compare", "/author": "author",
  "/start": "start", "/review": "review", "/graph": "graph", "/report": "report",
};

const DRAWN_BY = 3000; // ms that a page may take until it is as long again as it was

const read = () => ({
  path: window.location.pathname,
  params: Object.fromEntries(new URLSearchParams(window.location.search)),
  hash: decoded(window.location.hash.slice(1)),
});

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const current = signal(read());

/** {path, params, hash} of now; a component that calls it is drawn again when they change. */
export const useLocation = () => current.value;

/** A page's address with its query; parameters that are empty are left out. */
export function address(path, params = {}, hash = "") {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return path + (text && `?${text}`) + (hash && `#${encodeURIComponent(hash)}`);
}

/** Go to one of our pages; `replace` leaves no step to come back to. */
export function navigate(url, { replace = false } = {}) {
  const from = current.peek();
  if (!replace) window.history.replaceState({ top: window.scrollY }, "");
  window.history[replace ? "replaceState" : "pushState"](null, "", url);
  current.value = read();
  if (from.path !== current.peek().path) window.scrollTo(0, 0);
}

/** Back at a page that was read before: to where it was read, once it is drawn as far as that. Whoever
 * scrolls meanwhile, or asked for an event, is left alone. */
function comeBackTo(top) {
  const until = performance.now() + DRAWN_BY;
  const moved = new AbortController();
  for (const sign of ["wheel", "keydown", "pointerdown", "popstate"]) {
    window.addEventListener(sign, () => moved.abort(), { signal: moved.signal });
  }
  const tryIt = () => {
    if (moved.signal.aborted) return;
    window.scrollTo(0, top);
    // The view before may still be there, and tall enough: held until the time is over.
    if (performance.now() < until) requestAnimationFrame(tryIt);
    else moved.abort();
  };
  setTimeout(tryIt); // after this very event
}

/** Change some of the query's parameters in place (filters, sorting); null takes one out. */
export function changeParams(changes) {
  const { path, params, hash } = current.peek();
  navigate(address(path, { ...params, ...changes }, hash), { replace: true });
}

/** Attributes of a link to one of our pages. */
export const link = (url) => ({ href: url });

/** Whether a click on this link is ours to handle. */
function ours(event, anchor) {
  if (event.defaultPrevented || event.button !== 0) return false;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  if (anchor.target || anchor.hasAttribute("download")) return false;
  if (anchor.origin !== window.location.origin || !(anchor.pathname in VIEWS)) return false;
  const fragment = anchor.pathname + anchor.search === window.location.pathname + window.location.search;
  return !(fragment && anchor.hash); // the browser itself goes to a fragment of this page
}

/** Begin: once, by app.js. */
export function startRouter() {
  const look = () => (current.value = read());
  window.addEventListener("popstate", (event) => {
    look();
    if (event.state?.top && !current.peek().hash) comeBackTo(event.state.top);
  });
  window.addEventListener("hashchange", look);
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest?.("a[href]");
    if (!anchor || !ours(event, anchor)) return;
    event.preventDefault();
    navigate(anchor.pathname + anchor.search + anchor.hash);
  });
}
