"""What leaves, checked a last time: the target, the header fields and the framing of a request.

Earlier steps have already refused what cannot stand there. A mistake of theirs must still not become
another host, another request or another header field on the wire.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache

from sealgate import __version__
from sealgate.egress.coding import ACCEPTED
from sealgate.errors import RequestTemplateFailed, UrlInvalid
from sealgate.message import Request
from sealgate.secret import Secret, reveal

_TARGET = re.compile(r"/[!-\"$-~]*")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FRAMING = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer",
     "expect", "proxy-connection"}
)  # fmt: skip
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_DEFAULTS = (
    ("accept", "Accept", "*/*"),
    ("accept-encoding", "Accept-Encoding", ACCEPTED),
    ("user-agent", "User-Agent", f"sealgate/{__version__}"),
)


def head_of(request: Request) -> bytes:
    """The request line and every field, as the bytes that go out (RFC 9112 section 2.1).

    Raises UrlInvalid and RequestTemplateFailed."""
    method = request.method
    if not (method.isascii() and method.isalpha()):
        raise ValueError(f"{method[:20]!r} is not a method")
    lines = [f"{method} {target_of(request)} HTTP/1.1\r\n"]
    lines += [f"{name}: {text}\r\n" for name, text in header_fields(request)]
    lines.append(_framing(request))
    return "".join(lines).encode("ascii")


def target_of(request: Request) -> str:
    """The target whose bytes go out. Raises UrlInvalid for one that is not in origin form (RFC 9112
    section 3.2.1): `@other.example/` behind an origin would name another host."""
    target = reveal(request.target)
    if not _TARGET.fullmatch(target):
        raise UrlInvalid(
            "the path and query to send must begin with / and hold visible ASCII characters only, "
            "without #: percent-encode the others"
        )
    return target


def header_fields(request: Request) -> Iterator[tuple[str, str]]:
    """The request's fields without those that frame the message, and our own defaults.

    Raises RequestTemplateFailed, without the value, for what is no header field (RFC 9110 section 5)."""
    yield "Host", request.origin.authority
    present = set()
    for name, value in request.headers:
        lower = _checked(name)
        if lower in _FRAMING:
            continue
        present.add(lower)
        text = reveal(value)
        if not (text.isascii() and text.replace("\t", " ").isprintable()):
            raise RequestTemplateFailed(
                f"the value of the header {name} holds a line break, another control character or one "
                "outside ASCII: remove or encode it"
            )
        yield name, text
    for lower, name, text in _DEFAULTS:
        if lower not in present:
            yield name, text


@lru_cache(maxsize=1024)
def _checked(name: str) -> str:
    """The name in lower case. Raises RequestTemplateFailed for what is none."""
    if not _NAME.fullmatch(name):
        raise RequestTemplateFailed(f"{name[:50]!r} is not a header name: write letters, digits and hyphens")
    return name.lower()


def _framing(request: Request) -> str:
    """How long the body is, and the end of the head (RFC 9112 section 6)."""
    body = request.body
    if body is None:
        return "\r\n" if request.method in _BODILESS else "Content-Length: 0\r\n\r\n"
    if isinstance(body, (bytes, Secret)):
        return f"Content-Length: {len(reveal(body))}\r\n\r\n"
    return "Transfer-Encoding: chunked\r\n\r\n"


def body_of(request: Request) -> bytes | AsyncIterator[bytes] | None:
    """The body as it goes out."""
    return request.body.reveal() if isinstance(request.body, Secret) else request.body


def may_repeat(request: Request) -> bool:
    """Whether sending it twice does what sending it once does (RFC 9110 section 9.2.2)."""
    return request.method in _IDEMPOTENT and request.repeatable
