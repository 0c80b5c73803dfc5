"""Check a template and compile it: once when a document is compiled, never for a call."""

from __future__ import annotations

import string
from itertools import islice
from typing import Any

from sealgate.errors import RequestTemplateFailed
from sealgate.findings import Finding
from sealgate.templates.analysis import References, faults, lines_of, references_of, warnings
from sealgate.templates.direct import direct_parts
from sealgate.templates.environment import Environment, TemplateSyntaxError
from sealgate.templates.fields import CONNECTOR, Field, Vocabulary
from sealgate.templates.filters import FILTERS
from sealgate.templates.guarding import guard
from sealgate.templates.internal import INTERNAL
from sealgate.templates.limits import Limits
from sealgate.templates.predicates import TESTS
from sealgate.templates.rows import row_template
from sealgate.templates.source import Source
from sealgate.templates.template import BODIES, Template, check_header

ENVIRONMENT = Environment({**FILTERS, **INTERNAL}, TESTS, frozenset({*INTERNAL, "safe"}))
TEXT_AND_COMMENTS = frozenset({"data", "comment_begin", "comment", "comment_end"})


class TemplateInvalid(Exception):
    """A template that cannot be compiled. `faults` have an empty path: put them under the field's."""

    def __init__(self, faults: tuple[Finding, ...]) -> None:
        super().__init__(faults[0].message if faults else "")
        self.faults = faults


def tokens_of(source: str, most: int | None = None) -> list[tuple[int, str, str]]:
    """The lexer's (first `most`) tokens, `(line, kind, text)`. Raises TemplateInvalid."""
    try:
        return list(islice(ENVIRONMENT.lex(source), most))
    except TemplateSyntaxError as error:
        raise TemplateInvalid((_syntax_fault(error, source),)) from None


def compile_template(
    source: str,
    place: Field,
    limits: Limits = Limits(),  # noqa: B008 (a frozen value)
    vocabulary: Vocabulary = CONNECTOR,
) -> Template:
    """Check and compile a template. Raises TemplateInvalid with every fault that can be told at once."""
    if len(source) > limits.source:
        message = f"a template has at most {limits.source:,} characters, this one has {len(source):,}"
        raise TemplateInvalid((Finding("", message),))
    if not any(mark in source for mark in ("{{", "{%", "{#")):
        return _constant(source, source, place, limits)
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    tokens = tokens_of(text, limits.tokens + 1)
    if all(kind in TEXT_AND_COMMENTS for _, kind, _ in tokens):
        data = "".join(piece for _, kind, piece in tokens if kind == "data")
        return _constant(source, data, place, limits)
    view = Source(text, tokens)
    if excess := view.excess(limits):
        raise TemplateInvalid((excess,))
    try:
        tree = ENVIRONMENT.parse(view.spread)
        found = faults(tree, view, place)
        if found:
            raise TemplateInvalid(tuple(found))
        references = references_of(tree)
        warned = warnings(tree, view, place, vocabulary, references)
        lines = lines_of(tree, view, references.names)
        direct = direct_parts(tree, vocabulary.names[place] | vocabulary.functions[place])
        rows = row_template(tree, vocabulary.names[place]) if place in BODIES else None
        code = ENVIRONMENT.from_string(guard(tree, view))
    except TemplateSyntaxError as error:
        error.lineno, _ = view.at(error.lineno or 1)
        raise TemplateInvalid((_syntax_fault(error, text),)) from None
    except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError) as error:
        message = (
            f"the template cannot be compiled ({type(error).__name__}): it is nested too deeply or too large"
        )
        raise TemplateInvalid((Finding("", message),)) from None
    fixed = references.fixed and place not in BODIES
    return Template(
        source,
        place,
        vocabulary,
        references,
        tuple(warned),
        None,
        code,
        view,
        lines,
        limits,
        direct,
        rows,
        fixed,
    )


def read_template(source: str) -> References:
    """What a template reads, without compiling it: a tenth of the time. Raises TemplateInvalid."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return references_of(ENVIRONMENT.parse(text))
    except TemplateSyntaxError as error:
        raise TemplateInvalid((_syntax_fault(error, text),)) from None
    except (RecursionError, MemoryError) as error:
        message = f"the template cannot be read ({type(error).__name__})"
        raise TemplateInvalid((Finding("", message),)) from None


def _constant(source: str, text: str, place: Field, limits: Limits) -> Template:
    """A template that prints the same whatever the run is."""
    text = text.removesuffix("\n") if place in BODIES else text
    template = Template(source, place, CONNECTOR, References(), (), text, None, Source("", []), {}, limits)
    if place is Field.HEADER:
        try:
            check_header(text)
        except RequestTemplateFailed as error:
            raise TemplateInvalid((Finding("", error.detail, hint=error.hint),)) from None
    return template


def _syntax_fault(error: Any, source: str) -> Finding:
    """Jinja's message in the field's terms, with the line's text as the expression."""
    lines = source.split("\n")
    line = error.lineno or 1
    text = lines[line - 1].strip(string.whitespace)[:200] if line <= len(lines) else None
    message = (error.message or "this is not a template").rstrip(".")
    column = None
    if text:
        found = lines[line - 1].find("{")
        column = found + 1 if found >= 0 else 1
    return Finding("", f"the template does not parse: {message}", line, column, text)
