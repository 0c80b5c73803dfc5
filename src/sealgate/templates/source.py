"""A template's text: tokens, bounds that hold before it is parsed, and where things stand in it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from sealgate.findings import Finding
from sealgate.templates.limits import Limits

_OPENS = frozenset({"(", "[", "{"})
_CLOSES = frozenset({")", "]", "}"})
_BLOCKS = frozenset({"for", "if", "macro", "with", "filter", "call", "block", "raw", "autoescape"})


@dataclass(frozen=True, slots=True)
class Tag:
    """One `{{ … }}` or `{% … %}`: its line and column, its text without the braces, and the names in
    it with the places where they stand."""

    line: int
    column: int
    text: str
    names: tuple[tuple[str, int, int], ...]


class Source:
    """The text with its tokens as Jinja's lexer gives them: `(line, kind, text)`.

    `spread` is the same template with each tag on lines of its own, which is all that Jinja can tell
    of the place of an error; `at` finds back."""

    def __init__(self, text: str, tokens: list[tuple[int, str, str]]) -> None:
        self.text = text
        self.tokens = tokens
        self._begins: list[tuple[int, Tag]] = []
        self.spread = self._spread()

    def _spread(self) -> str:
        pieces: list[str] = []
        offset = line_start = position = 0
        began: tuple[int, int, int] | None = None
        names: list[tuple[str, int, int]] = []
        added = 0
        for line, kind, text in self.tokens:
            start = self.text.index(text, offset)
            line_start = (
                self.text.rfind("\n", 0, start) + 1 if "\n" in self.text[offset:start] else line_start
            )
            column = start - line_start + 1
            offset = start + len(text)
            if kind in ("variable_begin", "block_begin"):
                began, names = (line, column, start), []
                added += 1
                pieces += [self.text[position:offset], "\n"]
                position = offset
            elif kind in ("variable_end", "block_end") and began:
                inner = self.text[position:start].strip()
                self._begins.append((began[0] + added, Tag(began[0], began[1], inner, tuple(names))))
                began = None
            elif kind == "name" and began:
                names.append((text, line, column))
            if "\n" in text:
                line_start = self.text.rfind("\n", 0, offset) + 1
        if began:  # a tag that nothing ends
            self._begins.append((began[0] + added, Tag(began[0], began[1], self.text[began[2] :], ())))
        return "".join([*pieces, self.text[position:]])

    def at(self, line: int) -> tuple[int, Tag | None]:
        """The line of the text, and the tag, that a line of `spread` comes from."""
        found = bisect_right(self._begins, line, key=lambda begin: begin[0]) - 1
        if found < 0:
            return line, None
        begin, tag = self._begins[found]
        return line - begin + tag.line, tag

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
