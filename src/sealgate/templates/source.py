"""A template's text: tokens, bounds that hold before it is parsed, and where things stand in it."""

from __future__ import annotations

from dataclasses import dataclass

from sealgate.findings import Finding
from sealgate.templates.limits import Limits

_OPENS = frozenset({"(", "[", "{"})
_CLOSES = frozenset({")", "]", "}"})
_BLOCKS = frozenset({"for", "if", "macro", "with", "filter", "call", "block", "raw", "autoescape"})


@dataclass(frozen=True, slots=True)
class Tag:
    """One `{{ … }}` or `{% … %}`: its lines, its column and its text without the braces."""

    line: int
    last_line: int
    column: int
    text: str


class Source:
    """The text with its tokens as Jinja's lexer gives them: `(line, kind, text)`."""

    def __init__(self, text: str, tokens: list[tuple[int, str, str]]) -> None:
        self.text = text
        self.tokens = tokens
        self.tags = tuple(self._tags())

    def _tags(self) -> list[Tag]:
        tags: list[Tag] = []
        offset = 0
        began: tuple[int, int] | None = None
        for line, kind, text in self.tokens:
            start = self.text.index(text, offset)
            offset = start + len(text)
            if kind in ("variable_begin", "block_begin"):
                began = (line, start)
            elif kind in ("variable_end", "block_end") and began:
                inner = self.text[began[1] : offset].strip("{}%-+ \t\n")
                column = began[1] - (self.text.rfind("\n", 0, began[1]) + 1) + 1
                tags.append(Tag(began[0], line, column, inner))
                began = None
        return tags

    def excess(self, limits: Limits) -> Finding | None:
        """What is too much of the template to be compiled: tokens, or brackets and blocks in each other."""
        if len(self.tokens) > limits.tokens:
            return Finding("", f"the template has more than {limits.tokens:,} tokens", hint="make it shorter")
        depth = blocks = run = 0
        previous = ""
        for line, kind, text in self.tokens:
            depth += (text in _OPENS) - (text in _CLOSES) if kind == "operator" else 0
            if kind == "name" and previous == "block_begin":
                blocks += (text in _BLOCKS) - (text.startswith("end"))
            run = run + 1 if kind not in ("data", "variable_begin", "block_begin") else 0
            if depth > limits.nesting or blocks > limits.nesting // 3 or run > limits.nesting * 50:
                return Finding(
                    "", "the template is nested too deeply", line, hint="take it apart with {% set %}"
                )
            previous = kind if kind != "whitespace" else previous
        return None

    def tag_at(self, line: int) -> Tag | None:
        """The tag that covers a line, when there is only one."""
        found = [tag for tag in self.tags if tag.line <= line <= tag.last_line]
        return found[0] if len(found) == 1 else None

    def column_of(self, name: str, line: int) -> int | None:
        """The column of a name's first token at or after a line's beginning."""
        offset = 0
        for token_line, kind, text in self.tokens:
            start = self.text.index(text, offset)
            offset = start + len(text)
            if kind == "name" and text == name and token_line >= line:
                return start - (self.text.rfind("\n", 0, start) + 1) + 1
        return None
