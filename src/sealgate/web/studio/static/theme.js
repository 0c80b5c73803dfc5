// The choice between light and dark; without one the system decides. The server puts it into the next pages.
const YEAR = 365 * 24 * 3600;
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `sealgate-studio-theme=${root.dataset.theme}; path=/; max-age=${YEAR}; samesite=lax`;
});
