"""pytest fixtures: `from sealgate.testing.fixtures import fake_api, oauth_server` in a conftest.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sealgate.testing.api import FakeApi
from sealgate.testing.oauth import OAuthServer


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
