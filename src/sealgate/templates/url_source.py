"""A URL template seen as text: its tags masked, so that its own characters can be judged in place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote, unquote_plus

from sealgate.findings import Finding
from sealgate.templates.compiling import tokens_of

EXPRESSION, STATEMENT, NOTHING = "\0", "\1", "\2"
"""What masks a character of an expression, of a statement, and of what never shows (a comment, white
space that a tag strips)."""

_MASKS = EXPRESSION + STATEMENT + NOTHING
_NO_MASK = str.maketrans(_MASKS, "\3\3\3")
_PATH_FORBIDDEN = re.compile(rf"[^{_MASKS}A-Za-z0-9\-._~:/@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{{2}})")
_QUERY_FORBIDDEN = re.compile(rf"[^{_MASKS}A-Za-z0-9\-._~:/@!$&'()*+,;=%?\[\]]|%(?![0-9A-Fa-f]{{2}})")
_FORGOTTEN = re.compile(r"\{\s*([A-Za-z_][\w.-]*)\s*\}", re.ASCII)
_SEPARATORS = re.compile(r"[/\\]")


class Kind(Enum):
    TEXT = "text"
    EXPRESSION = "expression"
    STATEMENT = "statement"
    COMMENT = "comment"


_FIRST = {
    "data": Kind.TEXT,
    "variable_begin": Kind.EXPRESSION,
    "block_begin": Kind.STATEMENT,
    "raw_begin": Kind.STATEMENT,
    "raw_end": Kind.STATEMENT,
    "comment_begin": Kind.COMMENT,
}
_LAST = {"data", "variable_end", "block_end", "raw_begin", "raw_end", "comment_end"}
_MASK = {Kind.EXPRESSION: EXPRESSION, Kind.STATEMENT: STATEMENT, Kind.COMMENT: NOTHING}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text, or one whole tag: `source[begin:end]`. `tokens` are the texts between the tag's
    delimiters, without white space, each with its kind in the template language."""

    kind: Kind
    begin: int
    end: int
    tokens: tuple[tuple[str, str], ...]


class UrlSource:
    """A template's pieces, and `masked`: the same text, tags masked, same offsets.

    Raises TemplateInvalid for text that is no sequence of tags."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pieces = tuple(_pieces(source))
        masked = [NOTHING] * len(source)
        for piece in self.pieces:
            text = source[piece.begin : piece.end].translate(_NO_MASK)
            masked[piece.begin : piece.end] = _MASK.get(piece.kind, "") * len(text) or text
        self.masked = "".join(masked)

    def finding(self, offset: int, message: str, *, hint: str, expression: str | None = None) -> Finding:
        """A finding with the line and column of an offset."""
        line_start = self.source.rfind("\n", 0, offset) + 1
        line, column = self.source.count("\n", 0, offset) + 1, offset - line_start + 1
        return Finding("", message, line=line, column=column, expression=expression, hint=hint)


@dataclass(frozen=True, slots=True)
class PathAndQuery:
    """What follows the host in a URL template, from the offset `begin` on."""

    url: UrlSource
    begin: int

    @property
    def _query_begin(self) -> int:
        """The offset after the first `?`, or the end."""
        mark = self.url.masked.find("?", self.begin)
        return len(self.url.masked) if mark < 0 else mark + 1

    @property
    def _path(self) -> str:
        return self.url.masked[self.begin : self._query_begin].removesuffix("?")

    def faults(self) -> Iterator[Finding]:
        """Every kind of character that cannot go out as it is, and dot segments."""
        forgotten_masked = _FORGOTTEN.sub(lambda found: EXPRESSION * len(found[0]), self._path)
        offsets = [self.begin + found.start() for found in _PATH_FORBIDDEN.finditer(forgotten_masked)]
        query = _QUERY_FORBIDDEN.finditer(self.url.masked, self._query_begin)
        offsets += [found.start() for found in query]
        first = {self.url.source[offset]: offset for offset in reversed(offsets)}
        for character, offset in sorted(first.items(), key=lambda item: item[1]):
            yield self._forbidden(offset, character)
        yield from self._dots()

    def warnings(self) -> Iterator[Finding]:
        """`{x}` in the path: a template that someone forgot to write as one."""
        for found in _FORGOTTEN.finditer(self._path):
            yield self.url.finding(
                self.begin + found.start(),
                f"{found[0]} is no template; the run answers URL_INVALID",
                hint=f"did you mean {{{{ pathParams.{found[1]} }}}}, with a row in path_parameters?",
                expression=found[0],
            )

    def query_names(self) -> frozenset[str]:
        """The decoded names of the query's own parameters, as far as the template itself spells them.

        A name in any branch counts: a caller's parameter of that name is dropped."""
        names = set()
        for parameter in self.url.masked[self._query_begin :].replace(NOTHING, "").split("&"):
            in_value = False
            for part in parameter.split(STATEMENT):
                name, equals, _ = part.partition("=")
                if name and EXPRESSION not in name and (equals or not in_value):
                    names.add(unquote_plus(name))
                in_value = in_value or bool(equals)
        return frozenset(names)

    def _forbidden(self, offset: int, character: str) -> Finding:
        name = unicodedata.name(character, "").lower() or f"control character U+{ord(character):04X}"
        if character == "#":
            message, hint = "a URL template cannot have a fragment (#)", "remove it, or write %23"
        elif character == "%":
            message, hint = "a percent sign is not followed by two hexadecimal digits", "write %25"
        elif character == "\\":
            message, hint = "a backslash cannot stand in a URL", "write / or %5C"
        elif not character.isascii():
            message = f"a URL is ASCII: {name} (U+{ord(character):04X}) cannot stand in it"
            hint = "percent-encode it, or put the value in query_parameters"
        else:
            message = f"a URL cannot hold a {name} outside a template tag"
            hint = "put such values in query_parameters, where they are encoded for you, or percent-encode it"
        return self.url.finding(offset, message, hint=hint)

    def _dots(self) -> Iterator[Finding]:
        offset = self.begin
        for segment in self._path.split("/"):
            text = segment.replace(NOTHING, "")
            if has_dot_segment(text):
                yield self.url.finding(
                    offset, f"the path segment {text} would lead elsewhere", hint="write the path without it"
                )
            offset += len(segment) + 1


def has_dot_segment(path: str) -> bool:
    """Whether `.` or `..` is a segment, also for a receiver that decodes `%2E`, `%2F` and `%5C`
    before it resolves the path (RFC 3986 section 5.2.4)."""
    return any(segment in {".", ".."} for segment in _SEPARATORS.split(unquote(path)))


def _pieces(source: str) -> Iterator[Piece]:
    begin = end = 0
    tokens: list[tuple[str, str]] = []
    for _, kind, text in tokens_of(source):
        # The lexer leaves out white space that a tag strips from the text beside it.
        start = source.index(text, end)
        end = start + len(text)
        begin = begin if tokens else start
        if kind != "whitespace":
            tokens.append((kind, text))
        if kind in _LAST:
            yield Piece(_FIRST[tokens[0][0]], begin, end, tuple(tokens[1:-1]))
            tokens = []
