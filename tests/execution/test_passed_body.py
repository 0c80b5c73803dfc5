"""A body that passes through ends the API's response however it is left."""

import asyncio

import pytest

from sealgate.caller import Caller
from sealgate.execution.call import Call
from sealgate.execution.engine import Engine
from sealgate.execution.timing import Timing
from sealgate.message import Fields
from sealgate.settings import Settings
from sealgate.testing.raw import RawUpstream

HEAD = b"HTTP/1.1 %d X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"


@pytest.mark.parametrize("status", [200, 500], ids=["as it is", "scrubbed"])
@pytest.mark.parametrize("taken", [0, 1])
async def test_a_body_that_nobody_wants_any_more(tmp_path, status, taken):
    gone = asyncio.Event()

    async def endless(head, reader, writer):
        writer.write(HEAD % status)
        await reader.read()
        gone.set()
        writer.close()

    settings = Settings(data=tmp_path, egress_allow=("http://127.0.0.1:*",))
    async with RawUpstream() as upstream, await Engine.start(settings) as engine:
        upstream.script = endless
        document = engine.check("default", {"name": "x", "url": f"{upstream.origin}/x"}).document
        await engine.store.put_connector("default", "x", document, actor="test")
        await engine.refresh()
        call = Call(Caller(), "x", "GET", "", Fields(), None, "1")
        reply = await engine.execute(call, Timing("1"))
        for _ in range(taken):
            assert await anext(reply.body) == b"ab"
        await reply.body.aclose()
        async with asyncio.timeout(5):
            await gone.wait()


async def test_nobody_is_named_when_nobody_was_contacted(tmp_path):
    settings = Settings(data=tmp_path)
    async with await Engine.start(settings) as engine:
        await engine.store.put_variable("default", "inside", "https://10.0.0.1", actor="test")
        document = {"name": "x", "url": "{{ get_variable('inside') }}/x"}
        await engine.store.put_connector("default", "x", document, actor="test")
        await engine.refresh()
        timing = Timing("1")
        with pytest.raises(Exception, match="not public"):
            await engine.execute(Call(Caller(), "x", "GET", "", Fields(), None, "1"), timing)
        assert "external" not in dict(timing.headers())["server-timing"]
