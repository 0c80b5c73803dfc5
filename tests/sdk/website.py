"""The website whose pages use the SDK: another origin than Sealgate's."""

from sealgate.testing.wire import Received, Reply, WireServer

EMPTY = "<!doctype html><title>Page</title>"


class Site(WireServer):
    """`pages` maps a path to HTML; any other path is an empty page."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, str] = {}

    def answer(self, received: Received) -> Reply:
        html = self.pages.get(received.path, EMPTY)
        return Reply(200, [("Content-Type", "text/html; charset=utf-8")], html.encode())

    @property
    def elsewhere(self) -> str:
        """The same pages under a name that is another site for cookies."""
        return self.origin.replace("127.0.0.1", "localhost")
