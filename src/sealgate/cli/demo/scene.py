"""What a scene of the demo is: a connector, called three times, and judged by what was received."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sealgate.cli.demo.gateway import Answer
from sealgate.testing import FakeApi, OAuthServer, Received, TokenRequest
from sealgate.testing.jwts import read
from sealgate.testing.keys import ec_key, rsa_key

CALLS = 3
Document = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One thing that must be true."""

    text: str
    right: bool


@dataclass(frozen=True)
class Row:
    """One connector's line in the table."""

    title: str
    received: Sequence[str]
    checks: Sequence[Check]

    @property
    def right(self) -> bool:
        return all(check.right for check in self.checks)


class Stage:
    """The demo API and OAuth server with their registrations, the user, and the secrets to store."""

    def __init__(self, api: FakeApi, oauth: OAuthServer) -> None:
        self.api, self.oauth = api, oauth
        self.user = {
            "sub": "demo-user",
            "email": "ada@example.com",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "preferred_username": "ada",
        }
        self.jwt_key, self.assertion_key = ec_key("P-256", "demo"), rsa_key(2048, "demo")
        self.secrets = {
            "weather_api_key": f"sk-{secrets.token_hex(16)}",
            "crm_client_id": "demo-service",
            "crm_client_secret": secrets.token_urlsafe(24),
            "signing_private_key": self.jwt_key.private_pem,
            "crm_app_id": "demo-app",
            "crm_app_private_key": self.assertion_key.private_pem,
        }
        oauth.add_client("demo-service", self.secrets["crm_client_secret"], scopes=["api"])
        oauth.add_key("demo-app", self.assertion_key.public_pem, "RS256", scopes=["api"])
        oauth.allow_subject(self.user["email"])


@dataclass(frozen=True)
class Evidence:
    """What the API, the OAuth server and the caller saw during the calls of one connector."""

    received: Sequence[Received]
    token_requests: Sequence[TokenRequest]
    answers: Sequence[Answer]
    session: str = field(repr=False)

    @property
    def request_line(self) -> str:
        """Method and target of the last call."""
        return f"{self.received[-1].method} {self.received[-1].target}"

    @property
    def bearer_tokens(self) -> list[str]:
        """What followed `Bearer ` in each call."""
        return [(each.header("Authorization") or "").removeprefix("Bearer ") for each in self.received]

    def seen_by_api(self, text: str) -> bool:
        """Whether a text stands anywhere in what the API received."""
        return any(text in f"{each.target}{each.headers}{each.body!r}" for each in self.received)

    def token_requests_are(self, number: int) -> Check:
        """As many token requests as there should be."""
        noun = "request" if len(self.token_requests) == 1 else "requests"
        return Check(
            f"{len(self.token_requests)} token {noun} for {CALLS} calls", len(self.token_requests) == number
        )


class Scene(ABC):
    """One connector: its document, how it is called, and what to look at afterwards."""

    title: ClassVar[str]
    permalink: ClassVar[str]
    path: ClassVar[str]
    query: ClassVar[str] = ""

    @abstractmethod
    def authentication(self, stage: Stage) -> Document:
        """The connector's `authentication`."""

    @abstractmethod
    def show(self, evidence: Evidence, stage: Stage) -> list[str]:
        """What was received, credentials shortened, below the request line."""

    @abstractmethod
    def judge(self, evidence: Evidence, stage: Stage) -> list[Check]:
        """What must be true of it."""

    def document(self, stage: Stage) -> Document:
        """The connector to store."""
        return {
            "name": f"Demo: {self.title}",
            "permalink": self.permalink,
            "url": stage.api.origin + self.path,
            "method": "GET",
            "authentication": self.authentication(stage),
        }

    def row(self, evidence: Evidence, stage: Stage) -> Row:
        """What happened, judged."""
        if len(evidence.received) != CALLS or any(answer.status != 200 for answer in evidence.answers):
            return Row(self.title, ["(not as it should be)"], _what_went_wrong(evidence))
        checks = [
            Check(f"{CALLS} calls answered 200", all(each.path == self.path for each in evidence.received)),
            *self.judge(evidence, stage),
            Check("user's session not sent to the API", not evidence.seen_by_api(evidence.session)),
        ]
        shown = "\n".join([evidence.request_line, *self.show(evidence, stage)])
        for name in ("weather_api_key", "crm_client_secret"):
            shown = shown.replace(stage.secrets[name], shortened(stage.secrets[name]))
        return Row(self.title, shown.splitlines(), checks)


def shortened(credential: str) -> str:
    """Enough of a credential to recognise it."""
    return f"{credential[:8]}…"


def decoded(token: str) -> list[str]:
    """Header and claims of a JWT, a line for each member."""
    try:
        header, claims = read(token)
    except ValueError:
        return ["  not a JWT"]
    return _members("header", header) + _members("claims", claims)


def _members(title: str, members: Document) -> list[str]:
    lines = [f"{name}: {value}" for name, value in members.items()]
    return [f"  {title if index == 0 else '':6}  {line}" for index, line in enumerate(lines)]


def _what_went_wrong(evidence: Evidence) -> list[Check]:
    checks = [Check(f"the API received {len(evidence.received)} of {CALLS} calls", False)]
    for answer in evidence.answers:
        if answer.status != 200:
            reason = answer.body.decode(errors="replace")[:300]
            return [*checks, Check(f"Sealgate answered {answer.status}: {reason}", False)]
    return checks
