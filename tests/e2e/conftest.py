from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from gateway import Gateway

from sealgate.testing import FakeApi, OAuthServer


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One server for the whole suite; when it has stopped its log and files are searched for secrets."""
    with Gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def oauth() -> Iterator[OAuthServer]:
    with OAuthServer() as server:
        yield server


@pytest.fixture
def api(oauth: OAuthServer) -> Iterator[FakeApi]:
    with FakeApi(accepts=oauth.accepts) as server:
        yield server
