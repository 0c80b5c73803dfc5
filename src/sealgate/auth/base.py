"""What an authentication type is.

A type is one file with two things: a pydantic *config* (what an admin writes under
`authentication.config`) and a frozen *value* built from the rendered config. The value does no I/O:
`obtain(now)` is a generator that yields the token requests it needs, is sent their replies and
returns the credential. So a type is tested by stepping it by hand, token requests go through the
same guarded egress as every other request, and the value itself is the token cache's key: it cannot
forget an input.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, ClassVar, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict

from sealgate.message import Origin, Request
from sealgate.secret import Secret, reveal


class AuthenticationConfig(BaseModel):
    """The base of every type's config: unknown members are ignored here and warned of by the check."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, frozen=True)

    credential_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that must not hold a literal (DESIGN 6: literal credentials are refused)."""

    url_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that are URLs with the rules of REFERENCE section 6 (the token URL)."""

    def writes(self) -> tuple[Literal["header", "query"], str] | None:
        """What the credential replaces in the request: a header field or a query parameter, by name."""
        return ("header", "Authorization")


@dataclass(frozen=True, slots=True)
class TokenReply:
    """A token endpoint's whole reply, as `obtain` receives it. `body` is bounded and decoded."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credential:
    """What the pipeline adds to the request: a header field, or a query parameter after all others.

    `lifetime` is the number of seconds the credential may be used from the moment `obtain` was
    called; `None` for one that is never cached.
    """

    placement: Literal["header", "query"]
    name: str
    value: Secret[str] = field(repr=False)
    lifetime: float | None = None


Obtaining = Generator[Request, TokenReply, Credential | None]


Source = Literal["none", "static", "signed", "fetched"]
"""How a type comes by a credential: not at all, as configured, by signing, from a token endpoint."""


class Authentication(Protocol):
    """A frozen, rendered authentication value (a dataclass: `fingerprint` walks its fields)."""

    cached: ClassVar[bool]
    """Whether the broker keeps the credential. A type that signs every request says `False`."""

    origin: ClassVar[Source]
    """What explain says of a credential that did not come from the cache."""

    @property
    def signs_slowly(self) -> bool:
        """Whether what `obtain` does first takes long enough to be done beside the event loop."""
        ...

    @property
    def credential_header(self) -> str | None:
        """The header field that the credential goes into, in lower case; `None` when it goes into none."""
        ...

    @classmethod
    def from_rendered(cls, config: Mapping[str, Any]) -> Self:
        """Build from the rendered config: the JSON tree of the config model (by alias, `None`
        members left out) where each string was rendered to `str`, or to `Secret` when its template
        used a secret. A token URL arrives as `RenderedUrl`.

        Raises SigningFailed or RequestTemplateFailed, naming the field
        (`authentication.config.<field>`), when a rendered value cannot serve."""
        ...

    def identity(self) -> Authentication:
        """The value without what only tells the time of this request: who is asking, for the HTTP cache
        (DESIGN 6)."""
        ...

    def obtain(self, now: float) -> Obtaining:
        """Yield token requests, receive replies, return the credential (`None`: nothing to add).

        `now` is Unix time in seconds. Raises SigningFailed or TokenRequestFailed."""
        ...


@dataclass(frozen=True, slots=True)
class RenderedUrl:
    """A token URL after rendering and the rules of REFERENCE section 6."""

    origin: Origin
    target: str | Secret[str] = field(repr=False)


def fingerprint(value: Authentication, key: bytes, *context: str) -> str:
    """A keyed digest over the type and every field of the value: the token cache's key.

    `context` adds what separates caches (the tenant). HMAC-SHA256, so neither the key nor a stored
    row tells a secret."""
    # The standard library's JSON: a caller's claims may hold what orjson refuses (a lone surrogate).
    canonical = json.dumps([*context, type(value).__qualname__, _plain(value)], sort_keys=True)
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        revealed = reveal(value)
        return revealed if isinstance(revealed, str) else revealed.hex()
    if is_dataclass(value) and not isinstance(value, type):
        return {member.name: _plain(getattr(value, member.name)) for member in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
