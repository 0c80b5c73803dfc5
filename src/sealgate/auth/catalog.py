"""The authentication types, in the documented order. Adding a type is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sealgate.auth.api_key import ApiKey, ApiKeyConfig
from sealgate.auth.base import Authentication, AuthenticationConfig
from sealgate.auth.client_credentials import ClientCredentials, ClientCredentialsConfig
from sealgate.auth.jwt import Jwt, JwtConfig
from sealgate.auth.jwt_bearer import JwtBearer, JwtBearerConfig
from sealgate.auth.none import NoAuthentication, NoConfig


@dataclass(frozen=True, slots=True)
class AuthenticationType:
    """A type: its `name` in documents, its `title` and one-sentence `summary` for people."""

    name: str
    title: str
    config: type[AuthenticationConfig]
    value: type[Authentication]
    summary: str


_ALL = (
    AuthenticationType("none", "None", NoConfig, NoAuthentication, "The request goes out as configured."),
    AuthenticationType(
        "api_key", "API Key", ApiKeyConfig, ApiKey, "A fixed key in a header or a query parameter."
    ),
    AuthenticationType(
        "oauth_client_credentials",
        "OAuth Client Credentials",
        ClientCredentialsConfig,
        ClientCredentials,
        "A client id and secret are exchanged for an access token, which is cached and sent as Bearer.",
    ),
    AuthenticationType(
        "jwt", "JWT", JwtConfig, Jwt, "A JSON Web Token is signed for every request and sent as Bearer."
    ),
    AuthenticationType(
        "oauth_jwt_bearer",
        "OAuth JWT Bearer",
        JwtBearerConfig,
        JwtBearer,
        "A signed assertion is exchanged for an access token, which is cached and sent as Bearer (RFC 7523).",
    ),
)

TYPES: Mapping[str, AuthenticationType] = MappingProxyType({kind.name: kind for kind in _ALL})
