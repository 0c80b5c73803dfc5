"""The host application's public keys, fetched from its JWKS (RFC 7517) through the guarded egress."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from sealgate.egress import Egress
from sealgate.errors import AuthenticationRequired, DocumentInvalid, Overloaded, SealgateError
from sealgate.findings import Finding
from sealgate.host import UrlProblem, split_url
from sealgate.message import Request
from sealgate.web.public_keys import PublicKey, read_public_key
from sealgate.web.sessions import refused

KEPT = 600.0
"""Seconds after which the keys are fetched again."""
PAUSE = 30.0
"""Least seconds between two fetches, whatever key ids callers invent."""
TIMEOUT = 5.0
LIMIT = 1024 * 1024
SETTING = "SEALGATE_SESSION_JWKS_URL"

log = structlog.get_logger("sealgate.web")


class JwksKeys:
    """A `SessionKeys` over a JWKS URL. Known keys stay in force while the URL cannot be reached."""

    def __init__(self, url: str, egress: Egress, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises DocumentInvalid when the URL can never be fetched."""
        try:
            address = split_url(url)
        except UrlProblem as problem:
            raise _unusable(f"{problem}") from None
        if reason := egress.refusal(address.origin):
            raise _unusable(f"may not be fetched: {reason}")
        target = address.path + (f"?{address.query}" if address.query is not None else "")
        self._request = Request("GET", address.origin, target, (("accept", "application/json"),))
        self._egress = egress
        self._clock = clock
        self._keys: tuple[PublicKey, ...] = ()
        self._fetched = -KEPT
        self._tried = -PAUSE
        self._lock = asyncio.Lock()

    async def find(self, header: Mapping[str, Any]) -> tuple[Any, str]:
        key = self._match(header)
        if key is None or (self._clock() - self._fetched > KEPT and not self._lock.locked()):
            await self._refresh()
            key = self._match(header)
        if key is None:
            raise self._no_key(header)
        return key.value, str(header["alg"])

    def _match(self, header: Mapping[str, Any]) -> PublicKey | None:
        """The key of the header's `kid`; without one, the only key that the algorithm fits."""
        fitting = [key for key in self._keys if str(header.get("alg")) in key.algorithms]
        if "kid" in header:
            return next((key for key in fitting if key.kid == header["kid"]), None)
        return fitting[0] if len(fitting) == 1 else None

    def _no_key(self, header: Mapping[str, Any]) -> AuthenticationRequired | Overloaded:
        if not self._keys:
            return Overloaded(
                "the keys of sessions cannot be fetched at the moment",
                headers={"retry-after": str(int(PAUSE))},
            )
        return refused("the session names no key (`kid`, `alg`) that its issuer publishes")

    async def _refresh(self) -> None:
        """Fetch the keys unless that was tried just now; concurrent callers wait for one fetch."""
        async with self._lock:
            if self._clock() - self._tried < PAUSE:
                return
            self._tried = self._clock()
            try:
                self._keys = await self._fetch()
                self._fetched = self._tried
            except (SealgateError, TimeoutError, ValueError) as error:
                log.warning("session_keys_not_fetched", reason=str(error) or type(error).__name__)

    async def _fetch(self) -> tuple[PublicKey, ...]:
        """Raises SealgateError, TimeoutError, ValueError."""
        async with asyncio.timeout(TIMEOUT):
            response = await self._egress.send(self._request, timeout=TIMEOUT, max_body=LIMIT)
            body = await response.read()
        if response.status != 200:
            raise ValueError(f"the JWKS URL answered {response.status}")
        document = json.loads(body)
        members = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(members, list):
            raise ValueError("the JWKS URL answered no JSON object with a list `keys`")
        keys = tuple(key for member in members if (key := read_public_key(member)))
        if not keys:
            raise ValueError("the JWKS holds no key that can verify sessions")
        return keys


def _unusable(message: str) -> DocumentInvalid:
    return DocumentInvalid(f"{SETTING} {message}", fields=[Finding(SETTING, message)])
