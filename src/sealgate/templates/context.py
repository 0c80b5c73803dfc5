"""What one render sees and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sealgate.caller import User
from sealgate.findings import Finding
from sealgate.secret import MASK, Secret, reveal


@dataclass(slots=True)
class ResponseView:
    """`response` in a response template: `body` is `None` when it is not UTF-8; header names are in
    lower case."""

    body: str | None
    status_code: int
    headers: dict[str, str]


@dataclass(slots=True)
class Context:
    """One run's data. `used_secrets` and `missing` record what its renders did: the names of the
    secrets they read, and the look-ups that found nothing."""

    tenant_id: str
    user: User
    now: int
    secrets: Mapping[str, Secret[str]] = field(repr=False)
    variables: Mapping[str, str]
    path_params: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    response: ResponseView | None = field(default=None, repr=False)
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
