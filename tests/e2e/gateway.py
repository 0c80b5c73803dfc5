"""A running Sealgate as its users meet it: `sealgate serve` in a process of its own, spoken to by HTTP.

Everything it says is searched for every secret it was ever given (the canary)."""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from sealgate.testing.jwts import session_jwt

START_SECONDS = 30
IN_FORCE_SECONDS = 5


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["errors"]["code"]


class Gateway:
    """`with Gateway(tmp_path) as gateway:`; `call` is a caller, `admin` an admin."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "sealgate.log"
        self.admin_token = secrets.token_urlsafe(32)
        self.session_secret = secrets.token_urlsafe(48)
        self.canaries: set[str] = {self.admin_token, self.session_secret}
        self.port, self.admin_port = free_ports(2)
        self.environment = {
            "SEALGATE_DATA": str(self.data),
            "SEALGATE_LISTEN": f"127.0.0.1:{self.port}",
            "SEALGATE_ADMIN_LISTEN": f"127.0.0.1:{self.admin_port}",
            "SEALGATE_ADMIN_TOKEN": self.admin_token,
            "SEALGATE_SESSION_SECRET": self.session_secret,
            "SEALGATE_ANONYMOUS_ACCESS": "true",
            "SEALGATE_EGRESS_ALLOW": "http://127.0.0.1:*",
            "SEALGATE_WORKERS": "2",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    # -- its life ----------------------------------------------------------------------------------

    def __enter__(self) -> Gateway:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.search_files()

    def start(self) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEALGATE_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sealgate", "serve"],
                env={**inherited, **self.environment},
                cwd=self.directory,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"sealgate did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            return all(
                exchange(port, "GET", "/readyz").status == 200 for port in (self.port, self.admin_port)
            )
        except OSError:
            return False

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        assert self._process.wait(20) == 0, self.log.read_text()[-4000:]

    def restart(self) -> None:
        self.stop()
        self.start()

    # -- its admin ---------------------------------------------------------------------------------

    def admin(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"Authorization": f"Bearer {self.admin_token}", "Content-Type": "application/json"}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = exchange(self.admin_port, method, path, fields, content)
        self.search(answer.body, f"{method} {path}")
        self.search(repr(answer.headers).encode(), f"the headers of {method} {path}")
        return answer

    def secret(self, name: str, value: str, **more: Any) -> None:
        self.canaries.add(value)
        answer = self.admin("PUT", f"/api/v1/secrets/{name}", {"value": value, **more})
        assert answer.status in (200, 201), answer.body

    def variable(self, name: str, value: str) -> None:
        answer = self.admin("PUT", f"/api/v1/variables/{name}", {"value": value})
        assert answer.status in (200, 201), answer.body

    def connector(self, document: dict[str, Any]) -> str:
        """Save a connector and wait until every worker runs it. Returns its permalink."""
        document = {"name": f"c {secrets.token_hex(6)}", **document}
        answer = self.admin("POST", "/api/v1/connectors", document)
        assert answer.status == 201, answer.body
        permalink = answer.json["permalink"]
        self.settle()
        return permalink

    def settle(self) -> None:
        """Wait until what was saved is in force in every worker (design section 3: within 1 s)."""
        time.sleep(0.6)

    def test(self, **body: Any) -> Answer:
        return self.admin("POST", "/api/v1/test", body)

    # -- its callers -------------------------------------------------------------------------------

    def session(self, **claims: Any) -> str:
        return session_jwt(self.session_secret, **claims)

    def call(
        self,
        permalink: str,
        method: str = "GET",
        query: str = "",
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        user: dict[str, Any] | None = None,
        path_params: dict[str, Any] | None = None,
        tenant: str = "",
    ) -> Answer:
        fields = dict(headers or {})
        if user is not None:
            fields["Authorization"] = f"Bearer {self.session(**user)}"
        if path_params is not None:
            fields["X-Path-Params"] = urlencode(path_params)
        prefix = f"/t/{tenant}" if tenant else ""
        target = f"{prefix}/connectors/{permalink}/execute" + (f"?{query}" if query else "")
        answer = exchange(self.port, method, target, fields, body)
        # A successful reply is the API's own; what an echoing API prints there is the admin's choice.
        if not 200 <= answer.status < 300:
            self.search(answer.body, f"the body of {method} {permalink}")
        self.search(repr(answer.headers).encode(), f"the headers of {method} {permalink}")
        return answer

    # -- the canary --------------------------------------------------------------------------------

    def search(self, data: bytes, where: str, canaries: Iterable[str] | None = None) -> None:
        for canary in self.canaries if canaries is None else canaries:
            for form in forms(canary):
                assert form not in data, f"a secret stands in {where}: …{excerpt(data, form)}"

    def search_files(self) -> None:
        """The log and every file of the data directory but the operator's key."""
        for path in (self.log, *(p for p in self.data.rglob("*") if p.is_file() and p.name != "master.key")):
            self.search(path.read_bytes(), path.name)


def exchange(
    port: int, method: str, target: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """One HTTP request; the target goes out as it is written."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def forms(secret: str) -> Iterator[bytes]:
    """A secret in the forms in which it could stand somewhere; written apart from the redactor's."""
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield json.dumps(secret)[1:-1].encode()
    yield quote(secret, safe="").encode()
    yield quote_plus(secret).encode()
    yield base64.b64encode(raw).rstrip(b"=")[:-1]
    yield base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1]


def excerpt(data: bytes, form: bytes) -> bytes:
    at = data.find(form)
    return data[max(0, at - 80) : at] + b"[HERE]"


def free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
