"""pytest fixtures: `pytest_plugins = ["sealgate.testing.fixtures"]` in the topmost conftest.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, Unpack

import pytest

from sealgate.caller import DEFAULT_TENANT
from sealgate.gateway import Gateway, Options
from sealgate.model.document import parse_json
from sealgate.registry.document import MEMBERS
from sealgate.services.given import NO_VALUES, Document, Values
from sealgate.testing.api import FakeApi
from sealgate.testing.oauth import OAuthServer
from sealgate.testing.wire import WireServer

NOTHING_MOVED: Mapping[str, str] = {}


class GatewayFactory(Protocol):
    """Makes gateways that may reach the fakes; see the fixture `gateway_factory`."""

    def __call__(
        self,
        document: Document,
        *,
        moved: Mapping[str, str] = NOTHING_MOVED,
        secrets: Values = NO_VALUES,
        variables: Values = NO_VALUES,
        tenant: str = DEFAULT_TENANT,
        **options: Unpack[Options],
    ) -> Gateway: ...


@pytest.fixture
def oauth_server() -> Iterator[OAuthServer]:
    """An OAuth server without clients; register them in the test."""
    with OAuthServer() as server:
        yield server


@pytest.fixture
def fake_api(oauth_server: OAuthServer) -> Iterator[FakeApi]:
    """A demo API whose `/protected` takes the tokens of `oauth_server`."""
    with FakeApi(accepts=oauth_server.accepts) as api:
        yield api


@pytest.fixture
def gateway_factory(fake_api: FakeApi, oauth_server: OAuthServer) -> GatewayFactory:
    """`gateway_factory(file_or_document, moved={…}, secrets={…})` makes a `sealgate.Gateway` over a registry
    file or a connector document, to be used with `async with`.

    It may reach `fake_api` and `oauth_server` besides public addresses. `moved` puts them in the place of
    real ones: each text of the document that begins with a key, up to the end of an origin or of a part
    of the path, begins with the value instead."""
    fakes: tuple[WireServer, ...] = (fake_api, oauth_server)

    def make(
        document: Document,
        *,
        moved: Mapping[str, str] = NOTHING_MOVED,
        secrets: Values = NO_VALUES,
        variables: Values = NO_VALUES,
        tenant: str = DEFAULT_TENANT,
        **options: Unpack[Options],
    ) -> Gateway:
        content = document if isinstance(document, Mapping) else parse_json(Path(document).read_bytes())
        content = _moved(content, moved)
        options["egress_allow"] = [*options.get("egress_allow", ()), *(fake.origin for fake in fakes)]
        is_registry = any(member in content for member in MEMBERS)
        start = Gateway.from_registry if is_registry else Gateway.from_connector
        return start(content, secrets=secrets, variables=variables, tenant=tenant, **options)

    return make


def _moved(tree: Any, moved: Mapping[str, str]) -> Any:
    if isinstance(tree, str):
        for prefix in sorted(moved, key=len, reverse=True):
            if tree.startswith(prefix) and tree[len(prefix) : len(prefix) + 1] in ("", "/", "?", "#"):
                return moved[prefix] + tree[len(prefix) :]
        return tree
    if isinstance(tree, Mapping):
        return {name: _moved(item, moved) for name, item in tree.items()}
    return [_moved(item, moved) for item in tree] if isinstance(tree, list) else tree
