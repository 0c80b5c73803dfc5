// <code-editor language="json|jinja|text" label readonly original faults><textarea></textarea></code-editor>
//
// The textarea stays the form's field; the editor shows its text and writes into it. It lives in a shadow root:
// there CodeMirror's style sheets are constructed ones, which a content security policy without
// `unsafe-inline` allows.
import {
  Compartment,
  EditorState,
  EditorView,
  HighlightStyle,
  StateEffect,
  basicSetup,
  forceLinting,
  json,
  jsonParseLinter,
  lintGutter,
  linter,
  placeholder,
  syntaxHighlighting,
  tags,
  unifiedMergeView,
} from "./vendor/codemirror.js";
import { templateHighlighting } from "./template-highlighting.js";

const COLOURS = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.propertyName, color: "var(--code-name)" },
    { tag: tags.string, color: "var(--code-string)" },
    { tag: tags.number, color: "var(--code-number)" },
    { tag: [tags.bool, tags.null, tags.keyword], color: "var(--code-keyword)" },
    { tag: tags.comment, color: "var(--code-comment)" },
  ]),
);

const LOOKS = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "13px", maxHeight: "70vh" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)", minHeight: "calc(var(--rows, 6) * 1.55em + 8px)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--muted)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--sunken) 55%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--line)", color: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--code-selection)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line-strong)", borderRadius: "6px",
    boxShadow: "var(--shadow-high)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", border: "1px solid var(--control)", borderRadius: "4px" },
  ".cm-button": {
    backgroundImage: "none", backgroundColor: "var(--sunken)", border: "1px solid var(--control)", borderRadius: "4px",
  },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", borderColor: "var(--line)", color: "var(--muted)" },
  ".cm-template": { backgroundColor: "var(--code-template-soft)", borderRadius: "3px" },
  ".cm-template-mark": { color: "var(--code-template)", fontWeight: "600" },
  ".cm-template-word": { color: "var(--code-name)" },
  ".cm-template-keyword": { color: "var(--code-keyword)" },
  ".cm-template-string": { color: "var(--code-string)" },
  ".cm-template-comment": { color: "var(--code-comment)", fontStyle: "italic" },
  ".cm-changedLine": { backgroundColor: "var(--good-soft) !important" },
  ".cm-deletedChunk": { backgroundColor: "var(--bad-soft)" },
});

const parseFaults = jsonParseLinter();
const faultsShown = StateEffect.define();

// Typed over a selection Chromium keeps the looks of what was selected in a style attribute, which the policy
// refuses: so the editor itself puts the text in.
const replaceSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || !event.data || view.state.selection.main.empty || view.composing) return;
    event.preventDefault();
    const { from, to } = view.state.selection.main;
    const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type" });
    const handlers = view.state.facet(EditorView.inputHandler);
    if (!handlers.some((handle) => handle(view, from, to, event.data, insert))) view.dispatch(insert());
  },
});

const LANGUAGES = {
  json: [json(), lintGutter(), templateHighlighting],
  jinja: [lintGutter(), templateHighlighting],
  text: [],
};

class CodeEditor extends HTMLElement {
  #extra = new Compartment();
  #faults = [];

  connectedCallback() {
    if (this.view) return;
    this.textarea = this.querySelector("textarea");
    this.textarea.required = false; // a field that nobody sees cannot say what it wants
    this.attachShadow({ mode: "open" });
    this.style.setProperty("--rows", this.textarea.rows);
    this.view = new EditorView({
      root: this.shadowRoot,
      parent: this.shadowRoot,
      state: EditorState.create({ doc: this.textarea.value, extensions: this.#extensions() }),
    });
    for (const label of document.querySelectorAll(`label[for="${CSS.escape(this.textarea.id)}"]`)) {
      label.addEventListener("click", (event) => (event.preventDefault(), this.focus()));
    }
    if (this.hasAttribute("faults")) this.showFaults(JSON.parse(this.getAttribute("faults")));
  }

  #extensions() {
    const readonly = this.hasAttribute("readonly");
    const original = this.getAttribute("original");
    const described = this.closest(".field")?.querySelector(".help, .error")?.textContent;
    return [
      basicSetup,
      LOOKS,
      COLOURS,
      LANGUAGES[this.getAttribute("language")] ?? [],
      EditorView.lineWrapping,
      EditorState.readOnly.of(readonly),
      EditorView.contentAttributes.of({
        "aria-label": this.getAttribute("label"),
        tabindex: "0",
        ...(described && { "aria-description": described }),
        ...(readonly && { "aria-readonly": "true" }),
      }),
      this.textarea.placeholder ? placeholder(this.textarea.placeholder) : [],
      original === null ? [] : unifiedMergeView({ original, mergeControls: false }),
      EditorView.updateListener.of((update) => update.docChanged && this.#write()),
      replaceSelection,
      linter((view) => this.#diagnostics(view), {
        needsRefresh: (update) => update.transactions.some((each) => each.effects.some((effect) => effect.is(faultsShown))),
      }),
      this.#extra.of([]),
    ];
  }

  /** That it is JSON at all is seen here; what else is wrong says the server, of the text as it was then. */
  #diagnostics(view) {
    const unreadable = this.getAttribute("language") === "json" && view.state.doc.length ? parseFaults(view) : [];
    return unreadable.length ? unreadable : this.#faults.map((finding) => this.#mark(finding));
  }

  #mark(finding) {
    const { doc } = this.view.state;
    const line = doc.line(Math.min(Math.max(finding.line ?? 1, 1), doc.lines));
    const from = Math.min(line.from + Math.max((finding.column ?? 1) - 1, 0), line.to);
    const message = finding.hint ? `${finding.message} (${finding.hint})` : finding.message;
    return { from, to: line.to, severity: finding.severity ?? "error", message };
  }

  #write() {
    this.#faults = [];
    this.textarea.value = this.view.state.doc.toString();
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  focus() {
    this.view.focus();
  }

  get value() {
    return this.view.state.doc.toString();
  }

  set value(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  /** More of CodeMirror for this editor, such as completion; replaces what an earlier call gave. */
  extend(extensions) {
    this.view.dispatch({ effects: this.#extra.reconfigure(extensions) });
    forceLinting(this.view);
  }

  /** Mark findings `{line, column, message, hint, severity}` in the text, until it is edited. */
  showFaults(findings) {
    this.#faults = findings;
    this.view.dispatch({ effects: faultsShown.of(null) });
    forceLinting(this.view);
  }
}

customElements.define("code-editor", CodeEditor);
