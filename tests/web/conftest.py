import socket
import sys
import threading
from pathlib import Path

import pytest

from sealgate.testing.fixtures import fake_api, oauth_server

# The server in a process of its own, as the end-to-end tests start it.
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

__all__ = ["fake_api", "oauth_server"]


class RawApi:
    """An upstream by hand: `serve(connection, request_head)` runs in a thread for each connection."""

    def __init__(self, serve):
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        with connection:
            connection.settimeout(20)
            head = b""
            while b"\r\n\r\n" not in head:
                part = connection.recv(65536)
                if not part:
                    return
                head += part
            self._serve(connection, head)

    def close(self):
        self._listener.close()


@pytest.fixture
def raw_api():
    made = []

    def make(serve):
        made.append(RawApi(serve))
        return made[-1]

    yield make
    for api in made:
        api.close()
