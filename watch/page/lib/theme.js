// Light, dark or what the system says. The choice is kept in this browser and applied as
// `data-theme` on the root (theme-first.js does it before the first paint). Canvases, which cannot
// use custom properties, ask `colour` and draw again when `theme` changes.
import { effect, signal } from "./ui.js";

const KEY = "callsheet-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const chosen = signal(document.documentElement.dataset.theme ?? "");
const systemDark = signal(system.matches);

/** "light" or "dark", as shown now; a signal. */
export const theme = signal("light");

/** Change between light and dark, and keep it. */
export function toggleTheme() {
  chosen.value = theme.value === "dark" ? "light" : "dark";
  try {
    window.localStorage.setItem(KEY, chosen.value);
  } catch {
    // storage is blocked: the choice lasts as long as the page
  }
}

/** A custom property such as "--user" as the rgb() it stands for now. */
export function colour(property) {
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Begin: once, by app.js. */
export function startTheme() {
  system.addEventListener("change", () => (systemDark.value = system.matches));
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) chosen.value = event.newValue ?? "";
  });
  effect(() => {
    if (chosen.value) document.documentElement.dataset.theme = chosen.value;
    theme.value = chosen.value || (systemDark.value ? "dark" : "light");
  });
}
