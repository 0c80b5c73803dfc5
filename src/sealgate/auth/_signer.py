"""The signing half of both JWT types: key, algorithm and headers of a rendered config."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from sealgate.auth._fields import CONFIG, optional_text, rendered_text
from sealgate.auth._jws import RSA_SCHEMES, sign
from sealgate.secret import Secret, reveal

DEFAULT_ALGORITHM = "RS256"
NUMERIC_DATES = ("exp", "iat", "nbf")
"""Claims that RFC 7519 defines as numbers and templates print as text (REFERENCE 3.4)."""
MOMENTS = frozenset({*NUMERIC_DATES, "jti"})
NUMBER = re.compile(r"\s*-?\d{1,15}(\.\d*)?\s*")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs claims. Every rendered input is a field, so the token cache's key covers it."""

    private_key: Secret[str] = field(repr=False)
    algorithm: str
    headers: Mapping[str, Any] = field(repr=False)
    passphrase: Secret[str] | None = field(default=None, repr=False)

    @classmethod
    def from_rendered(cls, config: Mapping[str, Any]) -> Self:
        return cls(
            rendered_text(config, "private_key"),
            reveal(config.get("algorithm", DEFAULT_ALGORITHM)),
            dict(config.get("jwt_headers", {})),
            optional_text(config, "passphrase") or None,
        )

    @property
    def slow(self) -> bool:
        """Whether a signature takes a good part of a millisecond: by RSA, nothing else does."""
        return self.algorithm in RSA_SCHEMES

    def sign(self, claims: Mapping[str, Any]) -> Secret[str]:
        """The compact JWT. Raises SigningFailed, its field in the document."""
        token = sign(
            claims,
            self.private_key,
            self.algorithm,
            self.headers,
            passphrase=self.passphrase,
            config_path=CONFIG,
        )
        return Secret(token)


def with_numeric_dates(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The claims, with `exp`, `iat` and `nbf` as integers where they are numeric text."""
    return {name: as_date(value) if name in NUMERIC_DATES else value for name, value in claims.items()}


def without_moments(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The claims but for those that differ from one token of the same subject to the next."""
    return {name: value for name, value in claims.items() if name not in MOMENTS}


def as_date(value: Any) -> Any:
    """A numeric text as an integer number of seconds; any other value as it is."""
    text = reveal(value) if isinstance(value, (str, Secret)) else None
    return int(text.strip().partition(".")[0]) if isinstance(text, str) and NUMBER.fullmatch(text) else value
