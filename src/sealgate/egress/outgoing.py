"""What leaves, checked a last time: the target, the header fields and the body of a request.

Earlier steps have already refused what cannot stand there. A mistake of theirs must still not become
another host, another request or another header field on the wire.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from sealgate import __version__
from sealgate.egress.coding import ACCEPTED
from sealgate.errors import RequestTemplateFailed, UrlInvalid
from sealgate.message import Request
from sealgate.secret import Secret, reveal

_TARGET = re.compile(r"/[!-\"$-~]*")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t -~]*")
_FRAMING = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer",
     "expect", "proxy-connection"}
)  # fmt: skip
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_DEFAULTS = (("Accept", "*/*"), ("Accept-Encoding", ACCEPTED), ("User-Agent", f"sealgate/{__version__}"))


def url_of(request: Request) -> str:
    """The URL whose bytes go out. Raises UrlInvalid for a target that is not in origin form (RFC 9112
    section 3.2.1): `@other.example/` behind an origin would name another host."""
    target = reveal(request.target)
    if not _TARGET.fullmatch(target):
        raise UrlInvalid(
            "the path and query to send must begin with / and hold visible ASCII characters only, "
            "without #: percent-encode the others"
        )
    return f"{request.origin}{target}"


def header_fields(request: Request) -> Iterator[tuple[str, str]]:
    """The request's fields without those that frame the message, and our own defaults.

    Raises RequestTemplateFailed, without the value, for what is no header field (RFC 9110 section 5)."""
    yield "Host", request.origin.authority
    present = set()
    for name, value in request.headers:
        lower = name.lower()
        if lower in _FRAMING:
            continue
        present.add(lower)
        if not _NAME.fullmatch(name):
            raise RequestTemplateFailed(
                f"{name[:50]!r} is not a header name: write letters, digits and hyphens"
            )
        text = reveal(value)
        if not _VALUE.fullmatch(text):
            raise RequestTemplateFailed(
                f"the value of the header {name} holds a line break, another control character or one "
                "outside ASCII: remove or encode it"
            )
        yield name, text
    for name, text in _DEFAULTS:
        if name.lower() not in present:
            yield name, text


@dataclass(slots=True)
class Upload:
    """A streamed body that remembers how it failed: the HTTP client turns that into an error of its
    own, and whoever wrote the body wants its own back (a caller's body that grew too large: 413)."""

    chunks: AsyncIterator[bytes]
    failure: Exception | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self.chunks:
                yield chunk
        except Exception as error:
            self.failure = error
            raise


def body_of(request: Request) -> bytes | Upload | None:
    """The body as it goes out."""
    body = request.body
    if body is None or isinstance(body, bytes):
        return body
    return body.reveal() if isinstance(body, Secret) else Upload(body)


def may_repeat(request: Request) -> bool:
    """Whether sending it twice does what sending it once does (RFC 9110 section 9.2.2)."""
    return request.method in _IDEMPOTENT and request.repeatable
