"""A real `Listening` in a thread of its own, and a caller who speaks to it in bytes."""

import asyncio
import socket
import threading
import time
from dataclasses import dataclass

import uvloop

from sealgate.web.server import Listening, Patience

PATIENT = Patience(head=20, idle=20, stalled=20, linger=20)
"""No test waits that long: what ends by one of these fails."""
PROBE = b"GET /probe HTTP/1.1\r\nHost: a\r\n\r\n"


class Running:
    """`faults` is what the event loop was told of: exceptions that nobody handled."""

    def __init__(self, app, patience=PATIENT, most=1000):
        self.faults = []
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(app, patience, most), daemon=True)
        self._thread.start()
        assert self._begun.wait(10)

    def _run(self, app, patience, most):
        uvloop.run(self._serve(app, patience, most))

    async def _serve(self, app, patience, most):
        self.loop = asyncio.get_running_loop()
        self.loop.set_exception_handler(lambda _, context: self.faults.append(context))
        self._stop = asyncio.Event()
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.listening = await Listening.begin(app, listener, most=most, backlog=1000, patience=patience)
        self._begun.set()
        await self._stop.wait()
        await self.listening.end(0)

    def end(self, seconds):
        """What SIGTERM does to a worker; a future."""
        return asyncio.run_coroutine_threadsafe(self.listening.end(seconds), self.loop)

    def close(self):
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()
        assert self.faults == []

    def emptied(self):
        """Wait until no connection is left."""
        deadline = time.monotonic() + 10
        while self.listening._open:
            assert time.monotonic() < deadline, "a connection is still open"
            time.sleep(0.01)

    def call(self, raw=b""):
        return Caller(self.port, raw)


@dataclass
class Answer:
    status: int
    fields: dict[str, str]
    body: bytes
    whole: bool


class Broken(Exception):
    """The connection ended where a reply was expected."""


class Caller:
    def __init__(self, port, raw=b""):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._buffer = b""
        if raw:
            self.send(raw)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, raw):
        self.socket.sendall(raw)

    def head(self):
        """The status and the fields of the next reply. Raises Broken."""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").split("\r\n")
        version, status, _ = start.split(" ", 2)
        assert version == "HTTP/1.1"
        return int(status), dict(line.split(": ", 1) for line in lines)

    def answer(self, *, bodiless=False):
        """The next reply. Raises Broken when there is none, or not all of it."""
        status, fields = self.head()
        if bodiless or status in (100, 204, 304):
            return Answer(status, fields, b"", True)
        if "content-length" in fields:
            return Answer(status, fields, self.take(int(fields["content-length"])), True)
        if "transfer-encoding" in fields:
            return Answer(status, fields, b"".join(iter(self._chunk, b"")), True)
        return Answer(status, fields, self.rest(), True)

    def take(self, size):
        while len(self._buffer) < size:
            self._more()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def rest(self):
        """Everything up to the end. Raises Broken when the connection was reset."""
        try:
            while True:
                self._more()
        except EOFError:
            rest, self._buffer = self._buffer, b""
            return rest

    def statuses(self):
        """Those of all replies up to an orderly end."""
        found = []
        while True:
            try:
                found.append(self.answer().status)
            except EOFError:
                assert self._buffer == b""
                return found

    def alive(self):
        """Whether the connection serves another request."""
        self.send(PROBE)
        return self.answer().status == 200

    def _chunk(self):
        while b"\r\n" not in self._buffer:
            self._more()
        size, _, self._buffer = self._buffer.partition(b"\r\n")
        piece = self.take(int(size, 16))
        assert self.take(2) == b"\r\n"
        return piece

    def _more(self):
        try:
            piece = self.socket.recv(65536)
        except ConnectionResetError:
            raise Broken from None
        if not piece:
            raise EOFError
        self._buffer += piece


async def body(receive):
    """The whole body of a request; `None` when the caller went before its end."""
    pieces = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message["body"])
        if not message["more_body"]:
            return b"".join(pieces)


async def reply(send, status=200, content=b"", fields=()):
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": content})


async def echo(scope, receive, send):
    """Says what it was asked."""
    content = await body(receive)
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    asked = [scope["method"].encode(), scope["raw_path"] + query, content or b""]
    fields = [name + b": " + value for name, value in scope["headers"]]
    await reply(send, 200 if content is not None else 400, b"\n".join([*asked, *fields]))
