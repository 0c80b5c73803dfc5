"""Which path is which call, for every base path and tenant: the application itself, without a server."""

import json

import pytest

from sealgate.execution.engine import Engine
from sealgate.settings import Settings
from sealgate.web.data_plane import create_app


async def call(app, path):
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer bootstrap")],
    }
    await app(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])["errors"]


@pytest.mark.parametrize("base", ["", "/widget-service", "/a.b/c"])
async def test_paths(tmp_path, base):
    settings = Settings(data=tmp_path / "data", base_path=base, admin_token="bootstrap")
    async with await Engine.start(settings) as engine:
        app = create_app(engine)
        for path in (f"{base}/connectors/x/execute", f"{base}/t/acme/connectors/x/execute"):
            status, errors = await call(app, path)
            assert (status, errors["code"]) == (404, "CONNECTOR_NOT_FOUND")
        for path in (
            f"{base}x/connectors/x/execute",
            "/aXb/c/connectors/x/execute",
            f"/x{base}/connectors/x/execute",
        ):
            status, errors = await call(app, path)
            assert (status, errors["code"]) == (404, "NOT_FOUND")


async def test_a_tenant_sees_its_own_connectors_only(tmp_path):
    document = {"name": "Weather", "url": "https://api.example.com/"}
    async with await Engine.start(Settings(data=tmp_path / "data", admin_token="bootstrap")) as engine:
        await engine.store.put_connector("acme", "weather", document, actor="test")
        await engine.refresh()
        app = create_app(engine)
        assert (
            "weather" in engine.tenant("acme").connectors
            and "weather" not in engine.tenant("default").connectors
        )
        for prefix in ("", "/t/default", "/t/other"):
            assert (await call(app, f"{prefix}/connectors/weather/execute"))[1][
                "code"
            ] == "CONNECTOR_NOT_FOUND"
