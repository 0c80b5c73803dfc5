// Findings of a check at the fields that they are about: in form mode below the field once it was touched (or
// saving was tried), in Code Mode at the line.
import { markCards } from "./editor-steps.js";

const touched = new Set();

const idOf = (path) => path.replaceAll(".", "-");

/** The control of a path, or of the nearest one above it. */
function controlOf(path) {
  for (let rest = path; rest; rest = rest.slice(0, Math.max(rest.lastIndexOf("."), 0))) {
    const exact = document.getElementById(`f-${idOf(rest)}`);
    if (exact) return exact;
    const box = document.getElementById(`field-${idOf(rest)}`);
    if (box) return box.querySelector("input:not([type=hidden]), select, textarea, button") ?? box;
  }
  return null;
}

/** What folds it away opens. */
function unfold(element) {
  for (let at = element; at; at = at.parentElement) if (at.matches("details")) at.open = true;
}

const boxOf = (control) => control.closest(".cell, .field, .check") ?? control.closest("[id^=field-]");

function clear() {
  for (const text of document.querySelectorAll("#editor .error, #editor .warning-text")) text.remove();
  for (const box of document.querySelectorAll("#editor .invalid")) box.classList.remove("invalid");
  for (const control of document.querySelectorAll("#editor [aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    describe(control, (id) => !/-error(-\d+)?$/.test(id));
  }
}

function describe(control, keep, added = []) {
  const ids = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && keep(id));
  if (ids.length + added.length) control.setAttribute("aria-describedby", [...ids, ...added].join(" "));
  else control.removeAttribute("aria-describedby");
}

// What stands between backticks is code, as in the pages that the server renders.
function withCode(sentence) {
  const parts = sentence.split("`");
  if (parts.length % 2 === 0) return [sentence];
  return parts.map((part, index) => {
    if (index % 2 === 0) return part;
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });
}

function mark(finding, index) {
  const control = controlOf(finding.path);
  const box = control && boxOf(control);
  if (!box) return;
  const bad = finding.severity === "error";
  const text = document.createElement("p");
  text.className = bad ? "error" : "warning-text";
  const sentence = finding.hint ? `${finding.message} (${finding.hint})` : finding.message;
  text.append(...withCode(finding.line ? `Line ${finding.line}: ${sentence}` : sentence));
  text.id = `${control.id}-error-${index}`;
  box.append(text);
  if (!bad) return;
  box.classList.add("invalid");
  control.setAttribute("aria-invalid", "true");
  describe(control, () => true, [text.id]);
}

function markLines(findings) {
  for (const editor of document.querySelectorAll("#editor code-editor")) {
    const { name } = editor.querySelector("textarea");
    const here = name === "document"
      ? findings.map((finding) => ({ ...finding, line: finding.place_line, column: finding.place_column }))
      : findings.filter((finding) => finding.path === name || finding.path.startsWith(`${name}.`));
    customElements.whenDefined("code-editor").then(() => editor.view && editor.showFaults(here));
  }
}

function count(findings) {
  const link = document.getElementById("count");
  if (!link) return;
  const faults = findings.filter(({ severity }) => severity === "error").length;
  link.hidden = !findings.length;
  link.classList.toggle("bad", faults > 0);
  link.textContent = faults ? `${faults} to correct` : `${findings.length} warning${findings.length > 1 ? "s" : ""}`;
}

/** Show what #check holds. */
export function showFindings() {
  const check = document.getElementById("check");
  const body = document.getElementById("editor-body");
  if (!check || !body) return;
  const findings = JSON.parse(check.dataset.findings);
  const all = body.dataset.attempted !== undefined || document.querySelector("[data-editor]").dataset.revision !== "";
  clear();
  findings.forEach((finding, index) => {
    const wanted = all || [...touched].some((name) => finding.path === name || finding.path.startsWith(`${name}.`));
    if (wanted) mark(finding, index);
  });
  markLines(findings);
  count(findings);
  markCards(all ? findings : []);
}

document.addEventListener("focusout", ({ target }) => {
  if (target.closest?.("#editor") && target.name) touched.add(target.name);
  else if (target.matches?.("#editor code-editor")) touched.add(target.querySelector("textarea").name);
});

// A link of the summary goes to the field, or to the line.
document.addEventListener("click", (event) => {
  const link = event.target.closest("#check [data-field]");
  if (!link) return;
  event.preventDefault();
  const code = document.querySelector("#field-document code-editor");
  if (code?.view) {
    const line = code.view.state.doc.line(Math.min(Number(link.dataset.line) || 1, code.view.state.doc.lines));
    code.view.dispatch({ selection: { anchor: line.from }, scrollIntoView: true });
    code.focus();
    return;
  }
  const control = controlOf(link.dataset.field);
  if (!control) return;
  unfold(control);
  (control.closest("code-editor") ?? control).scrollIntoView({ block: "center" });
  (control.closest("code-editor") ?? control).focus();
});
