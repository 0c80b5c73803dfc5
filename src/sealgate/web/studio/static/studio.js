// What Studio's pages do besides showing: each module listens at the document, so that what htmx puts into a
// page later works like what was there.
import "./requests.js";
import "./toasts.js";
import "./theme.js";
import "./shortcuts.js";
import "./dialogs.js";
import "./tabs.js";
import "./rows.js";
import "./copying.js";

// The editor is ten times as large as all the rest.
function loadEditor() {
  if (document.querySelector("code-editor:not(:defined)")) import("./code-editor.js");
}
loadEditor();
document.addEventListener("htmx:afterSettle", loadEditor);

// A menu closes when one clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
