"""OAuth JWT bearer (REFERENCE 3.5; RFC 7523): a signed assertion is exchanged for an access token."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from pydantic import Field, JsonValue, field_validator

from sealgate.auth._fields import (
    CONFIG,
    AlgorithmName,
    ClientId,
    JwtHeaders,
    Passphrase,
    PrivateKey,
    TokenTtl,
    TokenUrl,
    is_template,
    parse_seconds,
    rendered_text,
    rendered_url,
    unusable,
)
from sealgate.auth._oauth import DEFAULT_LIFETIME, bearer, read_token, token_request
from sealgate.auth._signer import DEFAULT_ALGORITHM, Signer, as_date, with_numeric_dates, without_moments
from sealgate.auth.base import AuthenticationConfig, Obtaining, RenderedUrl, Source
from sealgate.errors import SigningFailed
from sealgate.secret import Secret, reveal

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 180
OWN_CLAIMS = ("iss", "sub", "aud")
"""Claims that have their own fields (design section 6)."""


class JwtBearerConfig(AuthenticationConfig):
    """Who asserts what about whom, with which key, where, and for how long."""

    credential_fields: ClassVar[tuple[str, ...]] = ("private_key", "passphrase")
    url_fields: ClassVar[tuple[str, ...]] = ("token_url",)

    client_id: ClientId
    private_key: PrivateKey
    token_url: TokenUrl
    subject: str = Field(
        title="Subject",
        min_length=1,
        description="On whose behalf the token is asked for, such as admin@example.com or {{ user.email }}.",
    )
    audience: str = Field(
        title="Audience",
        min_length=1,
        description="Who the assertion is meant for, often the token server's origin.",
    )
    token_ttl: TokenTtl = int(DEFAULT_LIFETIME)
    algorithm: AlgorithmName = DEFAULT_ALGORITHM
    additional_claims: dict[str, JsonValue] = Field(
        default_factory=dict,
        title="Additional Claims",
        description="Further members of the assertion, such as `scope`. `exp` may shorten its life of 180 "
        "seconds; `iss`, `sub` and `aud` have their own fields.",
    )
    jwt_headers: JwtHeaders = Field(default_factory=dict)
    passphrase: Passphrase = None

    @field_validator("additional_claims")
    @classmethod
    def _within_limits(cls, claims: dict[str, JsonValue]) -> dict[str, JsonValue]:
        own = [name for name in OWN_CLAIMS if name in claims]
        if own:
            raise ValueError(
                f"must not set {', '.join(own)}: `client_id` gives iss, `subject` sub and `audience` aud"
            )
        for name, seconds, example in (
            ("exp", ASSERTION_SECONDS, "{{ now(120) }}"),
            ("iat", 0, "{{ now() }}"),
        ):
            value = claims.get(name, 0)
            if isinstance(value, str) and is_template(value):
                continue
            date = as_date(value)
            if not _is_number(date):
                raise ValueError(f"`{name}` must be a number of seconds; write {example}")
            # A fixed time that is allowed once stays allowed: a saved document never turns into a fault.
            if date > time.time() + seconds:
                raise ValueError(
                    f"`{name}` lies beyond the assertion's {ASSERTION_SECONDS} s; write {example}"
                )
        return claims


@dataclass(frozen=True, slots=True)
class JwtBearer:
    """Exchanges a signed assertion for an access token. The assertion goes to the token URL only."""

    cached: ClassVar[bool] = True
    origin: ClassVar[Source] = "fetched"
    credential_header: ClassVar[str] = "authorization"

    client_id: Secret[str] = field(repr=False)
    subject: Secret[str] = field(repr=False)
    audience: Secret[str] = field(repr=False)
    token_url: RenderedUrl
    token_ttl: int
    signer: Signer
    additional_claims: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_rendered(cls, config: Mapping[str, Any]) -> Self:
        try:
            ttl = parse_seconds(
                reveal(config["token_ttl"]) if "token_ttl" in config else int(DEFAULT_LIFETIME)
            )
        except ValueError as problem:
            raise unusable("token_ttl", str(problem)) from None
        return cls(
            rendered_text(config, "client_id"),
            rendered_text(config, "subject"),
            rendered_text(config, "audience"),
            rendered_url(config, "token_url"),
            ttl,
            Signer.from_rendered(config),
            with_numeric_dates(config.get("additional_claims", {})),
        )

    @property
    def signs_slowly(self) -> bool:
        return self.signer.slow

    def identity(self) -> Self:
        return replace(self, additional_claims=without_moments(self.additional_claims))

    def obtain(self, now: float) -> Obtaining:
        assertion = self.signer.sign(self.claims(int(now)))
        form = [("grant_type", GRANT_TYPE), ("assertion", assertion.reveal())]
        reply = yield token_request(self.token_url, form)
        token = read_token(reply, now)
        ttl = float(self.token_ttl)
        return bearer(token.value, ttl if token.expires_in is None else min(ttl, token.expires_in))

    def claims(self, now: int) -> dict[str, Any]:
        """The assertion's payload (RFC 7523 section 3). Raises SigningFailed when `additional_claims`
        stretch its life."""
        issued = self._date("iat", now)
        latest = min(issued, now) + ASSERTION_SECONDS
        expires = self._date("exp", latest)
        if expires > latest or issued > now:
            name, limit = ("exp", latest - now) if expires > latest else ("iat", 0)
            raise _refused(
                f"`{name}` in `additional_claims` lies beyond the assertion's {ASSERTION_SECONDS} s; "
                f"{{{{ now({limit}) }}}} is the latest"
            )
        if expires <= now:
            raise _refused("`exp` in `additional_claims` has passed already; write {{ now(120) }}")
        own = {
            "iss": self.client_id.reveal(),
            "sub": self.subject.reveal(),
            "aud": self.audience.reveal(),
            "exp": expires,
            "iat": issued,
        }
        return own | {name: value for name, value in self.additional_claims.items() if name not in own}

    def _date(self, name: str, default: int) -> int:
        value = self.additional_claims.get(name, default)
        if not _is_number(value):
            raise _refused(
                f"`{name}` in `additional_claims` is not a number of seconds; write {{{{ now() }}}}"
            )
        return int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _refused(detail: str) -> SigningFailed:
    return SigningFailed(detail, field=f"{CONFIG}.additional_claims")
