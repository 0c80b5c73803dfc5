"""A real OAuth server: Authlib checks client secrets (RFC 6749 4.4) and JWT assertions (RFC 7523)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from urllib.parse import parse_qsl

from sealgate.testing.grants import Directory, IssuedToken, TokenEndpoint, TokenRequest
from sealgate.testing.jwts import AnyKey, as_key, read
from sealgate.testing.misbehaviour import KINDS, Kind, Misbehaviour
from sealgate.testing.wire import Hangup, Received, Reply, WireServer

TOKEN_PATH = "/oauth/token"


class OAuthServer(WireServer):
    """`with OAuthServer() as oauth:` serves the token endpoint on `oauth.token_url`.

    Assertions must name `oauth.origin` or `oauth.token_url` as their audience. Authlib allows 60 s of
    clock skew."""

    def __init__(self, *, expires_in: int = 3600, port: int = 0) -> None:
        super().__init__(port)
        self.token_url = self.origin + TOKEN_PATH
        self._directory = Directory([self.origin, self.token_url], expires_in)
        self._endpoint = TokenEndpoint(self._directory)
        self._token_requests: list[TokenRequest] = []
        self._misbehaviour: Misbehaviour | None = None

    @property
    def expires_in(self) -> int:
        """Lifetime of the tokens issued from now on, in seconds."""
        return self._directory.expires_in

    @expires_in.setter
    def expires_in(self, seconds: int) -> None:
        self._directory.expires_in = seconds

    @property
    def token_requests(self) -> list[TokenRequest]:
        """A copy of the token requests so far, oldest first."""
        with self._lock:
            return list(self._token_requests)

    @property
    def issued(self) -> list[IssuedToken]:
        """A copy of the tokens given out so far, oldest first."""
        with self._lock:
            return list(self._directory.issued)

    def add_client(self, client_id: str, client_secret: str, scopes: Iterable[str] = ()) -> None:
        """Register (or change) a client of the client credentials grant."""
        client = self._directory.client(client_id)
        client.secret = client_secret
        client.scopes |= frozenset(scopes)

    def add_key(
        self, client_id: str, key: AnyKey, algorithm: str = "RS256", scopes: Iterable[str] = ()
    ) -> None:
        """Register (or change) what verifies a client's assertions: a public key as PEM or JWK, or an
        HMAC secret. The client id is the assertion's `iss`."""
        client = self._directory.client(client_id)
        client.key, client.algorithm = as_key(key, algorithm), algorithm
        client.scopes |= frozenset(scopes)

    def allow_subject(self, *subjects: str) -> None:
        """Let assertions speak for these subjects."""
        self._directory.subjects.update(subjects)

    def accepts(self, token: str) -> bool:
        """Whether an API should let this token in: issued here, not revoked, not expired."""
        found = next((issued for issued in self.issued if issued.token == token), None)
        return found is not None and token not in self._directory.revoked and time.time() < found.expires_at

    def revoke(self, token: str) -> None:
        """Make `accepts` say no to a token."""
        self._directory.revoked.add(token)

    def misbehave(self, kind: Kind, times: int | None = None, *, seconds: float | None = None) -> None:
        """Misbehave for the next `times` requests, or until `behave`.

        `seconds`: how long `slow` takes (30), what `429` tells in Retry-After (nothing)."""
        if kind not in KINDS:
            raise ValueError(f"unknown misbehaviour {kind!r}; use one of {', '.join(KINDS)}")
        with self._lock:
            self._misbehaviour = Misbehaviour(kind, times, seconds)

    def behave(self) -> None:
        """Answer rightly again."""
        with self._lock:
            self._misbehaviour = None

    def clear(self) -> None:
        """Forget the requests so far; clients, keys and tokens stay."""
        super().clear()
        with self._lock:
            self._token_requests.clear()

    def answer(self, received: Received) -> Reply:
        if received.path not in (TOKEN_PATH, "/elsewhere"):
            return Reply(
                404, [("Content-Type", "text/plain")], b"The token endpoint is " + TOKEN_PATH.encode()
            )
        record = _record(received)
        with self._lock:
            self._token_requests.append(record)
            misbehaviour = self._take_misbehaviour()
        reply = self._reply(received, record, misbehaviour)
        record.status = reply.status
        return reply

    def _reply(self, received: Received, record: TokenRequest, wrong: Misbehaviour | None) -> Reply:
        if wrong is None:
            return self._endpoint.answer(self.token_url, received, record)
        if self.closing.wait(wrong.delay):
            raise Hangup
        return wrong.refusal(received) or wrong.spoil(self._endpoint.answer(self.token_url, received, record))

    def _take_misbehaviour(self) -> Misbehaviour | None:
        current = self._misbehaviour
        if current is not None and current.left is not None:
            current.left -= 1
            if current.left <= 0:
                self._misbehaviour = None
        return current


def _record(received: Received) -> TokenRequest:
    form = dict(parse_qsl(received.body.decode("latin-1"), keep_blank_values=True))
    record = TokenRequest(received.target, received.headers, received.body, form)
    try:
        record.assertion_header, record.assertion_claims = read(form.get("assertion", ""))
    except ValueError:
        return record  # no assertion, or not a JWT: there is nothing to show
    return record
