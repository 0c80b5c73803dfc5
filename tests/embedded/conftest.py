from __future__ import annotations

from functools import partial

import pytest

from sealgate import Gateway
from sealgate.testing import FakeApi, OAuthServer


@pytest.fixture
def oauth():
    with OAuthServer() as server:
        yield server


@pytest.fixture
def api(oauth):
    with FakeApi(accepts=oauth.accepts) as server:
        yield server


def make(api, document, **more):
    options = {"egress_allow": [api.origin], **more}
    if isinstance(document, list):
        return Gateway.from_registry({"connectors": document}, **options)
    return Gateway.from_connector({"name": "Weather", **document}, **options)


@pytest.fixture
def embedded(api):
    """A gateway over one connector document, or over a list of them, that may reach `api`."""
    return partial(make, api)
