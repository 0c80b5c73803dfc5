"""Where the published keys are, without a server."""

import json

import pytest

from sealgate.errors import MethodNotAllowed
from sealgate.execution.engine import Engine
from sealgate.message import Fields
from sealgate.services.key_pairs import generate_key_pair
from sealgate.settings import Settings
from sealgate.web.key_set import KeySet


@pytest.fixture
async def engine(tmp_path):
    async with await Engine.start(Settings(data=tmp_path, base_path="/a.b")) as running:
        for tenant in ("default", "acme"):
            await generate_key_pair(
                running, tenant, "key", algorithm="EdDSA", publish=tenant == "acme", actor="ada"
            )
        yield running


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/a.b/.well-known/jwks.json", 0),
        ("/a.b/t/default/.well-known/jwks.json", 0),
        ("/a.b/t/acme/.well-known/jwks.json", 1),
        ("/a.b/t/nobody/.well-known/jwks.json", 0),
    ],
)
async def test_where_the_keys_are(engine, path, number):
    reply = KeySet(engine).answer("GET", path, Fields())
    headers = dict(reply.headers)
    assert (reply.status, len(json.loads(reply.body)["keys"])) == (200, number)
    assert headers["content-type"] == "application/jwk-set+json"
    assert headers["cache-control"] == "public, max-age=300"
    again = KeySet(engine).answer("HEAD", path, Fields([("if-none-match", headers["etag"])]))
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["/.well-known/jwks.json", "/aXb/.well-known/jwks.json", "/a.b/.well-known/jwksXjson",
     "/a.b/.well-known/jwks.json/", "/a.b/t//.well-known/jwks.json", "/a.b/t/a/b/.well-known/jwks.json"],
)  # fmt: skip
async def test_nothing_else_is_a_key_set(engine, path):
    assert KeySet(engine).answer("GET", path, Fields()) is None


async def test_keys_are_only_read(engine):
    with pytest.raises(MethodNotAllowed):
        KeySet(engine).answer("POST", "/a.b/.well-known/jwks.json", Fields())
