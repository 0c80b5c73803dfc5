"""A compiled template: made once, rendered for each call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sealgate.errors import (
    RequestTemplateFailed,
    ResponseTemplateFailed,
    SealgateError,
    TemplateLimitExceeded,
)
from sealgate.findings import Finding
from sealgate.secret import Secret
from sealgate.templates.analysis import (
    MOST_SHOWN,
    References,
)
from sealgate.templates.context import Context
from sealgate.templates.direct import LookUp
from sealgate.templates.environment import TemplateRuntimeError
from sealgate.templates.fields import Field, Vocabulary
from sealgate.templates.functions import variables_of
from sealgate.templates.limits import Budget, LimitExceeded, Limits, Refused
from sealgate.templates.pieces import Value, flattened, write
from sealgate.templates.rendering import Render, rendering
from sealgate.templates.row_values import Unforeseen
from sealgate.templates.source import Source
from sealgate.templates.writers import Dialect, Unwritable, UrlWriter, Writer, writer_for
from sealgate.templates.writers.values import plain_text

BODIES = (Field.REQUEST_BODY, Field.RESPONSE_BODY)
WRITTEN_BY_PLACE = frozenset({*BODIES, Field.URL})
"""Fields in which the text around a value decides how it is written; in the others it is plain text."""
UNFORESEEN = (
    Unforeseen, LimitExceeded, Refused, Unwritable, SealgateError, LookupError, TypeError, ValueError,
    ArithmeticError, AttributeError, RecursionError,
)  # fmt: skip
"""What makes the ordinary way render a row template again."""
_PYTHONS_OWN = re.compile(r" at 0x[0-9a-fA-F]+|\b\w+\.<locals>\.")
"""What Python says of an object and nobody outside needs: its address, the function that made it."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Compiled source. `constant` is the whole output when there is no expression in it."""

    source: str
    place: Field
    vocabulary: Vocabulary = field(repr=False)
    references: References
    warnings: tuple[Finding, ...]
    constant: str | None
    _code: Any = field(repr=False)
    _text: Source = field(repr=False)
    _lines: dict[str, int] = field(repr=False)
    _limits: Limits = field(repr=False)
    _direct: tuple[str | LookUp, ...] | None = field(default=None, repr=False)
    _rows: Callable[[Mapping[str, Any], Budget], str] | None = field(default=None, repr=False)
    _fixed: bool = False
    """Whether `Context.fixed` may hold its output: not that of a body, whose dialect the caller decides."""

    def render(
        self, context: Context, *, declared: Dialect | None = None, incoming: Dialect | None = None
    ) -> str | Secret[str]:
        """The output; a Secret when a secret was read for it.

        A body is written in the `declared` dialect, else in the one that its first character shows,
        else in the `incoming` one. Raises the errors of Configuration, with line and expression, and
        SigningFailed."""
        if self.constant is not None:
            return self.constant
        if not self._fixed:
            return self._printed(context, declared, incoming)
        known: tuple[str | Secret[str], frozenset[str]] | None = context.fixed.get(self)
        if known is None:
            run = replace(context, used_secrets=set(), missing=[])
            known = self._printed(run, declared, incoming), frozenset(run.used_secrets)
            if run.missing:
                context.missing += run.missing
            else:
                context.fixed[self] = known
        text, secrets = known
        context.used_secrets |= secrets
        return text

    def _printed(
        self, context: Context, declared: Dialect | None, incoming: Dialect | None
    ) -> str | Secret[str]:
        if self._direct is not None:
            looked_up = self._looked_up(self._direct, context, declared, incoming)
            if looked_up is not None:
                return looked_up
        if self._rows is not None and declared in (None, Dialect.JSON):
            text = self._by_rows(self._rows, context)
            if text is not None:
                return text
        already = set(context.used_secrets)
        context.used_secrets.clear()
        try:
            text = self._render(context, declared, incoming)
            return Secret(text) if context.used_secrets else text
        finally:
            context.used_secrets |= already

    def _looked_up(
        self,
        parts: tuple[str | LookUp, ...],
        context: Context,
        declared: Dialect | None,
        incoming: Dialect | None,
    ) -> str | Secret[str] | None:
        """The output of plain look-ups; `None` when one fails, for the ordinary way to say why."""
        try:
            if self.place in WRITTEN_BY_PLACE:
                values = (part if isinstance(part, str) else Value.of(part(context)) for part in parts)
                text = _written(values, self._writer(declared), incoming, self._limits.output)
            else:
                text = "".join(
                    [part if isinstance(part, str) else plain_text(part(context)) for part in parts]
                )
                if len(text) > self._limits.output:
                    return None
            if self.place is Field.HEADER:
                check_header(text)
        except (KeyError, LimitExceeded, Unwritable, SealgateError):
            return None
        context.used_secrets |= self.references.secrets
        return Secret(text) if self.references.secrets else text

    def _by_rows(self, rows: Callable[[Mapping[str, Any], Budget], str], context: Context) -> str | None:
        """The output of a row template; `None` when the ordinary way has to render it."""
        budget = Budget(self._limits)
        with rendering(Render(context, budget, self.source, self._lines)):
            try:
                return rows(self._variables(context), budget)
            except UNFORESEEN:
                return None

    def _render(self, context: Context, declared: Dialect | None, incoming: Dialect | None) -> str:
        budget = Budget(self._limits)
        pieces: Any = None
        with rendering(Render(context, budget, self.source, self._lines)):
            try:
                run = self._code.new_context(self._variables(context))
                pieces = self._code.root_render_func(run)
                parts = flattened(_as_parts(pieces))
                text = _written(parts, self._writer(declared), incoming, self._limits.output)
            except Exception as error:
                raise self._failed(error, context, pieces) from None
        if self.place is Field.HEADER:
            check_header(text)
        return text

    def _variables(self, context: Context) -> dict[str, Any]:
        return variables_of(context, self.place, self.vocabulary, self.references.names)

    def _writer(self, declared: Dialect | None) -> Writer | None:
        if self.place is Field.URL:
            return UrlWriter()
        if self.place in BODIES:
            return writer_for(declared) if declared else None
        return writer_for(Dialect.PLAIN)

    def _failed(self, error: Exception, context: Context, pieces: Any) -> SealgateError:
        """The error with its place. Values of secrets are masked: a template can make one part of it."""
        place = self._place(error, pieces)
        if isinstance(error, SealgateError):
            error.detail = context.masked(error.detail) + place
            error.args = (error.detail,)
            return error
        failed = ResponseTemplateFailed if self.place is Field.RESPONSE_BODY else RequestTemplateFailed
        if isinstance(error, (LimitExceeded, RecursionError, MemoryError, OverflowError)):
            reason = (
                str(error) if isinstance(error, LimitExceeded) else "the template goes too deep or too large"
            )
            return TemplateLimitExceeded(reason + place, scope=failed.default_scope)
        return failed(context.masked(_reason(error, bool(context.used_secrets))) + place)

    def _place(self, error: Exception, pieces: Any) -> str:
        """` (line 3: {{ expression }})`, from the frame of the compiled template; where writing a value
        failed, that of its generator, which waits there."""
        line = None
        traceback = error.__traceback__
        while traceback is not None:
            if "__jinja_template__" in traceback.tb_frame.f_globals:
                line = self._code.get_corresponding_lineno(traceback.tb_lineno)
            traceback = traceback.tb_next
        waiting = getattr(pieces, "gi_frame", None)
        if line is None and waiting is not None:
            line = self._code.get_corresponding_lineno(waiting.f_lineno)
        if line is None:
            return ""
        line, tag = self._text.at(line)
        return f" (line {line}: {tag.text[:MOST_SHOWN]})" if tag else f" (line {line})"


def _reason(error: Exception, secrets_read: bool) -> str:
    """What is said of an error. The texts of Python's own may hold the value at fault, except those of
    a TypeError, which may hold a name: nothing of them is shown once a secret was read."""
    if isinstance(error, (Refused, Unwritable)):
        return str(error)
    if isinstance(error, (TypeError, TemplateRuntimeError)) and not secrets_read:
        return _PYTHONS_OWN.sub("", str(error))[:500]
    if isinstance(error, ZeroDivisionError):
        return "a division by zero"
    if isinstance(error, LookupError):
        return "a key or an index is not there"
    return f"the template failed ({type(error).__name__}): a value does not fit what is done with it"


def _as_parts(pieces: Iterator[Any]) -> Iterator[str]:
    for piece in pieces:
        yield piece if isinstance(piece, str) else Value.of(piece)


def _written(parts: Iterator[str], writer: Writer | None, incoming: Dialect | None, most: int) -> str:
    """Write the parts, joined now and then so that many small ones cost no more than the text.

    Without a `writer` they wait for the template's own text to show the dialect, however many values
    come first: to guess would write them unescaped."""
    waiting: list[str] = []
    done: list[str] = []
    recent: list[str] = []
    length = 0
    for part in parts:
        if writer is None:
            waiting.append(part)
            dialect = _shown(part)
            if dialect is None:
                continue
            writer = writer_for(dialect)
            ready, waiting = waiting, []
        else:
            ready = [part]
        for each in ready:
            text = write(writer, each)
            length += len(text)
            recent.append(text)
        if length > most:
            raise LimitExceeded(f"the output is longer than {most:,} characters")
        if len(recent) > 4096:
            done.append("".join(recent))
            recent.clear()
    if waiting:
        writer = writer_for(incoming or Dialect.PLAIN)
        recent += [write(writer, each) for each in waiting]
    text = "".join([*done, *recent])
    if len(text) > most:
        raise LimitExceeded(f"the output is longer than {most:,} characters")
    return text


def _plain(part: str | LookUp, context: Context) -> str:
    return part if isinstance(part, str) else plain_text(part(context))


def _shown(part: str) -> Dialect | None:
    """The dialect that the first character of the template's own text shows."""
    if isinstance(part, Value):
        return None
    first = part.lstrip()[:1]
    if not first:
        return None
    return Dialect.JSON if first in "{[" else Dialect.MARKUP if first == "<" else Dialect.PLAIN


def check_header(text: str) -> None:
    if text.isascii() and text.isprintable():
        return
    if any(character in text for character in "\r\n\0"):
        raise RequestTemplateFailed("a header value cannot hold a line break or a NUL character")
    if not text.isascii():
        raise RequestTemplateFailed(
            "a header value cannot hold characters outside ASCII",
            hint="encode the value: `| base64_encode` or `| urlencode`, as the API expects",
        )
