"""Whether a gateway does the job, before its time is taken: the upstream has to receive the credential,
and the caller the body."""

from __future__ import annotations

import json
import secrets
import socket
import time
from http.client import HTTPResponse
from typing import Any

import jwt

from bench.peers.base import Peer, Site
from bench.scenarios import FIELDS, LARGE, SIGNED, SMALL, Scenario, large_body, reshaped, small_body

LOG_SECONDS = 5


class DoesNotDoTheJob(Exception):
    """Its text says what the gateway did instead."""


def check(peer: Peer, site: Site, scenario: Scenario) -> None:
    """Make one call. Raises DoesNotDoTheJob."""
    mark = secrets.token_hex(8)
    status, body = call(site.port, peer.request(site, scenario, f"?check={mark}"))
    if status != 200:
        raise DoesNotDoTheJob(f"the caller got {status}: {body[:500].decode(errors='replace')}")
    expected = _expected_body(scenario)
    if (json.loads(body) if isinstance(expected, dict) else body) != expected:
        raise DoesNotDoTheJob(f"the caller got another body: {body[:500].decode(errors='replace')}")
    calls = 2 if scenario.name == "composite" else 1
    deadline = time.monotonic() + LOG_SECONDS
    while len(received := site.upstream.received(mark)) < calls and time.monotonic() < deadline:
        time.sleep(0.01)
    if len(received) != calls:
        raise DoesNotDoTheJob(f"the upstream received {len(received)} requests instead of {calls}")
    if scenario.name == "cached":
        _hit(peer, site, scenario, mark)
    for request in received:
        if wrong := _wrong_credential(site, scenario, request):
            raise DoesNotDoTheJob(wrong)


def _hit(peer: Peer, site: Site, scenario: Scenario, mark: str) -> None:
    """The same call again must not reach the upstream. A third, different call shows that the
    upstream has written down everything before it. Raises DoesNotDoTheJob."""
    call(site.port, peer.request(site, scenario, f"?check={mark}"))
    last = secrets.token_hex(8)
    call(site.port, peer.request(site, scenario, f"?check={last}"))
    deadline = time.monotonic() + LOG_SECONDS
    while not site.upstream.received(last) and time.monotonic() < deadline:
        time.sleep(0.01)
    if len(site.upstream.received(mark)) != 1:
        raise DoesNotDoTheJob("the second call reached the upstream, too: it is no cache hit")


def call(port: int, request: bytes) -> tuple[int, bytes]:
    """Status and body."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection)
        response.begin()
        return response.status, response.read()


def _expected_body(scenario: Scenario) -> Any:
    if scenario.name == "composite":
        return {"first": 1, "second": 1}
    if scenario.name == "rows":
        return reshaped(large_body())
    return large_body() if scenario.upstream == LARGE else small_body()


def _wrong_credential(site: Site, scenario: Scenario, received: dict[str, Any]) -> str | None:
    credentials = site.credentials
    bearer = received["authorization"].removeprefix("Bearer ")
    if scenario.name == "none":
        wrong = bool(received["api_key"] or received["authorization"])
    elif scenario.name == "oauth":
        wrong = bearer != credentials.access_token
    elif scenario.name in SIGNED:
        return _wrong_signature(bearer, credentials.verifying_key(scenario.name), SIGNED[scenario.name])
    else:
        wrong = received["api_key"] != credentials.api_key
    if scenario.name == "fields":
        wrong |= any(received[name] != value for name, value in FIELDS.items())
        wrong |= abs(int(received["X-Expires"] or 0) - time.time() - 60) > 5
    if scenario.name == "tls":
        wrong |= received["scheme"] != "https"
    return f"the upstream received {received}" if wrong else None


def _wrong_signature(token: str, key: str, algorithm: str) -> str | None:
    try:
        jwt.decode(token, key, algorithms=[algorithm], audience="https://api.example.com", issuer="bench")
    except jwt.InvalidTokenError as problem:
        return f"the upstream received a token that does not verify: {problem}"
    return None


def direct_request(scenario: Scenario) -> bytes:
    """The same call made at the upstream, without a gateway."""
    assert scenario.upstream == SMALL
    return f"GET {scenario.upstream} HTTP/1.1\r\nHost: api.example.com\r\n\r\n".encode()
