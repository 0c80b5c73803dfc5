"""Templates of a step before the steps that it reads have run: what would come of their answers is named.

`{{ (steps.contact.body | from_json).id }}` becomes an expression that prints a mark of `contact`, written for
its place like every value. When a statement (`{% … %}`) reads an answer, nothing can be told from the first
statement on, and one mark stands for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sealgate.templates.compiling import TemplateInvalid, tokens_of
from sealgate.templates.context import ResponseView

ENDS = {"variable_begin": "variable_end", "block_begin": "block_end"}
MARK = re.compile(r"ANSWERx([a-z0-9_-]*?)xSTEP")
NAME = re.compile(r"[a-z0-9-]+")
Token = tuple[str, str]


@dataclass(frozen=True, slots=True)
class NamedAnswers:
    """A template to render with `steps`, which holds the marks."""

    source: str
    steps: Mapping[str, ResponseView]


def name_answers(source: str) -> NamedAnswers:
    """A template that cannot be read stays as it is."""
    unchanged = NamedAnswers(source, {})
    if "steps" not in source:
        return unchanged
    try:
        tags = list(_tags(source.replace("\r\n", "\n").replace("\r", "\n")))
    except TemplateInvalid:
        return unchanged
    read = [_names_read(tag) for tag in tags]
    statements = [number for number, tag in enumerate(tags) if tag[0][0] == "block_begin"]
    told_by = [names for number in statements if (names := read[number]) is not None]
    if told_by:
        first = statements[0]
        tags, read = tags[: first + 1], [*read[:first], set().union(*told_by)]
    steps: dict[str, ResponseView] = {}
    pieces = []
    for tag, names in zip(tags, read, strict=True):
        if names is None:
            pieces.append("".join(text for _, text in tag))
            continue
        key = "_".join(sorted(names))
        steps[key] = ResponseView(f"ANSWERx{key}xSTEP", 200, {})
        pieces.append(f"{{{{ steps['{key}'].body }}}}")
    return NamedAnswers("".join(pieces), steps)


def say_answers(text: str, words: Callable[[tuple[str, ...]], str]) -> str:
    """The text with `words(names)` in the place of each mark; without a name when it cannot be told."""
    return MARK.sub(lambda mark: words(tuple(name for name in mark[1].split("_") if name)), text)


def _tags(source: str) -> Iterator[list[Token]]:
    """The tokens of each whole tag, and those of the text between two."""
    tag: list[Token] = []
    end = None
    for _, kind, text in tokens_of(source):
        if end is None and kind in ENDS:
            if tag:
                yield tag
            tag, end = [], ENDS[kind]
        tag.append((kind, text))
        if kind == end:
            yield tag
            tag, end = [], None
    if tag:
        yield tag


def _names_read(tag: Sequence[Token]) -> set[str] | None:
    """The steps that a tag reads, as far as they stand there literally; `None` when it reads none."""
    tokens = [token for token in tag if token[0] != "whitespace"]
    found: set[str] | None = None
    for number in range(1, len(tokens)):
        if tokens[number] != ("name", "steps") or tokens[number - 1] == ("operator", "."):
            continue
        found = found or set()
        match tokens[number + 1 : number + 3]:
            case [("operator", "."), ("name", name)]:
                found.add(name)
            case [("operator", "["), ("string", quoted)]:
                found.add(quoted[1:-1])
    return found and {name for name in found if NAME.fullmatch(name)}
