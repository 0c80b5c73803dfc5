"""Real repositories, and a real git server over HTTP (`git http-backend`) that wants a password."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

FILE = "connectors_registry.json"
URL = "https://api.example.com/x"


def registry(*names: str, **more: Any) -> str:
    return json.dumps({"connectors": [{"name": name, "url": URL} for name in names], **more})


class Repository:
    """A repository with a working tree, as a person has it."""

    def __init__(self, path: Path, branch: str = "main") -> None:
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", f"--initial-branch={branch}")
        self.git("config", "user.email", "ada@example.com")
        self.git("config", "user.name", "Ada")

    def git(self, *arguments: str) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, check=True, capture_output=True, text=True, env=clean
        )
        return done.stdout.strip()

    def write(self, content: str, name: str = FILE) -> str:
        """Commit a file; gives the commit."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return self.commit()

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD")


class GitServer:
    """Serves every repository below `root` to whoever knows the password (RFC 7617)."""

    def __init__(self, root: Path, username: str, password: str) -> None:
        self.root = root
        self.authorization = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
        self.seen: list[tuple[str, str | None]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> GitServer:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        given = handler.headers.get("Authorization")
        self.seen.append((handler.path, given))
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if given != self.authorization:
            handler.send_response(401)
            handler.send_header("WWW-Authenticate", 'Basic realm="git"')
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        head, _, content = self._backend(handler, body).partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((value[:3] for name, value in fields if name == "Status"), "200")
        handler.send_response(int(status))
        for name, value in fields:
            if name != "Status":
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _backend(self, handler: BaseHTTPRequestHandler, body: bytes) -> bytes:
        path, _, query = handler.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": handler.command,
            "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
            "REMOTE_USER": "reader",
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, env=environment, check=True
        )
        return done.stdout
