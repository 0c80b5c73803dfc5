from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway import Gateway

from sealgate.testing import FakeApi, OAuthServer

sys.path.insert(0, str(Path(__file__).parent))
pytest.register_assert_rewrite("recipe")

from recipe import Stage  # noqa: E402 (its assertions say more when they were rewritten)


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, gateway: Gateway) -> Iterator[Stage]:
    """The gateway with all recipes of the module saved, between its callers and real servers."""
    with OAuthServer() as oauth, FakeApi(accepts=oauth.accepts) as api:
        stage = Stage(gateway, api, oauth)
        for recipe in request.module.RECIPES:
            stage.save(recipe)
        gateway.settle()
        yield stage
