// The connector editor: what a page of it does besides showing.
import { keepDrafts } from "./editor-draft.js";
import { showFindings } from "./editor-findings.js";
import "./editor-secrets.js";

const page = () => document.querySelector("[data-editor]");

/** Ask for a check and a preview of what the form says now. */
const check = () => document.body.dispatchEvent(new Event("studio:check"));

keepDrafts();

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const { id } = detail.elt ?? {};
  if (id === "check") showFindings();
  if (id === "editor-body" || id?.endsWith("authentication")) check();
  proposeMembers();
});
showFindings();

document.addEventListener("keydown", (event) => {
  if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const save = page()?.querySelector(".editor-save");
  if (!save || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  save.click();
});

// The preview is rendered for the call that the test describes: as whom, and, for steps, with which body and query.
document.addEventListener("input", ({ target }) => {
  if (target.closest?.("#trial")) document.body.dispatchEvent(new Event("studio:acting"));
});

/** Code Mode proposes members of the schema. */
async function proposeMembers() {
  const editor = document.querySelector("#field-document code-editor");
  if (!editor || editor.dataset.proposes !== undefined || editor.hasAttribute("readonly")) return;
  editor.dataset.proposes = "";
  const [{ memberCompletion }, answer] = await Promise.all([import("./editor-completion.js"), fetch(page().dataset.schema)]);
  if (!answer.ok) return;
  await customElements.whenDefined("code-editor");
  editor.extend(memberCompletion(await answer.json()));
}
proposeMembers();
