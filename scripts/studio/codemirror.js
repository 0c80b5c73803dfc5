// Everything of CodeMirror that Studio's own modules use; esbuild leaves the rest out.
export { basicSetup } from "codemirror";
export { autocompletion, completionKeymap } from "@codemirror/autocomplete";
export { indentWithTab } from "@codemirror/commands";
export { json, jsonParseLinter } from "@codemirror/lang-json";
export { HighlightStyle, StreamLanguage, syntaxHighlighting, syntaxTree } from "@codemirror/language";
export { forceLinting, lintGutter, linter, setDiagnostics } from "@codemirror/lint";
export { MergeView, unifiedMergeView } from "@codemirror/merge";
export { Compartment, EditorState, StateEffect } from "@codemirror/state";
export { Decoration, EditorView, MatchDecorator, ViewPlugin, keymap, placeholder } from "@codemirror/view";
export { tags } from "@lezer/highlight";
