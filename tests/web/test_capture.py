"""Bodies are noted as they pass: their beginning, without secrets."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest

from sealgate.execution.redaction import MARK, Redactor
from sealgate.web.capture import CAPTURED_BYTES, Capture

SECRET = "s3cret-of-the-tests"


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def noted(*parts: bytes, whole: bool = False) -> dict[str, object]:
    """The response body as it is shown, after it came through unchanged."""
    capture = Capture()
    body = capture.response(b"".join(parts) if whole else chunks(*parts))
    passed = body if isinstance(body, bytes) else b"".join([part async for part in body])
    assert passed == b"".join(parts)
    shown = capture.as_json(Redactor([SECRET]))
    assert shown["request"] is None
    return shown["response"]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ([], {"bytes": 0, "truncated": False, "text": ""}),
        ([b"a", b"b"], {"bytes": 2, "truncated": False, "text": "ab"}),
        ([b"\xc3", b"\xa9"], {"bytes": 2, "truncated": False, "text": "é"}),
        ([b"\xff\x00"], {"bytes": 2, "truncated": False, "base64": base64.b64encode(b"\xff\x00").decode()}),
        (
            [SECRET[:5].encode(), SECRET[5:].encode()],
            {"bytes": len(SECRET), "truncated": False, "text": MARK},
        ),
    ],
)
async def test_a_body(parts: list[bytes], shown: dict[str, object], whole: bool) -> None:
    assert await noted(*parts, whole=whole) == shown


@pytest.mark.parametrize("before", range(CAPTURED_BYTES - len(SECRET) - 1, CAPTURED_BYTES + 1))
async def test_a_secret_at_the_border_shows_no_part_of_itself(before: int) -> None:
    body = b"x" * before + SECRET.encode() + b"y" * 100
    shown = await noted(body)
    assert shown["truncated"] and shown["bytes"] == len(body)
    assert str(shown["text"]).rstrip("x") in ("", MARK)


async def test_secrets_before_the_border_do_not_move_a_part_of_one_into_sight() -> None:
    many = SECRET.encode() * 4000
    text = str((await noted(many))["text"])
    assert text.startswith(MARK) and len(text) <= CAPTURED_BYTES
    # The last mark may be cut.
    assert MARK.startswith(text.replace(MARK, ""))


async def test_closing_it_closes_the_body() -> None:
    closed = []

    async def body() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            closed.append(True)

    capture = Capture()
    passing = capture.request(body())
    assert passing is not None and not isinstance(passing, bytes)
    assert await anext(passing) == b"a"
    await passing.aclose()  # type: ignore[attr-defined]
    assert closed
    assert capture.as_json(Redactor([]))["request"]["text"] == "a"
    assert capture.request(None) is None
