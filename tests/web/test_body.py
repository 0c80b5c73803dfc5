import pytest

from sealgate.errors import PayloadTooLarge, RequestInvalid
from sealgate.message import Fields
from sealgate.web.body import WHOLE, Incoming


def incoming(parts, fields, limit=1_000_000):
    """A caller that sends these parts; `None` is the end of its connection."""
    left = list(parts)

    async def receive():
        part = left.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    return Incoming(receive, Fields(fields.items()), limit)


async def joined(body):
    return body if isinstance(body, bytes) else b"".join([part async for part in body])


async def test_no_body():
    for fields in ({}, {"content-length": "0"}):
        assert await incoming([b""], fields).open() is None


async def test_a_small_body_is_whole():
    assert await incoming([b"he", b"", b"llo"], {"content-length": "5"}).open() == b"hello"


@pytest.mark.parametrize("fields", [{"content-length": str(WHOLE + 1)}, {"transfer-encoding": "chunked"}])
async def test_others_are_streamed(fields):
    parts = [b"x" * WHOLE, b"x"]
    reading = incoming(parts, fields)
    body = await reading.open()
    assert not isinstance(body, bytes) and not reading.finished
    assert await joined(body) == b"x" * (WHOLE + 1) and reading.finished


async def test_a_declared_length_is_refused_before_anything_is_read():
    with pytest.raises(PayloadTooLarge, match="SEALGATE_MAX_REQUEST_BODY"):
        await incoming([], {"content-length": "101"}, limit=100).open()


async def test_an_undeclared_length_is_refused_when_it_is_reached():
    reading = incoming([b"x" * 60, b"x" * 60], {"transfer-encoding": "chunked"}, limit=100)
    with pytest.raises(PayloadTooLarge):
        await joined(await reading.open())
    assert isinstance(reading.failure, PayloadTooLarge)


@pytest.mark.parametrize("fields", [{"content-length": "10"}, {"transfer-encoding": "chunked"}])
async def test_a_body_cut_short_is_not_whole(fields):
    reading = incoming([b"hello", None], fields)
    with pytest.raises(RequestInvalid, match="ended before the body"):
        await joined(await reading.open())
    assert isinstance(reading.failure, RequestInvalid) and not reading.finished
