from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealgate.testing import FakeApi, OAuthServer

sys.path.insert(0, str(Path(__file__).parent))
pytest.register_assert_rewrite("recipe")

from gateway import Gateway  # noqa: E402
from recipe import Stage  # noqa: E402 (its assertions say more when they were rewritten)


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


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, gateway: Gateway) -> Iterator[Stage]:
    """The gateway with all recipes of the module saved, between its callers and real servers."""
    with OAuthServer() as oauth, FakeApi(accepts=oauth.accepts) as api:
        stage = Stage(gateway, api, oauth, Path(request.module.__file__).stem)
        for recipe in request.module.RECIPES:
            stage.save(recipe)
        gateway.settle()
        yield stage
