"""What token endpoints do wrong in the field, to be switched on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal, get_args

from sealgate.testing.wire import Hangup, Received, Reply

Kind = Literal[
    "empty",  # 200 without a body
    "html",  # 200 with a sign-in page
    "429",  # too many requests; `seconds` becomes Retry-After
    "500",  # a page of plain text
    "no_access_token",  # a right reply without the token
    "slow",  # a right reply after `seconds`
    "mac_token_type",  # a right reply with token_type "mac"
    "expires_in_string",  # a right reply with expires_in in quotes
    "no_expires_in",  # a right reply without expires_in
    "redirect",  # 307 to /elsewhere, which answers like the token endpoint
    "echo_request",  # 400 with a page that prints the form
    "close",  # the connection ends without a reply
]
KINDS: tuple[Kind, ...] = get_args(Kind)
HTML = [("Content-Type", "text/html; charset=utf-8")]
DEFAULT_DELAY = 30.0


@dataclass
class Misbehaviour:
    """One kind, for `left` more requests (`None`: until cleared)."""

    kind: Kind
    left: int | None
    seconds: float | None

    def refusal(self, received: Received) -> Reply | None:
        """The reply that replaces the server's own; `None` when that is only to be spoiled.

        Raises Hangup to close the connection."""
        if self.kind == "close":
            raise Hangup
        make = _INSTEAD.get(self.kind)
        return make(received, self.seconds) if make else None

    def spoil(self, reply: Reply) -> Reply:
        """The server's own reply, with one thing wrong; error replies stay."""
        change = _SPOILS.get(self.kind)
        if change is None or reply.status != 200 or not isinstance(reply.body, bytes):
            return reply
        token = json.loads(reply.body)
        change(token)
        return replace(reply, body=json.dumps(token).encode())

    @property
    def delay(self) -> float:
        """Seconds to wait before the server answers."""
        return 0.0 if self.kind != "slow" else DEFAULT_DELAY if self.seconds is None else self.seconds


def _too_many(received: Received, seconds: float | None) -> Reply:
    headers = [("Content-Type", "application/json")]
    if seconds is not None:
        headers.append(("Retry-After", f"{seconds:.0f}"))
    return Reply(429, headers, b'{"error": "temporarily_unavailable"}')


def _print_request(received: Received, seconds: float | None) -> Reply:
    page = f"<h1>Bad request</h1><pre>{escape(received.body.decode('latin-1'))}</pre>"
    return Reply(400, HTML, page.encode())


_INSTEAD: dict[Kind, Callable[[Received, float | None], Reply]] = {
    "empty": lambda received, seconds: Reply(200, [("Content-Type", "application/json")]),
    "html": lambda received, seconds: Reply(200, HTML, b"<!doctype html><title>Sign in</title>"),
    "429": _too_many,
    "500": lambda received, seconds: Reply(500, [("Content-Type", "text/plain")], b"Internal Server Error"),
    "redirect": lambda received, seconds: Reply(307, [("Location", "/elsewhere")]),
    "echo_request": _print_request,
}

_SPOILS: dict[Kind, Callable[[dict[str, Any]], object]] = {
    "no_access_token": lambda token: token.pop("access_token"),
    "mac_token_type": lambda token: token.update(token_type="mac"),
    "expires_in_string": lambda token: token.update(expires_in=str(token["expires_in"])),
    "no_expires_in": lambda token: token.pop("expires_in"),
}
