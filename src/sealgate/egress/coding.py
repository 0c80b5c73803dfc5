"""Content codings of a reply, undone piece by piece (RFC 9110 section 8.4).

The cap counts decoded bytes, and a piece is never larger than `STEP`: a kilobyte that unpacks to a
gigabyte costs neither memory nor more time than the cap allows, and other tasks run between the pieces.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator

from sealgate.errors import UpstreamProtocolError, UpstreamResponseTooLarge

ACCEPTED = "gzip, deflate"
STEP = 64 * 1024
MAX_CODINGS = 2
_GZIP, _ZLIB, _RAW = 31, 15, -15


async def decoded(chunks: AsyncIterator[bytes], codings: tuple[str, ...], limit: int) -> AsyncIterator[bytes]:
    """The body without its codings.

    Raises UpstreamProtocolError for an unknown, broken or cut coding, UpstreamResponseTooLarge past
    `limit` decoded bytes."""
    decoders = [_decoder(coding) for coding in reversed(codings)]
    total = 0
    async for chunk in chunks:
        for piece in _through(decoders, chunk):
            total += len(piece)
            if total > limit:
                raise UpstreamResponseTooLarge(f"the API's reply is larger than {limit} bytes")
            yield piece
            if decoders:
                await asyncio.sleep(0)
    if any(not decoder.finished for decoder in decoders):
        raise UpstreamProtocolError("the API's compressed reply ends too early")


def codings_of(header: str | None) -> tuple[str, ...]:
    """The names in `Content-Encoding`, in the order in which they were applied."""
    names = [name.strip().lower() for name in (header or "").split(",")]
    return tuple(name for name in names if name and name != "identity")


def _decoder(coding: str) -> _Inflate:
    if coding in ("gzip", "x-gzip"):
        return _Inflate(_GZIP)
    if coding == "deflate":
        return _Inflate(None)
    raise UpstreamProtocolError(
        f"the API's reply has a content coding that was not asked for: {coding[:20]!r}"
    )


def check_codings(codings: tuple[str, ...]) -> None:
    """Raises UpstreamProtocolError for codings that cannot be undone, before a body is read."""
    if len(codings) > MAX_CODINGS:
        raise UpstreamProtocolError(
            f"the API's reply has {len(codings)} content codings on top of each other"
        )
    for coding in codings:
        _decoder(coding)


def _through(decoders: list[_Inflate], data: bytes) -> Iterator[bytes]:
    if not decoders:
        yield data
        return
    for piece in decoders[0].feed(data):
        yield from _through(decoders[1:], piece)


class _Inflate:
    """gzip with any number of members (RFC 1952), or `deflate` with or without the zlib frame
    (RFC 9110 section 8.4.1.2: senders do both). No bytes at all are an empty body: servers label those,
    too."""

    def __init__(self, window: int | None) -> None:
        self._window = window
        self._object: zlib._Decompress | None = None
        self.finished = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            yield from self._feed(data)
        except zlib.error:
            raise UpstreamProtocolError("the API's compressed reply is broken") from None

    def _feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._object is None or self._object.eof:
                if self._window is None:
                    self._window = _ZLIB if data[0] & 0x0F == 8 else _RAW
                elif self._object is not None and self._window != _GZIP:
                    raise UpstreamProtocolError("the API's compressed reply goes on after its end")
                self._object = zlib.decompressobj(self._window)
                self.finished = False
            piece = self._object.decompress(data, STEP)
            if piece:
                yield piece
            data = self._object.unused_data if self._object.eof else self._object.unconsumed_tail
            self.finished = self._object.eof
