"""A scripted token endpoint, a token store in memory (the port's simplest answer), a clock to turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs

import pytest

from sealgate.auth.base import RenderedUrl, TokenReply
from sealgate.auth.client_credentials import ClientCredentials
from sealgate.auth.jwt_bearer import JwtBearer
from sealgate.broker import TokenBroker
from sealgate.errors import TokenRequestFailed
from sealgate.message import Origin, Request
from sealgate.secret import Secret, reveal
from sealgate.stores.ports import CachedToken, TokenEntry, TokenFailure

START = 1743003600.0
URL = RenderedUrl(Origin("https", "idp.example", 443), "/token")


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class MemoryTokenStore:
    """`TokenStore` without a database. Every method yields once, as a real one would."""

    def __init__(self) -> None:
        self.entries: dict[str, TokenEntry] = {}
        self.owners: dict[str, str] = {}
        self.reads = 0
        self.drop_delay = 0.0

    async def read(self, key: str) -> TokenEntry:
        self.reads += 1
        await asyncio.sleep(0)
        return self.entries.get(key, TokenEntry())

    async def lease(self, key: str, owner: str, now: float, seconds: float) -> bool:
        await asyncio.sleep(0)
        entry = self.entries.get(key, TokenEntry())
        if entry.leased_until > now and self.owners[key] != owner:
            return False
        self.owners[key] = owner
        self.entries[key] = replace(entry, leased_until=now + seconds)
        return True

    async def store(self, key: str, owner: str, token: CachedToken) -> None:
        await asyncio.sleep(0)
        self.entries[key] = TokenEntry(token=token)

    async def fail(self, key: str, owner: str, failure: TokenFailure) -> None:
        await asyncio.sleep(0)
        self.entries[key] = replace(self.entries[key], failure=failure, leased_until=0.0)

    async def release(self, key: str, owner: str) -> None:
        await asyncio.sleep(0)
        if self.owners.get(key) == owner:
            self.entries[key] = replace(self.entries[key], leased_until=0.0)

    async def drop(self, key: str, value: Secret[str]) -> None:
        await asyncio.sleep(self.drop_delay)
        entry = self.entries.get(key)
        if entry and entry.token and entry.token.value == value:
            self.entries[key] = replace(entry, token=None)


@dataclass
class Endpoint:
    """Counts what it is asked and answers as told: a reply, an error to raise, or a granted token."""

    requests: list[Request] = field(default_factory=list)
    answers: list[TokenReply | Exception] = field(default_factory=list)
    expires_in: float | str | None = 3600
    delay: float = 0.0

    async def __call__(self, request: Request) -> TokenReply:
        self.requests.append(request)
        number = len(self.requests)
        await asyncio.sleep(self.delay)
        answer = self.answers.pop(0) if self.answers else self._token(number)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _token(self, number: int) -> TokenReply:
        members: dict[str, object] = {"access_token": f"T{number}", "token_type": "Bearer"}
        if self.expires_in is not None:
            members["expires_in"] = self.expires_in
        return TokenReply(200, {}, json.dumps(members).encode())

    def form(self, index: int) -> dict[str, list[str]]:
        body = self.requests[index].body
        assert isinstance(body, Secret)
        return parse_qs(reveal(body).decode())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> MemoryTokenStore:
    return MemoryTokenStore()


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
async def process(store, endpoint, clock):
    """Makes brokers, each as in a process of its own, on one store."""
    made: list[TokenBroker] = []

    def make(**options: float) -> TokenBroker:
        made.append(TokenBroker(store, endpoint, b"k" * 32, clock, **options))
        return made[-1]

    yield make
    for broker in made:
        await broker.close()


@pytest.fixture
def broker(process) -> TokenBroker:
    return process()


@pytest.fixture
def refused(broker, client) -> Callable[[], Awaitable[TokenRequestFailed]]:
    """The error that a caller gets for its credential."""

    async def call() -> TokenRequestFailed:
        with pytest.raises(TokenRequestFailed) as caught:
            await broker.credential(client(), "t1")
        return caught.value

    return call


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Let other tasks run until something holds."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    return wait


@pytest.fixture
def client() -> Callable[..., ClientCredentials]:
    def make(**members: object) -> ClientCredentials:
        config = {"client_id": "id", "client_secret": Secret("secret"), "token_url": URL}
        return ClientCredentials.from_rendered(config | members)

    return make


@pytest.fixture
def subject() -> Callable[[str], JwtBearer]:
    def make(email: str) -> JwtBearer:
        return JwtBearer.from_rendered(
            {
                "client_id": "id",
                "private_key": Secret("0123456789abcdef" * 2),
                "algorithm": "HS256",
                "token_url": URL,
                "subject": email,
                "audience": "https://idp.example",
            }
        )

    return make
