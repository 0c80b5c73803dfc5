"""JWT (REFERENCE 3.4): a token signed for each request is the credential itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from pydantic import Field, JsonValue, field_validator

from sealgate.auth._fields import AlgorithmName, JwtHeaders, Passphrase, PrivateKey
from sealgate.auth._oauth import bearer
from sealgate.auth._signer import DEFAULT_ALGORITHM, Signer, with_numeric_dates, without_moments
from sealgate.auth.base import AuthenticationConfig, Obtaining, Source


class JwtConfig(AuthenticationConfig):
    """Key, algorithm, claims and headers."""

    credential_fields: ClassVar[tuple[str, ...]] = ("private_key", "passphrase")

    private_key: PrivateKey
    algorithm: AlgorithmName = DEFAULT_ALGORITHM
    claims: dict[str, JsonValue] = Field(
        title="Claims",
        description="The payload, in this order. Every text is a template; `exp`, `iat` and `nbf` become "
        "numbers, such as {{ now(3600) }}.",
        json_schema_extra={"minProperties": 1},
    )
    jwt_headers: JwtHeaders = Field(default_factory=dict)
    passphrase: Passphrase = None

    @field_validator("claims")
    @classmethod
    def _not_empty(cls, claims: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if not claims:
            raise ValueError("must hold at least one claim, such as iss, sub, aud or exp")
        return claims


@dataclass(frozen=True, slots=True)
class Jwt:
    """Signs anew on every call; nothing is cached."""

    cached: ClassVar[bool] = False
    origin: ClassVar[Source] = "signed"
    credential_header: ClassVar[str] = "authorization"

    signer: Signer
    claims: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_rendered(cls, config: Mapping[str, Any]) -> Self:
        return cls(Signer.from_rendered(config), with_numeric_dates(config["claims"]))

    @property
    def signs_slowly(self) -> bool:
        return self.signer.slow

    def identity(self) -> Self:
        return replace(self, claims=without_moments(self.claims))

    def obtain(self, now: float) -> Obtaining:
        yield from ()
        return bearer(self.signer.sign(self.claims), lifetime=None)
