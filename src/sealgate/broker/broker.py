"""The broker itself. Types obtain, the broker caches, the pipeline applies (design section 1.4).

For each token key there is at most one *flight* in a process: a task of its own that looks into the
store, takes the lease that other processes respect, and fetches. Callers wait for the flight; one
that is cancelled does not take the others down.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import structlog

from sealgate.auth._oauth import what_it_said
from sealgate.auth._shown import shown_token_request
from sealgate.auth.base import Authentication, Credential, Obtaining, Source, TokenReply, fingerprint
from sealgate.broker.lifetime import LONGEST_BACK_OFF, cached_token, credential_of, error_of, failure_of
from sealgate.broker.memory import Memory
from sealgate.broker.signing import SigningThreads
from sealgate.errors import Downstream, TokenRequestFailed
from sealgate.message import Request
from sealgate.stores.ports import CachedToken, TokenEntry, TokenFailure, TokenStore

log = structlog.get_logger()

MEMORY_SIZE = 10_000
KNOWN_KEYS = 1024
POLL_SECONDS = 0.03
GRACE_SECONDS = 2.0
"""How much longer than a token request a lease holds and others wait for it."""


@dataclass(frozen=True, slots=True)
class TokenFetch:
    """What explain shows of a token request."""

    status: int
    token_type: str | None
    expires_in: float | None
    scope: str | None
    seconds: float
    asked: Mapping[str, Any] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "token_type": self.token_type,
            "expires_in": self.expires_in,
            "scope": self.scope,
            "ms": round(self.seconds * 1000, 2),
            "request": self.asked,
        }


@dataclass(frozen=True, slots=True)
class Obtained:
    """A credential and where it came from. `key` is the cache's, for `refuse`."""

    credential: Credential | None
    origin: Source | Literal["cache"]
    key: str | None = None
    fetch: TokenFetch | None = None


@dataclass(frozen=True, slots=True)
class _Landed:
    """How a flight ended: with a token, with a credential for one use, or with a failure."""

    token: CachedToken | None = None
    use_once: Credential | None = None
    failure: TokenFailure | None = None
    fetch: TokenFetch | None = None


@dataclass(frozen=True, slots=True)
class _Finished:
    """A credential that needed no token request."""

    credential: Credential | None


def _begin(obtaining: Obtaining) -> Request | _Finished:
    """The first token request, or the end: a StopIteration cannot leave a thread through a future."""
    try:
        return next(obtaining)
    except StopIteration as done:
        return _Finished(done.value)


class TokenBroker:
    """One per process. `send` exchanges a token request for its whole reply, within `fetch_seconds`."""

    def __init__(
        self,
        store: TokenStore,
        send: Callable[[Request], Awaitable[TokenReply]],
        key: bytes,
        clock: Callable[[], float] = time.time,
        *,
        fetch_seconds: float = 15.0,
        memory_size: int = MEMORY_SIZE,
    ) -> None:
        self._store = store
        self._send = send
        self._key = key
        self._clock = clock
        self._fetch_seconds = fetch_seconds
        self._memory = Memory(memory_size)
        self._flights: dict[str, asyncio.Task[_Landed]] = {}
        self._signing = SigningThreads()
        self._keys: dict[int, tuple[Authentication, str, str]] = {}
        self._owner = secrets.token_hex(8)

    async def credential(self, value: Authentication, tenant: str) -> Obtained:
        """A usable credential: from the cache, or obtained now.

        Raises TokenRequestFailed (with `retry_after` while the endpoint is left alone), SigningFailed
        or DestinationBlocked."""
        if not value.cached:
            credential, _, _ = await self._obtain(value)
            return Obtained(credential, value.origin)
        key = self._key_of(value, tenant)
        held, now = self._memory.of(key), self._clock()
        token = held.usable(now)
        if token:
            if now >= held.refresh_after:
                self._flight(key, value, refresh=True)
            return Obtained(credential_of(token), "cache", key)
        if held.failure and now < held.failure.retry_at:
            raise error_of(held.failure, held.hint, held.asked, now)
        return await self._wait(key, value)

    async def refuse(self, obtained: Obtained) -> bool:
        """An API said 401. Drop this token, here and in the store, and no newer one.

        True: ask for a credential again and repeat the request once. False: the credential is not a
        cached one, or the API keeps refusing fresh ones."""
        if obtained.key is None or obtained.credential is None:
            return False
        value, held = obtained.credential.value, self._memory.of(obtained.key)
        already_replaced = held.token.value != value if held.token else held.refused == value
        if already_replaced:
            return True
        if not held.refuse(value, self._clock()):
            return False
        await self._store.drop(obtained.key, value)
        return True

    async def close(self) -> None:
        """End every flight; its lease is given back."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        self._signing.close()

    async def _wait(self, key: str, value: Authentication) -> Obtained:
        first = key not in self._flights
        landed = await asyncio.shield(self._flight(key, value))
        if landed.failure:
            held = self._memory.of(key)
            raise error_of(landed.failure, held.hint, held.asked, self._clock())
        if landed.token:
            if first and landed.fetch:
                return Obtained(credential_of(landed.token), "fetched", key, landed.fetch)
            return Obtained(credential_of(landed.token), "cache", key)
        if first:
            return Obtained(landed.use_once, "fetched", None, landed.fetch)
        # Another caller's credential was for one use.
        credential, fetch, _ = await self._obtain(value)
        return Obtained(credential, "fetched", None, fetch)

    # -- flights -----------------------------------------------------------------------------------

    def _flight(self, key: str, value: Authentication, *, refresh: bool = False) -> asyncio.Task[_Landed]:
        """The running flight of a key, or a new one."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._fly(key, value, refresh))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done, refresh))
        return flight

    def _land(self, key: str, done: asyncio.Task[_Landed], refresh: bool) -> None:
        del self._flights[key]
        if done.cancelled():
            return
        error = done.exception()
        if error:
            self._memory.of(key).refresh_after = self._clock() + LONGEST_BACK_OFF
        if refresh and (error or done.result().failure):
            log.warning("token_refresh_failed", key=key[:12], error=type(error).__name__ if error else None)

    async def _fly(self, key: str, value: Authentication, refresh: bool) -> _Landed:
        """Take what the store has, wait for another process that fetches, or fetch."""
        try:
            async with asyncio.timeout(self._fetch_seconds + GRACE_SECONDS):
                while True:
                    landed = self._adopt(key, await self._store.read(key), refresh)
                    if landed:
                        return landed
                    if await self._store.lease(
                        key, self._owner, self._clock(), self._fetch_seconds + GRACE_SECONDS
                    ):
                        break
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise TokenRequestFailed(
                "another process is fetching this token and has not finished; try again"
            ) from None
        try:
            return await self._fetch(key, value, refresh)
        except BaseException:
            await self._store.release(key, self._owner)
            raise

    def _adopt(self, key: str, entry: TokenEntry, refresh: bool) -> _Landed | None:
        """What the store's entry settles: a token good enough, or a failure that is still in force."""
        held, token, now = self._memory.of(key), entry.token, self._clock()
        if (
            token
            and token.value != held.refused
            and now < (token.refresh_at if refresh else token.expires_at)
        ):
            held.keep(token)
            return _Landed(token=token)
        if entry.failure and now < entry.failure.retry_at:
            held.note(entry.failure)
            return _Landed(failure=entry.failure)
        return None

    async def _fetch(self, key: str, value: Authentication, refresh: bool) -> _Landed:
        """Fetch under the lease, unless another process did so just before it was granted."""
        entry = await self._store.read(key)
        landed = self._adopt(key, entry, refresh)
        if landed:
            await self._store.release(key, self._owner)
            return landed
        try:
            credential, fetch, obtained_at = await self._obtain(value)
        except TokenRequestFailed as error:
            failure = failure_of(error, entry.failure, self._clock())
            self._memory.of(key).note(failure, error.hint, error.asked)
            await self._store.fail(key, self._owner, failure)
            return _Landed(failure=failure)
        if credential is None or credential.lifetime is None:
            await self._store.release(key, self._owner)
            return _Landed(use_once=credential, fetch=fetch)
        token = cached_token(credential, credential.lifetime, obtained_at)
        self._memory.of(key).keep(token)
        await self._store.store(key, self._owner, token)
        return _Landed(token=token, fetch=fetch)

    def _key_of(self, value: Authentication, tenant: str) -> str:
        """The cache's key. Where nothing in a config can differ its value is the same object in all runs, and
        the key is made once."""
        known = self._keys.get(id(value))
        if known and known[0] is value and known[1] == tenant:
            return known[2]
        key = fingerprint(value, self._key, tenant)
        if len(self._keys) >= KNOWN_KEYS:
            self._keys.clear()
        self._keys[id(value)] = (value, tenant, key)
        return key

    # -- obtaining ---------------------------------------------------------------------------------

    async def _obtain(self, value: Authentication) -> tuple[Credential | None, TokenFetch | None, float]:
        """Step the value's generator: the credential, its token request, and when it began."""
        now, fetch = self._clock(), None
        obtaining = value.obtain(now)
        begin = partial(_begin, obtaining)
        request = await self._signing.run(begin) if value.signs_slowly else begin()
        if isinstance(request, _Finished):
            return request.credential, None, now
        try:
            while True:
                started = time.perf_counter()
                reply = await self._exchange(request)
                seconds, asked = time.perf_counter() - started, shown_token_request(request)
                fetch = TokenFetch(reply.status, *what_it_said(reply), seconds, asked)
                request = obtaining.send(reply)
        except StopIteration as done:
            return done.value, fetch, now
        except TokenRequestFailed as error:
            error.asked = shown_token_request(request)
            raise

    async def _exchange(self, request: Request) -> TokenReply:
        try:
            async with asyncio.timeout(self._fetch_seconds + GRACE_SECONDS / 2):
                return await self._send(request)
        except Downstream as error:
            raise TokenRequestFailed(
                f"the token endpoint gave no answer: {error.detail}", hint=error.hint
            ) from None
        except TimeoutError:
            raise TokenRequestFailed(
                f"the token endpoint did not answer within {self._fetch_seconds:g} s"
            ) from None
