"""API key (REFERENCE 3.2): a name and a value, in a header or in the query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from sealgate.auth._fields import is_template, rendered_text, unusable
from sealgate.auth.base import AuthenticationConfig, Credential, Obtaining, Source
from sealgate.secret import Secret, reveal

HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""RFC 9110 section 5.6.2, `token`."""

WRITTEN_BY_THE_CLIENT = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect"}
)


class ApiKeyConfig(AuthenticationConfig):
    """`key` and `value`, and where they go."""

    credential_fields: ClassVar[tuple[str, ...]] = ("value",)

    key: str = Field(
        title="Key",
        min_length=1,
        description="The name to send, such as `X-API-Key`, `Authorization` or `key`.",
    )
    value: str = Field(
        title="Value",
        min_length=1,
        description="The credential, such as {{ get_secret('key') }} or Bearer {{ get_secret('token') }}.",
    )
    placement: Literal["header", "query"] = Field(
        "header",
        alias="in",
        title="In",
        description="`header`: the key replaces a header of the same name. `query`: it is appended after all "
        "other parameters.",
    )

    @model_validator(mode="after")
    def _literal_header_name(self) -> Self:
        if self.placement == "header" and not is_template(self.key):
            problem = _header_name_problem(self.key)
            if problem:
                raise _fault("key", f"`key` {problem}", self.key)
        return self


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The same credential for every request."""

    cached: ClassVar[bool] = False
    origin: ClassVar[Source] = "static"
    signs_slowly: ClassVar[bool] = False

    placement: Literal["header", "query"]
    key: str
    value: Secret[str] = field(repr=False)

    @classmethod
    def from_rendered(cls, config: Mapping[str, Any]) -> Self:
        placement: Literal["header", "query"] = "query" if config.get("in") == "query" else "header"
        key, value = reveal(rendered_text(config, "key")), rendered_text(config, "value")
        if placement == "header":
            problem = _header_name_problem(key)
            if problem:
                raise unusable("key", problem)
            problem = _header_value_problem(reveal(value))
            if problem:
                raise unusable("value", problem)
        return cls(placement, key, value)

    @property
    def credential_header(self) -> str | None:
        return self.key.lower() if self.placement == "header" else None

    def identity(self) -> Self:
        return self

    def obtain(self, now: float) -> Obtaining:
        yield from ()
        return Credential(self.placement, self.key, self.value)


def _fault(name: str, message: str, written: str) -> ValidationError:
    """A fault at a field, for a rule that reads a second field."""
    details = InitErrorDetails(
        type=PydanticCustomError("unusable", "{message}", {"message": message}), loc=(name,), input=written
    )
    return ValidationError.from_exception_data(ApiKeyConfig.__name__, [details])


def _header_name_problem(name: str) -> str | None:
    if not HEADER_NAME.fullmatch(name):
        return "is not a header name: write letters, digits and hyphens only, such as X-API-Key"
    if name.lower() in WRITTEN_BY_THE_CLIENT:
        return "names a header that the HTTP client writes itself; use the name that the API documents"
    return None


def _header_value_problem(value: str) -> str | None:
    if any(character in value for character in "\r\n\0"):
        return "holds a line break or NUL; save the secret again without it (often a newline at the end)"
    if not value.isascii() or not value.replace("\t", " ").isprintable():
        return "holds characters that a header cannot carry; only printable ASCII may stand there"
    return None
