// Colours for Jinja in any text, a JSON string as well: `{{ … }}`, `{% … %}`, `{# … #}` of one line.
import { Decoration, MatchDecorator, ViewPlugin } from "./vendor/codemirror.js";

const TEMPLATE = /\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}/g;
const PARTS = /\{\{-?|-?\}\}|\{%-?|-?%\}|'[^']*'|\\?"[^"\\]*\\?"|\b(?:if|elif|else|endif|for|in|endfor|set|endset|macro|endmacro|and|or|not|is|true|false|none)\b|[A-Za-z_]\w*/g;
const KEYWORD = /^(?:if|elif|else|endif|for|in|endfor|set|endset|macro|endmacro|and|or|not|is|true|false|none)$/;

const mark = (name) => Decoration.mark({ class: name });
const WHOLE = mark("cm-template");
const COMMENT = mark("cm-template-comment");
const MARK = mark("cm-template-mark");
const STRING = mark("cm-template-string");
const WORD = mark("cm-template-word");
const KEY = mark("cm-template-keyword");

const kindOf = (part) => {
  if (/^[{%}-]/.test(part)) return MARK;
  if (/^[\\'"]/.test(part)) return STRING;
  return KEYWORD.test(part) ? KEY : WORD;
};

const decorator = new MatchDecorator({
  regexp: TEMPLATE,
  decorate(add, from, to, match) {
    add(from, to, WHOLE);
    if (match[0].startsWith("{#")) return add(from, to, COMMENT);
    for (const part of match[0].matchAll(PARTS)) {
      add(from + part.index, from + part.index + part[0].length, kindOf(part[0]));
    }
  },
});

export const templateHighlighting = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = decorator.createDeco(view);
    }
    update(update) {
      this.decorations = decorator.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
