// Findings that an answer brings (`data-findings`, `data-findings-of`: the id of the field) are marked in the
// field's editor; a button with `data-jump` (a path) goes to its place there.
import { placeOf } from "./json-places.js";

const editorOf = (id) => document.getElementById(id)?.closest("code-editor");

/** A finding of a JSON document has a path; one of a template, or of JSON that cannot be read, has a line. */
function placed(finding, text) {
  if (!finding.path) return finding;
  const before = text.slice(0, placeOf(text, finding.path)).split("\n");
  return { ...finding, line: before.length, column: before.at(-1).length + 1 };
}

async function mark(box) {
  await customElements.whenDefined("code-editor");
  const editor = editorOf(box.dataset.findingsOf);
  if (!editor?.view || !box.isConnected) return;
  editor.showFaults(JSON.parse(box.dataset.findings).map((finding) => placed(finding, editor.value)));
}

function markAll() {
  for (const box of document.querySelectorAll("[data-findings]:not([data-marked])")) {
    box.dataset.marked = "";
    mark(box);
  }
}

markAll();
document.addEventListener("htmx:afterSettle", markAll);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-jump]");
  const editor = button && editorOf(button.closest("[data-findings-of]").dataset.findingsOf);
  if (!editor) return;
  const anchor = placeOf(editor.value, button.dataset.jump);
  editor.view.dispatch({ selection: { anchor }, scrollIntoView: true });
  editor.focus();
});
