"""The bodies of one call, noted as they pass, for a connector whose bodies an admin wants to see."""

from __future__ import annotations

import base64
import codecs
from collections.abc import AsyncIterator
from typing import Any

from sealgate.execution.redaction import Redactor

CAPTURED_BYTES = 64 * 1024
"""Of each body, from its beginning."""

Body = bytes | AsyncIterator[bytes]


class Capture:
    """What one call sent and got."""

    def __init__(self) -> None:
        self._request: Noted | None = None
        self._response: Noted | None = None

    def request(self, body: Body | None) -> Body | None:
        """The caller's body, to be used instead of the one that is handed in."""
        if body is None:
            return None
        self._request = Noted()
        return self._request.passing(body)

    def response(self, body: Body) -> Body:
        """The same for the reply's body."""
        self._response = Noted()
        return self._response.passing(body)

    def as_json(self, redactor: Redactor) -> dict[str, Any]:
        """`{"request", "response"}`, without any secret; `null` for a body that there was not."""
        return {
            "request": self._request.as_json(redactor) if self._request else None,
            "response": self._response.as_json(redactor) if self._response else None,
        }


class Noted:
    """The beginning of a body, and its length so far."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._bytes = 0

    def passing(self, body: Body) -> Body:
        if isinstance(body, bytes):
            self.note(body)
            return body
        return Passing(body, self)

    def note(self, part: bytes) -> None:
        self._bytes += len(part)
        self._kept += part[: CAPTURED_BYTES - len(self._kept)]

    def as_json(self, redactor: Redactor) -> dict[str, Any]:
        """`text`, or `base64` for what is no UTF-8; `bytes` is the length of the whole."""
        kept, truncated = bytes(self._kept), self._bytes > len(self._kept)
        # What was cut may begin with a secret's first part; a mark may be longer than what it stands for.
        shown = (redactor.beginning(kept) if truncated else redactor.data(kept))[:CAPTURED_BYTES]
        cut = truncated or len(shown) == CAPTURED_BYTES
        try:
            content = {"text": codecs.getincrementaldecoder("utf-8")().decode(shown, final=not cut)}
        except UnicodeDecodeError:
            content = {"base64": base64.b64encode(shown).decode()}
        return {"bytes": self._bytes, "truncated": truncated, **content}


class Passing:
    """A body on its way. Closing it closes the body."""

    def __init__(self, body: AsyncIterator[bytes], noted: Noted) -> None:
        self._body = body
        self._noted = noted

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        part = await anext(self._body)
        self._noted.note(part)
        return part

    async def aclose(self) -> None:
        close = getattr(self._body, "aclose", None)
        if close is not None:
            await close()
