"""Sealgate as the demo uses it: a process of its own, spoken to over HTTP only (DESIGN 13)."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sealgate.testing.jwts import session_jwt
from sealgate.testing.ports import HOST, free_ports, is_free

USUAL_PORTS = (8080, 8081)
READY_WITHIN = 60.0
"""Seconds for the server to start; a busy machine needs several."""
IN_FORCE_WITHIN = 10.0
"""Seconds for a saved connector to reach the data plane; one is promised (DESIGN 3)."""
STOPPED_WITHIN = 15.0
LOG_LINES = 25


class DemoFailed(Exception):
    """The demo cannot go on; the text says what happened and what the server last logged."""


@dataclass(frozen=True)
class Answer:
    """What a caller of Sealgate got."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The parsed body; `None` when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def code(self) -> str | None:
        """The code of an error envelope."""
        envelope = self.json()
        errors = envelope.get("errors") if isinstance(envelope, dict) else None
        return errors.get("code") if isinstance(errors, dict) else None


class Gateway:
    """`sealgate serve` in a directory, reaching only the origins in `allow`.

    Entering waits until both planes answer. Raises DemoFailed when they do not."""

    def __init__(self, directory: Path, allow: Sequence[str], *, usual_ports: bool) -> None:
        ports = USUAL_PORTS if usual_ports and all(map(is_free, USUAL_PORTS)) else free_ports(2)
        self.origin, self.admin_origin = (f"http://{HOST}:{port}" for port in ports)
        self.admin_token = secrets.token_urlsafe(24)
        self._session_secret = secrets.token_urlsafe(48)
        self._directory = directory
        self._log = directory / "sealgate.log"
        listen, admin_listen = (f"{HOST}:{port}" for port in ports)
        self._environment = {
            "SEALGATE_DATA": str(directory / "data"),
            "SEALGATE_LISTEN": listen,
            "SEALGATE_ADMIN_LISTEN": admin_listen,
            "SEALGATE_ADMIN_TOKEN": self.admin_token,
            "SEALGATE_SESSION_SECRET": self._session_secret,
            "SEALGATE_EGRESS_ALLOW": ",".join(allow),
        }

    def __enter__(self) -> Self:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEALGATE_")}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # our own module
                [sys.executable, "-m", "sealgate", "serve"],
                cwd=self._directory,  # where no sealgate.toml of the user lies
                env=inherited | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C goes to the demo, which then stops the server in order
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def wait(self) -> None:
        """Block while the server runs. Raises DemoFailed when it ends by itself."""
        raise self.failed(f"the server ended with exit code {self._process.wait()}")

    def session(self, claims: Mapping[str, Any], lifetime: int) -> str:
        """A session JWT as the host application signs it for one of its users."""
        return session_jwt(self._session_secret, lifetime=lifetime, **claims)

    def store_secret(self, name: str, value: str) -> None:
        """`PUT /api/v1/secrets/{name}`. Raises DemoFailed when it is refused."""
        self._manage("PUT", f"/api/v1/secrets/{name}", {"value": value})

    def create_connector(self, document: Mapping[str, Any]) -> str:
        """`POST /api/v1/connectors`; returns the permalink. Raises DemoFailed when it is refused."""
        self._manage("POST", "/api/v1/connectors", document)
        return str(document["permalink"])

    def execute(self, permalink: str, query: str, session: str) -> Answer:
        """Call a connector as a signed-in user; waits for one that is not in force yet."""
        target = f"/connectors/{permalink}/execute" + (f"?{query}" if query else "")
        deadline = time.monotonic() + IN_FORCE_WITHIN
        while True:
            answer = self._call(self.origin, "GET", target, session)
            if answer.code != "CONNECTOR_NOT_FOUND" or time.monotonic() > deadline:
                return answer
            time.sleep(0.05)

    def failed(self, what: str) -> DemoFailed:
        """The error for `what`, with the end of the server's log."""
        lines = self._log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return DemoFailed("\n".join([what, "The server's last log lines:", *(lines or ["(none)"])]))

    def _manage(self, method: str, target: str, body: Mapping[str, Any]) -> None:
        answer = self._call(self.admin_origin, method, target, self.admin_token, body)
        if answer.status not in (200, 201, 204):
            raise self.failed(f"{method} {target} answered {answer.status}: {answer.body.decode()[:2000]}")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            if (code := self._process.poll()) is not None:
                raise self.failed(f"the server ended with exit code {code} before it was ready")
            if time.monotonic() > deadline:
                raise self.failed(f"the server was not ready within {READY_WITHIN:.0f} s")
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        probes = ((self.origin, "/readyz"), (self.admin_origin, "/api/v1/connectors"))
        try:
            return all(
                self._exchange(origin, "GET", path, self.admin_token).status == 200 for origin, path in probes
            )
        except (OSError, http.client.HTTPException):
            return False

    def _call(
        self, origin: str, method: str, target: str, token: str, body: Mapping[str, Any] | None = None
    ) -> Answer:
        try:
            return self._exchange(origin, method, target, token, body)
        except (OSError, http.client.HTTPException) as error:
            raise self.failed(f"{method} {target} got no answer: {error}") from error

    def _exchange(
        self, origin: str, method: str, target: str, token: str, body: Mapping[str, Any] | None = None
    ) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=30)
        try:
            connection.request(method, target, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()

    def _stop(self) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOPPED_WITHIN)
        with suppress(ProcessLookupError):  # the usual case: nobody is left in its process group
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
