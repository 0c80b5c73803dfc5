"""Where a URL template leads: its origin, literal or from a Variable (REFERENCE 6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sealgate.errors import UrlInvalid, VariableNotFound
from sealgate.findings import Finding
from sealgate.host import UrlProblem, parse_origin, split_url
from sealgate.message import Origin
from sealgate.templates.context import Context
from sealgate.templates.url_source import NOTHING, Kind, Piece, UrlSource

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_AUTHORITY_END = re.compile(r"[/?#\\]|\Z")
_NO_HOST_CHARACTER = re.compile(r"[/?#@\\%\s\x00-\x1f\x7f]")
_SAMPLE = "a"  # a label that stands for a Variable when the text around it is checked


@dataclass(frozen=True, slots=True)
class HostVariable:
    """`get_variable('name')`, perhaps with `| default('fallback')` or `| default('fallback', true)`."""

    name: str
    fallback: str | None = None
    empty_too: bool = False

    def resolve(self, context: Context) -> str:
        """The Variable's value, or the fallback when it was never set (with `true`: or is empty).

        Raises VariableNotFound; UrlInvalid for an empty value."""
        value = context.variables.get(self.name)
        if self.fallback is not None and (value is None or (self.empty_too and not value)):
            value = self.fallback
        if value is None:
            raise VariableNotFound(
                f"the Variable {self.name!r} is not set, and the URL's host needs it: set it, or write "
                f"{{{{ get_variable('{self.name}') | default('…') }}}}"
            )
        if not value:
            raise UrlInvalid(
                f"the Variable {self.name!r} is empty, so the URL has no host: set it, or write "
                f"{{{{ get_variable('{self.name}') | default('…', true) }}}}"
            )
        return value


@dataclass(frozen=True, slots=True)
class Host:
    """`https://` and a host, of which parts may come from Variables."""

    scheme: str
    parts: tuple[str | HostVariable, ...]

    @property
    def variables(self) -> tuple[HostVariable, ...]:
        return tuple(part for part in self.parts if isinstance(part, HostVariable))

    def resolve(self, context: Context) -> tuple[Origin, str]:
        """The origin, and the path that all paths are under (none). Raises UrlInvalid."""
        authority = "".join(
            part if isinstance(part, str) else _host_text(part, context) for part in self.parts
        )
        return _origin(self.scheme + authority), ""


@dataclass(frozen=True, slots=True)
class WholeOrigin:
    """A Variable that holds scheme, host, perhaps a port, perhaps a base path."""

    variable: HostVariable

    @property
    def variables(self) -> tuple[HostVariable, ...]:
        return (self.variable,)

    def resolve(self, context: Context) -> tuple[Origin, str]:
        """The origin and the base path, without a slash at its end. Raises UrlInvalid."""
        text = self.variable.resolve(context)
        if not _SCHEME.match(text):
            raise UrlInvalid(
                f"{_told(self.variable)} must begin with a scheme, as in https://api.example.com"
            )
        try:
            url = split_url(text)
        except UrlProblem as problem:
            raise UrlInvalid(f"{_told(self.variable)} is no origin: {problem}") from None
        if url.query is not None:
            raise UrlInvalid(
                f"{_told(self.variable)} cannot have a query: keep the origin and a base path only"
            )
        return url.origin, url.path.removesuffix("/")


Destination = Host | WholeOrigin


def literal_origin(destination: Destination) -> Origin | None:
    """The origin of a destination without Variables."""
    if isinstance(destination, WholeOrigin) or destination.variables:
        return None
    return parse_origin(destination.scheme + "".join(map(str, destination.parts)))


class HostReader:
    """Reads the head of a URL template. Afterwards `faults` says what is wrong with it,
    `destination` where it leads (`None` beside faults); the head is `source[begin:end]`."""

    def __init__(self, url: UrlSource) -> None:
        self.url = url
        self.faults: list[Finding] = []
        self.destination: Destination | None = None
        pieces = [piece for piece in url.pieces if piece.kind is not Kind.COMMENT]
        while pieces and _is_assignment(pieces[0]):
            del pieces[0]
        self._pieces = pieces
        self.begin = self.end = pieces[0].begin if pieces else len(url.source)
        scheme = _SCHEME.match(url.masked, self.begin)
        if scheme:
            self._read_host(scheme[0], scheme.end())
        elif pieces and pieces[0].kind is Kind.EXPRESSION:
            self._read_whole_origin(pieces[0])
        else:
            self._refuse_scheme()
        if self.faults:
            self.destination = None

    def _read_host(self, scheme: str, begin: int) -> None:
        end = _AUTHORITY_END.search(self.url.masked, begin)
        assert end is not None
        self.end = end.start()
        parts = tuple(self._parts(begin, self.end))
        if self.faults:
            return
        try:
            parse_origin(scheme + "".join(part if isinstance(part, str) else _SAMPLE for part in parts))
        except UrlProblem as problem:
            self._fault(self.begin, str(problem), hint="write https://host/path")
            return
        self.destination = Host(scheme, parts)

    def _parts(self, begin: int, end: int) -> Iterator[str | HostVariable]:
        for piece in self._pieces:
            if piece.end <= begin or piece.begin >= end:
                continue
            if piece.kind is Kind.TEXT:
                yield self.url.source[max(piece.begin, begin) : min(piece.end, end)]
            elif variable := self._variable(piece):
                yield variable

    def _read_whole_origin(self, piece: Piece) -> None:
        self.end = piece.end
        following = self.url.masked[piece.end :].lstrip(NOTHING)
        if following.startswith("://"):
            self._refuse(piece, "the scheme cannot come from a template", "write https:// before the host")
        elif variable := self._variable(piece):
            if following and following[0] not in "/?":
                self._refuse(
                    piece,
                    "at the start of a URL it is the whole origin, so `/`, `?` or nothing must follow it",
                    "write https:// before it when it is a part of the host only",
                )
            self.destination = WholeOrigin(variable)

    def _refuse_scheme(self) -> None:
        before = self.url.masked.partition("://")[0]
        for piece in self._pieces:
            if piece.kind is not Kind.TEXT and piece.begin < len(before):
                self._refuse(
                    piece, "the scheme cannot come from a template", "write https:// before the host"
                )
                return
        self._fault(
            self.begin,
            "a URL must begin with https://",
            hint="write https://host/path, or a Variable as origin",
        )

    def _variable(self, piece: Piece) -> HostVariable | None:
        """The Variable that an expression in the host reads; anything else is a fault that names it."""
        if piece.kind is Kind.STATEMENT:
            self._refuse(
                piece,
                "the host cannot depend on a statement",
                "end the host with `/` before the tag, or keep the host in a Variable",
            )
            return None
        variable = _read_variable(piece)
        if variable is None:
            self._refuse(piece, *_reason(piece))
        return variable

    def _refuse(self, piece: Piece, reason: str, hint: str) -> None:
        expression = self.url.source[piece.begin : piece.end]
        self._fault(
            piece.begin, f"{expression} in the URL's host: {reason}", hint=hint, expression=expression
        )

    def _fault(self, offset: int, message: str, *, hint: str, expression: str | None = None) -> None:
        self.faults.append(self.url.finding(offset, message, hint=hint, expression=expression))


def _read_variable(piece: Piece) -> HostVariable | None:
    """The only expression that a host may hold, matched token by token."""
    match piece.tokens:
        case [("name", "get_variable"), (_, "("), ("string", name), (_, ")"), *rest] if "\\" not in name:
            pass
        case _:
            return None
    match rest:
        case []:
            return HostVariable(name[1:-1])
        case [(_, "|"), ("name", "default"), (_, "("), ("string", text), *arguments, (_, ")")] if (
            "\\" not in text
        ):
            if not arguments:
                return HostVariable(name[1:-1], text[1:-1])
            match arguments:
                case [(_, ","), ("name", "true" | "True")]:
                    return HostVariable(name[1:-1], text[1:-1], empty_too=True)
    return None


def _reason(piece: Piece) -> tuple[str, str]:
    """Why an expression cannot stand in a host, and what to write instead."""
    names = [text for kind, text in piece.tokens if kind == "name"]
    variable = "keep the host in a Variable: {{ get_variable('name') }}"
    if "get_secret" in names:
        return "a secret cannot be a part of a URL", variable
    match piece.tokens:
        case [("name", "get_variable"), (_, "("), ("string", _), (_, ")"), (_, "|"), ("name", "default"), *_]:
            return "default() takes one quoted text, and after it only `true`", "write default('host', true)"
        case [("name", "get_variable"), (_, "("), ("string", _), (_, ")"), *_]:
            return (
                "only `| default('…')` may follow get_variable('…')",
                "put the final host into the Variable",
            )
        case [("name", "get_variable"), *_]:
            return "the Variable's name must be one quoted text", "write get_variable('name')"
    return "only get_variable('…') may stand there", variable


def _is_assignment(piece: Piece) -> bool:
    """`{% set x = … %}`, which prints nothing; the block form, without `=`, is not meant."""
    if piece.kind is not Kind.STATEMENT or piece.tokens[:1] != (("name", "set"),):
        return False
    depth = 0
    for kind, text in piece.tokens:
        if kind == "operator":
            depth += (text in "([{") - (text in ")]}")
            if text == "=" and not depth:
                return True
    return False


def _told(variable: HostVariable) -> str:
    fallback = "" if variable.fallback is None else " (or its default)"
    return f"the Variable {variable.name!r}{fallback}"


def _host_text(variable: HostVariable, context: Context) -> str:
    text = variable.resolve(context)
    if found := _NO_HOST_CHARACTER.search(text):
        raise UrlInvalid(f"{_told(variable)} must be a host, perhaps with a port: it holds {found[0]!r}")
    return text


def _origin(text: str) -> Origin:
    try:
        return parse_origin(text)
    except UrlProblem as problem:
        raise UrlInvalid(f"the URL's host is refused: {problem}") from None
