"""What one render sees and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sealgate.caller import User
from sealgate.findings import Finding
from sealgate.secret import MASK, Secret, reveal


@dataclass(slots=True)
class ResponseView:
    """`response` in a response template, and what `steps` holds of each step: `body` is `None` when it is
    not UTF-8; header names are in lower case."""

    body: str | None
    status_code: int
    headers: dict[str, str]

    def copy(self) -> ResponseView:
        """For one render, which may change it."""
        return replace(self, headers=dict(self.headers))


@dataclass(slots=True)
class RequestView:
    """`request` in a composite's templates: what the caller sent (REFERENCE 12). `body_text` is `None`
    when it is not UTF-8, both are without a body. `headers` has only `Content-Type`."""

    body_text: str | None
    body_raw: bytes | None = field(repr=False)
    headers: dict[str, str]
    query_parameters: dict[str, str]

    def copy(self) -> RequestView:
        """For one render, which may change it."""
        return replace(self, headers=dict(self.headers), query_parameters=dict(self.query_parameters))


@dataclass(slots=True)
class Context:
    """One run's data. `used_secrets` and `missing` record what its renders did: the names of the
    secrets they read, and the look-ups that found nothing."""

    tenant_id: str
    user: User
    now: int
    secrets: Mapping[str, Secret[str]] = field(repr=False)
    variables: Mapping[str, str]
    key_ids: Mapping[str, str] = field(default_factory=dict)
    """The `kid` of each secret that has a key pair, by the secret's name."""
    path_params: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    response: ResponseView | None = field(default=None, repr=False)
    steps: Mapping[str, ResponseView] = field(default_factory=dict, repr=False)
    request: RequestView | None = field(default=None, repr=False)
    fixed: dict[Any, Any] = field(default_factory=dict, repr=False)
    """What was made of secrets and variables alone, by what it was made from: for all runs that see the
    same ones."""
    used_secrets: set[str] = field(default_factory=set)
    missing: list[Finding] = field(default_factory=list)

    @property
    def body_text(self) -> str | None:
        """The caller's body as text; `None` without a body or when it is not UTF-8."""
        try:
            return None if self.body is None else self.body.decode()
        except UnicodeDecodeError:
            return None

    def masked(self, text: str) -> str:
        """The text without the values of the secrets that were read so far."""
        for name in self.used_secrets:
            value = reveal(self.secrets[name]) if name in self.secrets else ""
            if len(value) > 2:
                text = text.replace(value, MASK)
        return text
