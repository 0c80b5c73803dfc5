"""A saved change is in force in every worker within a second (design section 3)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from gateway import IN_FORCE_SECONDS, Gateway

from sealgate.testing import FakeApi

CALLS = 12
"""Each on a connection of its own: they meet both workers."""


@pytest.fixture
def permalink(gateway: Gateway) -> str:
    return f"c-{secrets.token_hex(6)}"


def in_every_worker(condition: Callable[[], bool]) -> None:
    """Wait until many calls in a row find the condition true. The time is that of a busy machine."""
    deadline = time.monotonic() + IN_FORCE_SECONDS
    while not all(condition() for _ in range(CALLS)):
        assert time.monotonic() < deadline, "not in force"
        time.sleep(0.05)


def save(gateway: Gateway, permalink: str, url: str, value: str = "") -> None:
    document: dict[str, Any] = {"name": permalink, "permalink": permalink, "url": url}
    if value:
        document["headers"] = [{"key": "X-Value", "value": value}]
    answer = gateway.admin("PUT", f"/api/v1/connectors/{permalink}", document)
    assert answer.status in (200, 201), answer.body


def leads_to(gateway: Gateway, api: FakeApi, permalink: str, target: str) -> bool:
    return gateway.call(permalink).status == 200 and api.requests[-1].target == target


def sends(gateway: Gateway, api: FakeApi, permalink: str, value: str) -> bool:
    return gateway.call(permalink).status == 200 and api.requests[-1].values("X-Value") == [value]


def test_a_connector_from_its_creation_to_its_second_life(
    gateway: Gateway, api: FakeApi, permalink: str
) -> None:
    save(gateway, permalink, f"{api.origin}/first")
    in_every_worker(lambda: leads_to(gateway, api, permalink, "/first"))
    save(gateway, permalink, f"{api.origin}/second")
    in_every_worker(lambda: leads_to(gateway, api, permalink, "/second"))
    assert gateway.admin("DELETE", f"/api/v1/connectors/{permalink}").status == 204
    in_every_worker(lambda: gateway.call(permalink).status == 404)
    save(gateway, permalink, f"{api.origin}/third")
    in_every_worker(lambda: leads_to(gateway, api, permalink, "/third"))
    assert gateway.admin("DELETE", f"/api/v1/connectors/{permalink}").status == 204
    save(gateway, permalink, f"{api.origin}/fourth")
    in_every_worker(lambda: leads_to(gateway, api, permalink, "/fourth"))


@pytest.mark.parametrize("kind", ["secret", "variable"])
def test_a_value(gateway: Gateway, api: FakeApi, permalink: str, kind: str) -> None:
    name = f"n{secrets.token_hex(6)}"
    set_to = gateway.secret if kind == "secret" else gateway.variable
    first, second = secrets.token_hex(12), secrets.token_hex(12)
    set_to(name, first)
    save(gateway, permalink, f"{api.origin}/value", f"{{{{ get_{kind}('{name}') }}}}")
    in_every_worker(lambda: sends(gateway, api, permalink, first))
    set_to(name, second)
    in_every_worker(lambda: sends(gateway, api, permalink, second))
    assert gateway.admin("DELETE", f"/api/v1/{kind}s/{name}").status == 204
    missing = f"{kind.upper()}_NOT_FOUND"
    in_every_worker(lambda: missing in gateway.call(permalink).body.decode())


def test_an_api_token(gateway: Gateway, api: FakeApi, permalink: str) -> None:
    save(gateway, permalink, f"{api.origin}/token")
    in_every_worker(lambda: leads_to(gateway, api, permalink, "/token"))
    body = {"name": "ci", "scopes": ["execute"]}
    created = gateway.admin("POST", "/api/v1/tokens", body).json
    headers = {"Authorization": f"Bearer {created['token']}"}
    in_every_worker(lambda: gateway.call(permalink, headers=headers).status == 200)
    assert gateway.admin("DELETE", f"/api/v1/tokens/{created['id']}").status == 204
    in_every_worker(lambda: gateway.call(permalink, headers=headers).status == 401)
