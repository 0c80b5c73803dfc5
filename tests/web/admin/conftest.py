"""The admin API spoken to as a server speaks to it (ASGI), over a real engine."""

import json
from dataclasses import dataclass
from urllib.parse import unquote

import pytest

from sealgate.execution.engine import Engine
from sealgate.settings import Settings
from sealgate.web.admin import create_app

ADMIN_TOKEN = "bootstrap-token-of-the-tests"


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json["errors"]["code"]

    @property
    def paths(self):
        return [fault["path"] for fault in self.json["errors"]["fields"]]


class Client:
    def __init__(self, engine):
        self.engine = engine
        self.app = create_app(engine)

    async def __call__(self, method, target, body=None, *, token=ADMIN_TOKEN, headers=None, chunks=None):
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = list(chunks or [raw])
        fields = {"authorization": f"Bearer {token}"} if token else {}
        fields |= {"transfer-encoding": "chunked"} if chunks else {"content-length": str(len(raw))}
        fields |= headers or {}
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in fields.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8081),
        }
        received = []

        async def receive():
            chunk = sent.pop(0) if sent else b""
            if chunk is None:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": chunk, "more_body": bool(sent)}

        async def send(message):
            received.append(message)

        await self.app(scope, receive, send)
        start, *parts = received
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(part.get("body", b"") for part in parts))

    async def token(self, *scopes, **more):
        """A new API token's text."""
        answer = await self("POST", "/api/v1/tokens", {"name": "t", "scopes": list(scopes), **more})
        assert answer.status == 201, answer.body
        return answer.json["token"]


@pytest.fixture
async def client(tmp_path):
    settings = Settings(
        data=tmp_path / "data",
        admin_token=ADMIN_TOKEN,
        egress_allow=("http://127.0.0.1:*",),
        max_request_body=100_000,
    )
    async with await Engine.start(settings) as engine:
        yield Client(engine)
