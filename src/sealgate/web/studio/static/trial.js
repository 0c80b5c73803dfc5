// Test Connection: Ctrl+Enter runs, the inputs are kept in this tab, links in the result lead to fields.
const SECRET = /auth|cookie|token|secret|passw|credential|signature|session|api.?key|^x-.*key$|^key$/i;
const GROUPS = ["trial-query", "trial-headers", "trial-profile"];

const form = () => document.querySelector("form[data-trial]");
const place = (trial) => `sealgate-trial:${trial.dataset.trial}`;

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
  const trial = form();
  if (!trial || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  event.stopPropagation();
  trial.requestSubmit(trial.querySelector(".trial-run"));
}, true);

// Beside the editor the form comes later than the page, and a moment before it can send the editor's fields along:
// who runs it in that moment is kept waiting.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-trial][data-unready]")) return;
  event.preventDefault();
  event.stopPropagation();
  event.target.dataset.unready = "asked";
}, true);
document.addEventListener("htmx:afterProcessNode", ({ target }) => {
  if (!target.matches("form[data-trial][data-unready]")) return;
  const asked = target.dataset.unready === "asked";
  delete target.dataset.unready;
  if (asked) target.requestSubmit(target.querySelector(".trial-run"));
});

function rowsOf(trial, group) {
  return [...trial.querySelectorAll(`[data-rows="${group}"] [data-row]`)].map((row) =>
    Object.fromEntries([...row.querySelectorAll("input")].map((input) => [input.name.split(".").at(-1), input.value])));
}

/** What is written in the form. The value of a header or parameter that is named like a credential is left out. */
function written(trial) {
  const fields = {};
  for (const field of trial.elements) {
    const plain = field.name && field.name !== "csrf" && !GROUPS.some((group) => field.name.startsWith(`${group}.`));
    if (plain && (field.type !== "radio" || field.checked)) fields[field.name] = field.value;
  }
  const rows = Object.fromEntries(GROUPS.map((group) => [group, rowsOf(trial, group).map((row) =>
    SECRET.test(row.key) ? { ...row, value: "" } : row)]));
  return { fields, rows };
}

function fill(trial, { fields, rows }) {
  for (const [group, values] of Object.entries(rows)) {
    const set = trial.querySelector(`[data-rows="${CSS.escape(group)}"]`);
    for (const value of set ? values : []) {
      set.querySelector("[data-add-row]").click();
      const row = set.querySelector("[data-row-list]").lastElementChild;
      for (const input of row.querySelectorAll("input")) input.value = value[input.name.split(".").at(-1)] ?? "";
    }
  }
  fillFields(trial, fields);
}

function fillFields(within, fields) {
  for (const field of within.querySelectorAll("input, textarea")) {
    const value = fields[field.name];
    if (value === undefined) continue;
    if (field.type === "radio") field.checked = field.value === value;
    else if (field.closest("code-editor")?.view) field.closest("code-editor").value = value;
    else field.value = value;
  }
}

function kept(trial) {
  try {
    return JSON.parse(sessionStorage.getItem(place(trial)));
  } catch {
    return null; // written by another version
  }
}

function restore() {
  const trial = form();
  if (!trial || trial.dataset.restored !== undefined) return;
  trial.dataset.restored = "";
  const filled = "filled" in trial.dataset || trial.querySelector("[data-row-list] [data-row]");
  const found = filled ? null : kept(trial);
  if (!found) return;
  const focused = document.activeElement;
  fill(trial, found);
  focused.focus();
  document.getElementById("trial-user").dispatchEvent(new Event("input", { bubbles: true }));
}
restore();

document.addEventListener("input", ({ target }) => {
  const trial = target.closest?.("form[data-trial]");
  if (trial) sessionStorage.setItem(place(trial), JSON.stringify(written(trial)));
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  restore();
  if (target.id !== "trial-result") return;
  if (target.getBoundingClientRect().top > innerHeight * 0.7) target.scrollIntoView();
  const said = document.getElementById("trial-said");
  if (said) said.textContent = target.querySelector("[data-said]")?.textContent ?? "";
});

// The fields of the editor have the names of their paths, and #field-<path> is around each; the nearest one above
// when there is none for the whole path.
document.addEventListener("click", (event) => {
  const link = event.target.closest("#trial-result [data-field]");
  if (!link) return;
  for (let path = link.dataset.field; path; path = path.slice(0, Math.max(path.lastIndexOf("."), 0))) {
    const named = document.querySelector(`#editor [name="${CSS.escape(path)}"]`);
    const field = named ?? document.getElementById(`field-${path.replaceAll(".", "-")}`);
    if (!field) continue;
    event.preventDefault();
    lead(field);
    return;
  }
  const code = document.querySelector('#editor code-editor [name="document"]');
  if (!code) return;
  event.preventDefault();
  lead(code);
});

function lead(field) {
  const inside = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
  for (let at = field; at; at = at.parentElement) if (at.matches("details")) at.open = true;
  field.scrollIntoView({ block: "center" });
  (inside?.closest("code-editor") ?? inside ?? field).focus();
}
