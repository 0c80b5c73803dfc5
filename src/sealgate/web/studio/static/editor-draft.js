// Unsaved changes: kept in this tab per tenant and connector, restored with a notice, and warned of before one
// leaves. What may be a credential, and is no template, is not kept.
const FOLDING = /^steps\.\d+\.open$/;
const CREDENTIALS = ["value", "client_secret", "private_key", "passphrase"];

const IS_CREDENTIAL = new RegExp(`^(?:steps\\.\\d+\\.)?authentication\\.config\\.(?:${CREDENTIALS.join("|")})$`);

const page = () => document.querySelector("[data-editor]");
const form = () => document.getElementById("editor");
const place = (key) => `sealgate-draft:${key}`;
const isTemplate = (text) => /\{[{%]/.test(text);

let initial = "";
let dirty = false;

function fields() {
  return [...new FormData(form())].filter(([name]) => name !== "csrf" && !FOLDING.test(name));
}

function withoutCredentials(pairs) {
  return pairs.map(([name, value]) => {
    if (IS_CREDENTIAL.test(name) && !isTemplate(value)) return [name, ""];
    return ["document", "base"].includes(name) ? [name, withoutLiterals(value)] : [name, value];
  });
}

const ROWS = /"(?:headers|query_parameters|path_parameters)"\s*:\s*\[[^\]]*\]/g;
const LITERAL = new RegExp(`(["']?\\b(?:${CREDENTIALS.join("|")})\\b["']?\\s*:\\s*"?)((?:[^"\\\\]|\\\\.)*)`, "g");

/** Of text that cannot be parsed: rows stay, elsewhere what follows the name of a credential goes, wherever it ends. */
function withoutLiteralsOfBroken(text) {
  const stays = (name, value) => name.endsWith('"') && !value.includes("\n") && isTemplate(value);
  const masked = (part) => part.replace(LITERAL, (all, name, value) => (stays(name, value) ? all : name));
  let at = 0;
  let kept = "";
  for (const rows of text.matchAll(ROWS)) {
    kept += masked(text.slice(at, rows.index)) + rows[0];
    at = rows.index + rows[0].length;
  }
  return kept + masked(text.slice(at));
}

function withoutLiterals(text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    return withoutLiteralsOfBroken(text);
  }
  let found = false;
  for (const exchange of [document, ...(Array.isArray(document?.steps) ? document.steps : [])]) {
    const config = exchange?.authentication?.config ?? {};
    for (const name of CREDENTIALS) {
      if (typeof config[name] === "string" && config[name] && !isTemplate(config[name])) {
        config[name] = "";
        found = true;
      }
    }
  }
  return found ? JSON.stringify(document, null, 2) : text;
}

function drop(key) {
  sessionStorage.removeItem(place(key));
}

function setDirty(value) {
  dirty = value;
  const state = document.getElementById("unsaved");
  if (state) state.hidden = !value;
}

function keep() {
  const now = fields();
  if (JSON.stringify(now) === initial) {
    drop(page().dataset.editor);
    setDirty(false);
    return;
  }
  const draft = { at: Date.now(), fields: withoutCredentials(now) };
  sessionStorage.setItem(place(page().dataset.editor), JSON.stringify(draft));
  setDirty(true);
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(place(page().dataset.editor)));
  } catch {
    return null; // written by another version
  }
}

const valueOf = (draft, name) => draft.fields.find(([each]) => each === name)?.[1] ?? "";

async function restore(draft) {
  const values = new FormData();
  for (const [name, value] of [...draft.fields, ["to", valueOf(draft, "mode")]]) values.append(name, value);
  await htmx.ajax("POST", page().dataset.switch, { values, target: "#editor-body", swap: "outerHTML" });
  const since = new Date(draft.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const changed = valueOf(draft, "revision") !== page().dataset.revision;
  document.querySelector("[data-draft-about]").textContent =
    `From ${since}.${changed ? " Someone saved this connector since: saving will show you both." : ""}`;
  document.getElementById("draft").hidden = false;
  setDirty(true);
}

export function keepDrafts() {
  if (!page() || page().dataset.readonly !== undefined) return;
  initial = JSON.stringify(fields());
  const draft = kept();
  if (document.getElementById("editor-body").dataset.unsaved !== undefined) {
    initial = "";
    keep();
  } else if (draft) {
    addEventListener("load", () => restore(draft));
  }
}

document.addEventListener("input", ({ target }) => {
  if (target.closest?.("#editor") && page()?.dataset.readonly === undefined) keep();
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const { id, dataset } = detail.elt ?? {};
  if (!page() || (id !== "editor-body" && !id?.endsWith("authentication"))) return;
  if (id === "editor-body" && dataset.unsaved === undefined) setDirty(dirty);
  else keep();
});

// Saved: the answer leads away, and there is nothing to keep.
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.elt.id !== "editor" || !detail.xhr.getResponseHeader("HX-Redirect")) return;
  drop(page().dataset.editor);
  dirty = false;
});

function dropAndLeave(element) {
  const key = page()?.dataset.editor ?? element.closest("main").querySelector("[data-conflict]")?.dataset.conflict;
  if (key) drop(key);
  dirty = false;
}
document.addEventListener("click", (event) => {
  const leaves = event.target.closest("a[data-draft-drop], [data-draft-discard]");
  if (leaves) dropAndLeave(leaves);
  if (event.target.closest("[data-draft-discard]")) location.assign(location.pathname);
  if (event.target.closest("[data-draft-changes]")) document.querySelector('[data-opens="changes"]')?.click();
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-draft-drop], #delete-connector form")) dropAndLeave(event.target);
});
addEventListener("beforeunload", (event) => {
  if (dirty && form()) event.preventDefault();
});
