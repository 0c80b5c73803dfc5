"""The website whose pages use the SDK, and an API that sends a body piece by piece."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from sealgate.testing.wire import Received, Reply, WireServer

EMPTY = "<!doctype html><title>Page</title>"


class Site(WireServer):
    """`pages` maps a path to HTML, or to a script when it ends in `.js`; any other path is an empty page."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, str] = {}

    def answer(self, received: Received) -> Reply:
        text = self.pages.get(received.path, EMPTY)
        kind = "text/javascript" if received.path.endswith(".js") else "text/html"
        return Reply(200, [("Content-Type", f"{kind}; charset=utf-8")], text.encode())

    @property
    def elsewhere(self) -> str:
        """The same pages under a name that is another site for cookies."""
        return self.origin.replace("127.0.0.1", "localhost")


class Upstream(WireServer):
    """Sends what it was last told to `say`, a chunk for each part. `left` is set when the last body ended,
    also when its reader went away."""

    def __init__(self) -> None:
        super().__init__()
        self.left = threading.Event()

    def say(self, content_type: str, parts: Iterable[bytes]) -> None:
        self.left = threading.Event()
        self._content_type, self._parts = content_type, parts

    def answer(self, received: Received) -> Reply:
        return Reply(200, [("Content-Type", self._content_type)], self._told(self._parts, self.left))

    def _told(self, parts: Iterable[bytes], left: threading.Event) -> Iterator[bytes]:
        try:
            yield from parts
        finally:
            left.set()

    def forever(self, *first: bytes) -> Iterator[bytes]:
        """These parts, then comments, which keep the connection and are no event."""
        yield from first
        while not self.closing.wait(0.05):
            yield b": still here\n"
