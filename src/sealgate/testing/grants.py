"""The OAuth server's rules, by Authlib: who the clients are, which grants exist, what a token is."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from authlib.common.security import generate_token
from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidGrantError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7523 import JWTBearerGrant
from joserfc.errors import JoseError
from joserfc.jwk import Key

from sealgate.testing.jwts import read, verify
from sealgate.testing.wire import Headers, Received, Reply

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_LENGTH = 42


@dataclass
class TokenRequest:
    """One request to the token endpoint and what became of it."""

    target: str
    headers: Headers
    body: bytes
    """The raw body, credentials included."""
    form: dict[str, str]
    assertion_header: dict[str, Any] | None = None
    assertion_claims: dict[str, Any] | None = None
    """As sent, verified or not."""
    verified: bool = False
    """Whether the client secret, or the assertion with all its claims, was found right."""
    status: int | None = None
    """`None` while it is being answered, and when the connection was closed instead."""
    error: str | None = None
    """The OAuth error code that Authlib answered."""


@dataclass(frozen=True)
class IssuedToken:
    """An access token that this server gave out."""

    token: str = field(repr=False)
    client_id: str
    subject: str | None
    scope: str
    grant_type: str
    expires_at: float
    """Unix time in seconds."""


@dataclass
class Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A registered client: a secret opens the client credentials grant, a key the JWT bearer grant."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    key: Key | None = field(default=None, repr=False)
    algorithm: str = "RS256"
    scopes: frozenset[str] = frozenset()

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """`None`, which Authlib answers as `invalid_scope`, when any part is not the client's."""
        asked = (scope or "").split()
        return " ".join(asked) if self.scopes.issuperset(asked) else None

    def check_client_secret(self, client_secret: str) -> bool:
        return self.secret is not None and hmac.compare_digest(self.secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_post"

    def check_grant_type(self, grant_type: str) -> bool:
        return (self.key if grant_type == JWT_BEARER else self.secret) is not None


@dataclass
class Directory:
    """What the server knows and what it gave out."""

    audiences: list[str]
    expires_in: int
    clients: dict[str, Client] = field(default_factory=dict)
    subjects: set[str] = field(default_factory=set)
    issued: list[IssuedToken] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)

    def client(self, client_id: str) -> Client:
        return self.clients.setdefault(client_id, Client(client_id))


class FormRequest(OAuth2Request):  # type: ignore[misc]
    """Authlib's view of a token request."""

    def __init__(self, url: str, method: str, record: TokenRequest) -> None:
        super().__init__(method, url, headers=dict(record.headers))
        self.payload = BasicOAuth2Payload(record.form)
        self.record = record

    @property
    def form(self) -> dict[str, str]:
        return self.record.form


class TokenEndpoint(AuthorizationServer):  # type: ignore[misc]
    """Authlib's authorization server over a `Directory`, answering with `Reply`."""

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self.directory = directory
        self.register_token_generator("default", _Bearer(lambda: directory.expires_in))
        self.register_grant(_ClientCredentials)
        self.register_grant(_JwtBearer)

    def answer(self, url: str, received: Received, record: TokenRequest) -> Reply:
        """The reply of a correct server; `record` learns what was found."""
        reply = self.create_token_response(FormRequest(url, received.method, record))
        assert isinstance(reply, Reply)
        return reply

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def handle_response(self, status: int, body: object, headers: Iterable[tuple[str, str]]) -> Reply:
        return Reply(status, list(headers), json.dumps(body).encode())

    def handle_error_response(self, request: FormRequest, error: OAuth2Error) -> Reply:
        request.record.error = error.error
        reply: Reply = super().handle_error_response(request, error)
        return reply

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def query_client(self, client_id: str) -> Client | None:
        return self.directory.clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: FormRequest) -> None:
        request.record.verified = True
        self.directory.issued.append(
            IssuedToken(
                token=token["access_token"],
                client_id=request.client.client_id,
                subject=request.user,
                scope=token.get("scope", ""),
                grant_type=request.payload.grant_type,
                expires_at=time.time() + token["expires_in"],
            )
        )


class _Bearer(BearerTokenGenerator):  # type: ignore[misc]
    """Always tells `expires_in`, 0 too, which Authlib would leave out."""

    def __init__(self, expires_in: Callable[[], int]) -> None:
        super().__init__(access_token_generator=_new_token)
        self._seconds = expires_in

    def generate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().generate(*args, **kwargs), "expires_in": self._seconds()}


class _ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post",)


class _JwtBearer(JWTBearerGrant):  # type: ignore[misc]
    """RFC 7523 with all algorithms of `ALGORITHMS`, each client bound to the one it registered."""

    CLAIMS_OPTIONS: ClassVar = {**JWTBearerGrant.CLAIMS_OPTIONS, "sub": {"essential": True}}

    def process_assertion_claims(self, assertion: str) -> dict[str, Any]:
        # Authlib itself accepts joserfc's three recommended algorithms only, and any of them for any client.
        try:
            issuer = read(assertion)[1].get("iss")
        except ValueError:
            raise InvalidGrantError("The assertion is not a JWT.") from None
        client = self.server.query_client(issuer) if isinstance(issuer, str) else None
        if client is None or client.key is None:
            raise InvalidGrantError("No key is registered for the assertion's issuer.")
        try:
            _, claims = verify(assertion, client.key, client.algorithm)
        except (JoseError, ValueError) as error:
            raise InvalidGrantError(f"The assertion's signature is not right: {error}") from error
        self.verify_claims(claims)
        return claims

    def resolve_issuer_client(self, issuer: str) -> Client | None:
        client: Client | None = self.server.query_client(issuer)
        return client

    def authenticate_user(self, subject: str) -> str | None:
        return subject if subject in self.server.directory.subjects else None

    def has_granted_permission(self, client: Client, user: str) -> bool:
        return True

    def get_audiences(self) -> list[str]:
        audiences: list[str] = self.server.directory.audiences
        return audiences

    def create_token_response(self) -> Any:
        # Servers of this grant take the scope from the assertion (Google, Salesforce) or from the form.
        form = self.request.form
        if "scope" not in form and (scope := (self.request.record.assertion_claims or {}).get("scope")):
            form["scope"] = str(scope)
        return super().create_token_response()


def _new_token(**_: Any) -> str:
    token: str = generate_token(TOKEN_LENGTH)
    return token
