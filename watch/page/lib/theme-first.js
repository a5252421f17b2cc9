// The kept theme, before anything is painted: a classic script, because modules run too late for
// that and the page allows no inline script. lib/theme.js has the rest.
try {
  const kept = window.localStorage.getItem("callsheet-theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // storage is blocked: the system's theme it is
}
