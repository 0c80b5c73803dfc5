"""The same replies read by another client: aiohttp, which this project used before.

Where both take a reply, they read the same. Where only aiohttp does, the row says why we do not.
"""

import aiohttp
import pytest

from sealgate.errors import Downstream

HEAD = b"HTTP/1.1 200 OK\r\n"
OK = HEAD + b"Content-Length: 2\r\n\r\nok"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

READ_ALIKE = [
    OK,
    HEAD + b"content-length:2\r\n\r\nok",
    HEAD + b"Content-Length: \t2 \t\r\n\r\nok",
    HEAD + b"Content-Length: 0\r\n\r\n",
    HEAD + b"Content-Length: 0002\r\n\r\nok",
    HEAD + b"X:\r\nY: \r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"X:  a b\t \r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"X: 1\r\nx: 2\r\nX: 3\r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"X: caf\xe9\r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"X!#$%&'*+-.^_`|~9: a\r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"Content_Length: 1\r\n\r\nok",
    HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"Connection: close\r\n\r\nuntil the end",
    HEAD + b"Upgrade: h2c\r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"\r\nuntil the end",
    HEAD + b"\r\n",
    HEAD + b"\r\n" + bytes(range(256)),
    HEAD + b"Content-Length: 70000\r\n\r\n" + b"x" * 70000,
    HEAD + b"X: " + b"a" * 8000 + b"\r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"X: y\r\n" * 150 + b"Content-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 A: very (odd) reason\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 201 Created\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno",
    b"HTTP/1.1 418 Teapot\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 503 No\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nno",
    b"HTTP/1.1 599 X\r\nContent-Length: 2\r\n\r\nno",
    b"HTTP/1.0 200 OK\r\n\r\nold",
    b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 204 No\r\n\r\n",
    b"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 304 No\r\nContent-Length: 7\r\nETag: \"x\"\r\n\r\n",
    b"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
    b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK,
    CHUNKED + b"0\r\n\r\n",
    CHUNKED + b"2\r\nok\r\n0\r\n\r\n",
    CHUNKED + b"00002\r\nok\r\n000\r\n\r\n",
    CHUNKED + b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
    CHUNKED + b"2;name=value;x=\"a b\"\r\nok\r\n0;last\r\n\r\n",
    CHUNKED + b"2\r\nok\r\n0\r\nX-Trailer: y\r\n\r\n",
    CHUNKED + b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
    HEAD + b"Transfer-Encoding: CHUNKED\r\n\r\n2\r\nok\r\n0\r\n\r\n",
]  # fmt: skip

REFUSED_BY_BOTH = [
    b"",
    b"nonsense\r\n\r\n",
    HEAD + b"Content-Length: 5\r\n\r\nok",
    HEAD + b"Content-Length: x\r\n\r\nok",
    HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    HEAD + b"X : a\r\nContent-Length: 2\r\n\r\nok",
    HEAD + b"X: a\0b\r\nContent-Length: 2\r\n\r\nok",
    CHUNKED + b"z\r\nok\r\n0\r\n\r\n",
    CHUNKED + b"-2\r\nok\r\n0\r\n\r\n",
    CHUNKED + b"2\r\nokay\r\n0\r\n\r\n",
    CHUNKED + b"2\r\nok\r\n",
    CHUNKED + b"2\r\nok\r\n0\r\nContent-Length: 9\r\n\r\n",
    b"HTTP/1.1 2x0 OK\r\n\r\n",
    b"HTTP/3.7 200 OK\r\n\r\n",
]

REFUSED_BY_US = [
    ("a folded line is obsolete", HEAD + b"X: a\r\n b\r\nContent-Length: 2\r\n\r\nok"),
    ("spaces after a chunk size are none of its syntax", CHUNKED + b"2 \r\nok\r\n0\r\n\r\n"),
    ("a transfer coding that is not undone", HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ("chunked twice", HEAD + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n"),
    ("a status that no rule covers", b"HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\nok"),
    ("a control character in the reason", b"HTTP/1.1 200 a\0b\r\nContent-Length: 2\r\n\r\nok"),
    ("an empty line before the reply", b"\r\n" + OK),
    ("another protocol", b"RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    ("another protocol", b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
]


async def read_by_aiohttp(upstream):
    async with (
        aiohttp.ClientSession(
            auto_decompress=False,
            max_line_size=32768,
            max_field_size=32768,
            max_headers=200,
            timeout=aiohttp.ClientTimeout(total=5),
        ) as session,
        session.get(f"{upstream.origin}/", allow_redirects=False) as reply,
    ):
        headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t"))
                        for name, value in reply.raw_headers)  # fmt: skip
        return reply.status, headers, await reply.read()


@pytest.mark.parametrize("raw", READ_ALIKE, ids=range(len(READ_ALIKE)))
async def test_both_read_the_same(fetch, upstream, raw):
    upstream.say(raw)
    response, body = await fetch()
    assert (response.status, response.headers, body) == await read_by_aiohttp(upstream)


@pytest.mark.parametrize("raw", REFUSED_BY_BOTH, ids=range(len(REFUSED_BY_BOTH)))
async def test_both_refuse(fetch, upstream, raw):
    upstream.say(raw)
    with pytest.raises(Downstream):
        await fetch()
    with pytest.raises((aiohttp.ClientError, aiohttp.http.HttpProcessingError)):
        await read_by_aiohttp(upstream)


@pytest.mark.parametrize(("why", "raw"), REFUSED_BY_US, ids=range(len(REFUSED_BY_US)))
async def test_only_we_refuse(fetch, upstream, why, raw):
    upstream.say(raw)
    with pytest.raises(Downstream):
        await fetch()
    assert (await read_by_aiohttp(upstream))[0] >= 200, why
