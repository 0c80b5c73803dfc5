"""A small HTTP/1.1 server that keeps every request exactly as it came over the wire.

The fakes stand on this instead of on `http.server` because a gateway is judged by bytes: the raw
target (`//`, `%2F`, `+`), the order and spelling of header names, the raw body.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from socket import SHUT_RDWR, socket
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Received:
    """One request. `target` and `headers` are the raw text, decoded as Latin-1."""

    method: str
    target: str
    headers: Headers
    """In the order received, names as spelled."""
    body: bytes
    """Without the chunked framing."""
    peer_connection_id: int
    """The same number for requests of one connection."""

    @property
    def path(self) -> str:
        """The raw path."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The decoded query pairs, blank ones too."""
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def values(self, name: str) -> list[str]:
        """Every value of a header field, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """The first value of a header field."""
        return next(iter(self.values(name)), None)


@dataclass(frozen=True)
class Reply:
    """An answer. `body` is sent with `Content-Length`, or chunked when it is an iterable of chunks."""

    status: int = 200
    headers: Iterable[tuple[str, str]] = ()
    body: bytes | Iterable[bytes] = b""


class Hangup(Exception):
    """Raised by an `answer` to close the connection without a reply."""


class WireServer:
    """Serves `answer` on a free port of 127.0.0.1, a thread for each connection, as a context manager.

    Raises OSError when the port is taken."""

    def __init__(self, port: int = 0) -> None:
        self._server = _SocketServer(self, port)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._requests: list[Received] = []

    @property
    def requests(self) -> list[Received]:
        """A copy of what was received so far, oldest first."""
        with self._lock:
            return list(self._requests)

    def clear(self) -> None:
        """Forget the requests received so far."""
        with self._lock:
            self._requests.clear()

    def answer(self, received: Received) -> Reply:
        """The reply to one request; called in the connection's thread."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        # The poll interval is how long `shutdown` may take.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.drop_connections()

    def record(self, received: Received) -> None:
        with self._lock:
            self._requests.append(received)


class _SocketServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, wire: WireServer, port: int) -> None:
        self.wire = wire
        self.connection_ids = count(1)
        self._open: set[socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)

    def process_request(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        assert isinstance(request, socket)
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket | tuple[bytes, socket]) -> None:
        assert isinstance(request, socket)
        self._open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(SHUT_RDWR)
            except OSError:
                continue  # its own thread closed it first


class _Connection(socketserver.StreamRequestHandler):
    server: _SocketServer
    disable_nagle_algorithm = True

    def handle(self) -> None:
        connection_id = next(self.server.connection_ids)
        try:
            while received := self._read(connection_id):
                self.server.wire.record(received)
                self._write(self.server.wire.answer(received), head_only=received.method == "HEAD")
                if (received.header("Connection") or "").lower() == "close":
                    return
        except (ConnectionError, Hangup):
            return

    def _read(self, connection_id: int) -> Received | None:
        """The next request; `None` when the client is done or what it sent is no whole HTTP/1.1 request."""
        method, _, rest = self._line().partition(" ")
        target, _, version = rest.rpartition(" ")
        if version not in ("HTTP/1.1", "HTTP/1.0"):
            return None
        headers: Headers = []
        while line := self._line():
            name, _, value = line.partition(":")
            headers.append((name, value.strip(" \t")))
        fields = {name.lower(): value for name, value in headers}
        if fields.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if fields.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunked()
        else:
            body = self._exactly(int(fields.get("content-length", "0")))
        return Received(method, target, headers, body, connection_id)

    def _line(self) -> str:
        return self.rfile.readline().decode("latin-1").rstrip("\r\n")

    def _exactly(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionResetError("the client closed in the middle of a body")
        return data

    def _chunked(self) -> bytes:
        body = b""
        while size := self._chunk_size():
            body += self._exactly(size)
            self._line()
        while self._line():
            pass  # trailer fields
        return body

    def _chunk_size(self) -> int:
        line = self._line()
        if not line:
            raise ConnectionResetError("the client closed in the middle of a body")
        return int(line.partition(";")[0], 16)

    def _write(self, reply: Reply, *, head_only: bool) -> None:
        headers = list(reply.headers)
        without_body = head_only or reply.status in (204, 304)
        if not isinstance(reply.body, bytes):
            headers.append(("Transfer-Encoding", "chunked"))
        elif reply.status not in (204, 304):
            headers.append(("Content-Length", str(len(reply.body))))
        head = [f"HTTP/1.1 {reply.status} {_reason(reply.status)}"]
        head += [f"{name}: {value}" for name, value in headers]
        self.wfile.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))
        if without_body:
            return
        if isinstance(reply.body, bytes):
            self.wfile.write(reply.body)
            return
        for chunk in reply.body:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
