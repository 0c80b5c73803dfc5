"""Start, close, several at once, a data directory of a server, and nothing left behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap

import pytest

from sealgate import Gateway
from sealgate.execution.engine import Engine
from sealgate.secret import Secret
from sealgate.settings import Settings

CANARY = "s3cret-canary-of-a-script"
KEYED = {"headers": [{"key": "X-Key", "value": "{{ get_secret('KEY') }}"}]}


async def test_gateways_at_once_know_nothing_of_each_other(embedded, api):
    gateways = [
        embedded({"url": f"{api.origin}/{name}", **KEYED}, secrets={"KEY": f"{CANARY}-{name}"})
        for name in "abcd"
    ]
    await asyncio.gather(*[gateway.start() for gateway in gateways])
    await asyncio.gather(*[gateway.execute("weather") for gateway in gateways for _ in range(5)])
    await asyncio.gather(*[gateway.close() for gateway in gateways])
    assert {(each.path, each.header("X-Key")) for each in api.requests} == {
        (f"/{name}", f"{CANARY}-{name}") for name in "abcd"
    }
    assert len(api.requests) == 20


async def test_a_cancelled_call_leaves_the_gateway_usable(embedded, api):
    documents = [
        {"name": "Slow", "url": f"{api.origin}/slow/20"},
        {"name": "Weather", "url": f"{api.origin}/now"},
    ]
    async with embedded(documents) as gateway:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await gateway.execute("slow")
        assert (await gateway.execute("weather")).status == 200


async def test_started_twice_and_again(embedded, api):
    gateway = await embedded({"url": api.origin}).start()
    with pytest.raises(RuntimeError, match="already"):
        await gateway.start()
    await gateway.close()
    await gateway.close()
    async with gateway:
        assert (await gateway.execute("weather")).status == 200


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_left_open(tmp_path, fails):
    script = f"""
        import asyncio, gc, logging
        from sealgate import Gateway
        from sealgate.testing import FakeApi

        # Development mode also tells of slow callbacks: that is the machine's load, nothing left open.
        logging.getLogger("asyncio").addFilter(lambda line: line.msg != "Executing %s took %.3f seconds")

        async def main():
            with FakeApi() as api:
                url = "ftp://x" if {fails} else api.origin + "/stream/1000"
                gateway = Gateway.from_connector({{"name": "W", "url": url}}, egress_allow=[api.origin])
                async with gateway:
                    await gateway.execute("w")
                    async with gateway.stream("w") as stream:
                        await anext(stream.chunks)

        try:
            asyncio.run(main())
        except Exception as error:
            print(type(error).__name__)
        gc.collect()
    """
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", textwrap.dedent(script)],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("DocumentInvalid\n" if fails else "", "")
    assert list(tmp_path.iterdir()) == []


async def test_open_runs_what_is_stored_and_follows_it(api, tmp_path, monkeypatch):

    monkeypatch.setenv("SEALGATE_EGRESS_ALLOW", api.origin)
    settings = Settings(data=tmp_path)
    async with await Engine.start(settings) as server:
        document = {"name": "Weather", "url": api.origin, **KEYED}
        await server.store.put_secret("default", "KEY", Secret(CANARY), actor="test")
        await server.store.put_connector("default", "weather", document, actor="test")
        async with Gateway.open(tmp_path) as gateway:
            await gateway.execute("weather")
            assert api.requests[0].header("X-Key") == CANARY
            await server.store.put_connector("default", "later", {**document, "name": "L"}, actor="test")
            async with asyncio.timeout(5):
                while "later" not in gateway.permalinks:  # noqa: ASYNC110 (another engine changes it)
                    await asyncio.sleep(0.02)
    monkeypatch.setenv("SEALGATE_DATA", str(tmp_path))
    async with Gateway.open() as gateway:
        assert gateway.permalinks == ("later", "weather")
    async with Gateway.open(tenant="acme") as gateway:
        assert gateway.permalinks == ()


async def test_data_directories_opened_at_once(tmp_path):
    names = ("a", "b", "c")
    for name in names:
        async with await Engine.start(Settings(data=tmp_path / name)) as server:
            document = {"name": name, "url": "https://api.example.com"}
            await server.store.put_connector("default", name, document, actor="test")
    gateways = [Gateway.open(tmp_path / name) for name in names]
    await asyncio.gather(*[gateway.start() for gateway in gateways])
    assert [gateway.permalinks for gateway in gateways] == [(name,) for name in names]
    await asyncio.gather(*[gateway.close() for gateway in gateways])
