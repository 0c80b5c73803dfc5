"""OAuth client credentials (REFERENCE 3.3; RFC 6749 section 4.4), the credentials in the form body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from pydantic import Field

from sealgate.auth._fields import ClientId, TokenUrl, optional_text, rendered_text, rendered_url
from sealgate.auth._oauth import DEFAULT_LIFETIME, bearer, read_token, token_request
from sealgate.auth.base import AuthenticationConfig, Obtaining, RenderedUrl, Source
from sealgate.secret import Secret


class ClientCredentialsConfig(AuthenticationConfig):
    """Who the client is, where it gets its token and for which scope."""

    credential_fields: ClassVar[tuple[str, ...]] = ("client_secret",)
    url_fields: ClassVar[tuple[str, ...]] = ("token_url",)

    client_id: ClientId
    client_secret: str = Field(
        title="Client Secret",
        min_length=1,
        description="The OAuth client secret as a secret, such as {{ get_secret('client_secret') }}.",
    )
    token_url: TokenUrl
    scope: str | None = Field(
        None, title="Scope", description="The scopes to ask for, separated by spaces, such as `api read`."
    )


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Exchanges a client id and secret for an access token."""

    cached: ClassVar[bool] = True
    origin: ClassVar[Source] = "fetched"
    signs_slowly: ClassVar[bool] = False
    credential_header: ClassVar[str] = "authorization"

    client_id: Secret[str] = field(repr=False)
    client_secret: Secret[str] = field(repr=False)
    token_url: RenderedUrl
    scope: Secret[str] = field(repr=False)

    @classmethod
    def from_rendered(cls, config: Mapping[str, Any]) -> Self:
        return cls(
            rendered_text(config, "client_id"),
            rendered_text(config, "client_secret"),
            rendered_url(config, "token_url"),
            optional_text(config, "scope"),
        )

    def identity(self) -> Self:
        return self

    def obtain(self, now: float) -> Obtaining:
        form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.reveal()),
            ("client_secret", self.client_secret.reveal()),
        ]
        if self.scope:
            form.append(("scope", self.scope.reveal()))
        reply = yield token_request(self.token_url, form)
        token = read_token(reply, now)
        lifetime = DEFAULT_LIFETIME if token.expires_in is None else token.expires_in
        return bearer(token.value, lifetime)
