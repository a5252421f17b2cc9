// The page's frame: header with navigation, state of the connection and theme; the view that the
// address names, loaded when it is first wanted; notices and the list of keys. A view that cannot be
// loaded or drawn says so in its place; the frame stays.
import { html, render, useEffect, useErrorBoundary, useRef, useState } from "./lib/ui.js";
import { unanswered } from "./lib/answer.js";
import { Dialog } from "./lib/dialog.js";
import { shortcuts, startKeys, useKeys } from "./lib/keys.js";
import { link, navigate, startRouter, useLocation, VIEWS } from "./lib/router.js";
import { connection } from "./lib/stream.js";
import { startTheme, theme, toggleTheme } from "./lib/theme.js";
import { Toasts } from "./lib/toasts.js";

const NAVIGATION = [
  ["/", "Runs"], ["/start", "Start"], ["/author", "Author"],
  ["/review", "Review"], ["/graph", "Graph"], ["/report", "Report"],
];
const BELOW_RUNS = new Set(["/", "/run", "/episode", "/compare"]);

function Navigation({ path }) {
  const here = (to) => (to === "/" ? BELOW_RUNS.has(path) : to === path);
  return html`<nav aria-label="Main" class="navigation">
    ${NAVIGATION.map(([to, name]) => html`
      <a key=${to} ...${link(to)} aria-current=${here(to) ? "page" : undefined}>${name}</a>`)}
  </nav>`;
}

function Connection() {
  const lost = connection.value.state === "lost" || unanswered.value > 0;
  return html`<p class=${`connection ${lost ? "is-lost" : ""}`} role="status" data-testid="connection">
    ${lost ? "disconnected, trying again" : html`<span class="connection-open">connected</span>`}
  </p>`;
}

function Header({ path, onKeys }) {
  const other = theme.value === "dark" ? "light" : "dark";
  return html`<header class="header">
    <a class="brand" ...${link("/")} aria-label="callsheet, all runs"><span class="brand-mark" aria-hidden="true"></span>callsheet</a>
    <${Navigation} path=${path} />
    <${Connection} />
    <button class="quiet" data-testid="theme" onClick=${toggleTheme} aria-label=${`Use the ${other} theme`} title=${`Use the ${other} theme`}>
      <span class="theme-mark" aria-hidden="true"></span></button>
    <button class="quiet key-button" data-testid="keys" onClick=${onKeys} aria-label="Keyboard shortcuts" title="Keyboard shortcuts">?</button>
  </header>`;
}

function Keys({ onClose }) {
  return html`<${Dialog} title="Keys" onClose=${onClose} data-testid="keys-dialog">
    <dl class="keys">
      ${shortcuts.value.map(({ keys, text }) => html`
        <div key=${keys.join(" ") + text}><dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${text}</dd></div>`)}
    </dl>
  <//>`;
}

/** The view's module, or what went wrong with loading it. */
function useView(name) {
  const [found, setFound] = useState({});
  useEffect(() => {
    let wanted = true;
    import(`./views/${name}.js`).then(
      (module) => wanted && setFound({ name, view: module.default }),
      (error) => wanted && setFound({ name, error }),
    );
    return () => (wanted = false);
  }, [name]);
  return found.name === name ? found : {};
}

function Failed({ error }) {
  return html`<section class="empty" role="alert">
    <h1>This view could not be shown</h1>
    <p>${String(error?.message ?? error)}</p>
    <p><button onClick=${() => window.location.reload()}>Load the page again</button></p>
  </section>`;
}

function Shown({ view, params }) {
  const [error] = useErrorBoundary((cause) => console.error(cause));
  return error ? html`<${Failed} error=${error} />` : html`<${view.View} params=${params} />`;
}

/** Moves the focus to the new view, as a page that was loaded would, unless somebody works there. */
function useFocusOn(path, main) {
  const first = useRef(true);
  useEffect(() => {
    if (!first.current && !main.current.contains(document.activeElement)) main.current.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
}

function App() {
  const { path, params } = useLocation();
  const main = useRef(null);
  const [keysShown, showKeys] = useState(false);
  const name = VIEWS[path] ?? "runs";
  const { view, error } = useView(name);
  const title = view?.title?.(params) ?? "";
  useEffect(() => {
    document.title = title ? `${title} · callsheet` : "callsheet";
  }, [title]);
  useFocusOn(path, main);
  useKeys({ "?": () => showKeys(true) }, "show these keys");
  useKeys({ "Alt+r": () => navigate("/") }, "all runs");
  return html`
    <${Header} path=${path} onKeys=${() => showKeys(true)} />
    <main id="main" ref=${main} tabindex="-1" class=${`view view-${name}`} aria-busy=${!view && !error}>
      ${error && html`<${Failed} error=${error} />`}
      ${view && html`<${Shown} key=${[path, params.run, params.episode].join("\n")} view=${view} params=${params} />`}
    </main>
    <${Toasts} />
    ${keysShown && html`<${Keys} onClose=${() => showKeys(false)} />`}`;
}

startTheme();
startRouter();
startKeys();
render(html`<${App} />`, document.getElementById("app"));
