"""The API behind every gateway: nginx with constant replies, on the load's core."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import shutil
import urllib.request
from pathlib import Path
from typing import Any

from bench.credentials import Credentials, write_certificate
from bench.filling import fill
from bench.options import FOLDER
from bench.processes import Pinned, free_port
from bench.scenarios import large_body, small_body


def nginx() -> str | None:
    """The program; Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def nginx_user() -> str:
    """User and group of this process: started by root, nginx would give up its rights to our files."""
    return f"{pwd.getpwuid(os.getuid()).pw_name} {grp.getgrgid(os.getgid()).gr_name}"


class Upstream:
    """`with Upstream(directory, credentials, core) as upstream:`; `http` and `https` are its origins."""

    def __init__(self, directory: Path, credentials: Credentials, core: int) -> None:
        self._directory = directory / "upstream"
        self._directory.mkdir(parents=True)
        self._core = core
        self.port, self.tls_port = free_port(), free_port()
        self.http = f"http://127.0.0.1:{self.port}"
        self.https = f"https://localhost:{self.tls_port}"
        self.authority = write_certificate(self._directory)
        (self._directory / "large").write_bytes(large_body())
        values: dict[str, object] = {
            "directory": self._directory,
            "user": nginx_user(),
            "port": self.port,
            "tls_port": self.tls_port,
            "small": small_body().decode(),
            "access_token": credentials.access_token,
        }
        self._configuration = self._directory / "upstream.conf"
        self._configuration.write_text(fill(FOLDER / "upstream.conf", values))
        self._process: Pinned | None = None

    def __enter__(self) -> Upstream:
        program = nginx()
        assert program, "nginx is the benchmark's upstream and has to be installed"
        self._process = Pinned(
            [program, "-c", str(self._configuration), "-p", str(self._directory)],
            core=self._core,
            log=self._directory / "nginx.log",
        )
        self._process.wait_for(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        self._process.stop()

    def connections(self) -> int:
        """How many were opened so far, the question's own included (ngx_http_stub_status_module)."""
        with urllib.request.urlopen(f"{self.http}/status") as reply:  # noqa: S310  # our own address
            found = re.search(r"requests\n\s*(\d+)", reply.read().decode())
        assert found
        return int(found[1])

    def add_file(self, name: str, size: int) -> None:
        """Serve a file of zeros at `/<name>`."""
        with (self._directory / name).open("wb") as file:
            file.truncate(size)

    def received(self, check: str) -> list[dict[str, Any]]:
        """What came in with `?check=<check>`, oldest first."""
        log = (self._directory / "received.log").read_text().splitlines()
        return [entry for entry in map(json.loads, log) if f"check={check}" in entry["uri"]]
