"""The same requests read by another server's parser: the one that aiohttp has in Python.

Where both take a stream, they read the same requests in it. Where only one does, the row says why.
"""

import asyncio

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpRequestParserPy
from hypothesis import given, settings

from sealgate.web.server.parsing import BadRequest, RequestParser

from .test_fuzzing import wounded
from .test_requests import BROKEN_BODIES, CHUNKED, REFUSED, TAKEN


def ours(raw):
    """Method, target, body and fields of each request; `None` for a stream that is refused."""
    begun = []
    try:
        RequestParser(begun.append).feed(raw)
    except BadRequest:
        return None
    return [(r.method, r.target, r.take(), r.complete, r.fields) for r in begun]


def theirs(raw):
    return asyncio.run(_theirs(raw))


async def _theirs(raw):
    loop = asyncio.get_running_loop()
    try:
        messages, _, _ = HttpRequestParserPy(BaseProtocol(loop), loop, 2**16, max_headers=202).feed_data(raw)
    except HttpProcessingError:
        return None
    read = []
    for message, payload in messages:
        if payload.exception() is not None:
            return None
        fields = [(bytes(name).lower(), bytes(value)) for name, value in message.raw_headers]
        content = b"".join(getattr(payload, "_buffer", ()))
        read.append(
            (
                message.method,
                message.path.encode("utf-8", "surrogateescape"),
                content,
                payload.is_eof(),
                fields,
            )
        )
    return read


STREAMS = {
    **{name: raw for name, (_, raw) in REFUSED.items()},
    **{name: CHUNKED + raw for name, raw in BROKEN_BODIES.items()},
    **{name: raw for name, (raw, _) in TAKEN.items()},
}
ONLY_THEY_TAKE = {
    "a length beyond all bounds": "no counter of ours holds it",
    "gzip, chunked": "they undo the gzip, which lets a small body become a large one",
    "chunked, chunked": "RFC 9112 section 6.1 forbids it",
    "chunked and a tab": "llhttp ends the coding at a space only, and we do not guess",
    "a coding in HTTP/1.0": "RFC 9112 section 6.1: a proxy before us may have read it otherwise",
    "a host with a path": "RFC 9112 section 3.2 asks for 400",
    "a host with a user": "RFC 9112 section 3.2 asks for 400",
    "two hosts in one": "RFC 9112 section 3.2 asks for 400",
    "a port that is none": "RFC 9112 section 3.2 asks for 400",
    "CONNECT": "this is no proxy",
    "an absolute target with a user": "RFC 9110 section 4.2.4",
    "an absolute target of another scheme": "this is no proxy",
    "a target beyond ASCII": "RFC 9112 section 3.2: it has to be percent-encoded",
    "a fragment": "RFC 9112 section 3.2: it is not sent",
    "a large head": "they limit fields one by one",
    "an unknown method": "llhttp knows the registered ones",
    "a method in lower case": "methods are case-sensitive",
    "an expectation": "they leave it to the application",
    "HTTP/1.2": "no such version is registered",
    "HTTP/2.0": "it does not look like this",
    "CR in an extension": "a server that takes CR for the end of a line reads another chunk",
}
READ_OTHERWISE = {
    "an absolute target": "they leave it to the application; RFC 9112 section 3.2.2 wants it put together",
    "an absolute target without a path": "as before",
    **dict.fromkeys(
        (name for name in TAKEN if name.startswith("an upgrade")), "the application gets no Upgrade field"
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_the_same_stream_holds_the_same_requests(name):
    here, there = ours(STREAMS[name]), theirs(STREAMS[name])
    if name in ONLY_THEY_TAKE:
        assert here is None and there
    elif name in READ_OTHERWISE:
        assert here != there
        assert [request[2] for request in here] == [request[2] for request in there]
    elif name in TAKEN:
        assert here == there
    else:
        assert here is None or not here[-1][3]
        assert not there or not there[-1][3]


@given(wounded())
@settings(max_examples=500, deadline=None, database=None)
def test_no_stream_is_taken_for_other_requests(raw):
    if b"pgrade" in raw or b"://" in raw:
        return
    here, there = ours(raw), theirs(raw)
    if here is not None and there is not None:
        assert here == there
