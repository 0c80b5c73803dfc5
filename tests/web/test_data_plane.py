"""The data plane on the wire: a real server, real callers, real upstreams."""

import http.client
import json
import re
import socket
import threading
import time
import uuid
from contextlib import suppress

import pytest
from gateway import Gateway, exchange

from sealgate.testing import FakeApi

PAGE = "https://app.example"
LIMIT = 300_000
TIMINGS = ("x-request-id", "server-timing", "x-connector-timing")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    directory = tmp_path_factory.mktemp("plane")
    settings = {"CORS_ORIGINS": PAGE, "MAX_REQUEST_BODY": str(LIMIT), "WORKERS": "1"}
    with Gateway(directory, **{f"SEALGATE_{name}": value for name, value in settings.items()}) as running:
        yield running


@pytest.fixture(scope="module")
def server():
    with FakeApi() as api:
        yield api


@pytest.fixture(scope="module")
def connectors(gateway, server):
    for name in ("get", "post", "head", "options"):
        put(gateway, name, f"{server.origin}/{name}", name.upper())
    gateway.settle()


@pytest.fixture
def api(server, connectors):
    server.clear()
    return server


def put(gateway, name, url, method="GET"):
    answer = gateway.admin("PUT", f"/api/v1/connectors/{name}", {"name": name, "url": url, "method": method})
    assert answer.status in (200, 201), answer.body


def raw(gateway, name, serve, raw_api):
    """A connector to an upstream by hand."""
    put(gateway, name, f"{raw_api(serve).origin}/")
    gateway.settle()


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.02)


# -- addresses and headers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/", "/connectors", "/connectors/get", "/connectors/get/execute/", "/connectors//execute",
        "/connectors/get/executes", "//connectors/get/execute", "/t//connectors/get/execute",
        "/t/a/b/connectors/get/execute", "/api/v1/connectors", "/healthz/", "/connectors/a%2Fb/execute%00",
    ],
)  # fmt: skip
def test_nothing_elsewhere(gateway, path):
    answer = exchange(gateway.port, "GET", path)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.json["request_id"] == answer.header("X-Request-ID")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health(gateway, path):
    answer = exchange(gateway.port, "GET", path)
    assert answer.status == 200 and answer.header("Content-Type") == "application/json"


def test_every_call_has_an_id_of_ours(gateway, api):
    seen = set()
    for permalink in ("get", "nothing", "get"):
        answer = gateway.call(permalink, headers={"X-Request-Id": "mine"})
        seen.add(uuid.UUID(answer.header("X-Request-ID")))
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("permalink", "method", "fields", "status"),
    [
        ("get", "GET", {}, 200),
        ("get", "DELETE", {}, 405),
        ("nothing", "GET", {}, 404),
        ("get", "GET", {"Authorization": "Bearer wrong"}, 401),
        ("post", "POST", {"Content-Length": str(LIMIT + 1)}, 413),
    ],
)
def test_every_execution_is_timed_and_guarded(gateway, api, permalink, method, fields, status):
    answer = gateway.call(permalink, method, headers=fields)
    assert answer.status == status
    timing = json.loads(answer.header("X-Connector-Timing"))
    assert timing["request_id"] == answer.header("X-Request-ID")
    assert re.search(r"setup;dur=.*transform;dur=.*cache;dur=.*total;dur=", answer.header("Server-Timing"))
    assert ("error" in timing) == (status != 200)
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Content-Security-Policy").startswith("sandbox; default-src 'none'")
    assert answer.header("Cache-Control") == "private, no-store"
    assert answer.header("Vary") == "Origin"
    if status != 200:
        assert answer.json["success"] is False
        assert answer.json["request_id"] == answer.header("X-Request-ID")
    if status == 405:
        assert answer.header("Allow") == "GET"
    if status == 401:
        assert answer.header("WWW-Authenticate").startswith("Bearer")


def test_head_has_no_body(gateway, api):
    answer = gateway.call("head", "HEAD")
    assert (answer.status, answer.body) == (200, b"") and api.requests[0].method == "HEAD"
    refused = gateway.call("nothing", "HEAD")
    assert (refused.status, refused.body) == (404, b"") and refused.header("X-Request-ID")


def test_a_page_of_a_listed_origin(gateway, api):
    asked = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-path-params",
    }
    answer = gateway.call("get", "OPTIONS", headers=asked)
    assert (answer.status, answer.body, api.requests) == (204, b"", [])
    assert answer.header("Access-Control-Allow-Origin") == PAGE
    assert answer.header("Access-Control-Allow-Headers") == "x-path-params"
    for permalink in ("get", "nothing"):
        answer = gateway.call(permalink, headers={"Origin": PAGE})
        assert answer.header("Access-Control-Allow-Origin") == PAGE
        assert all(name in answer.header("Access-Control-Expose-Headers").lower() for name in TIMINGS)


def test_a_page_of_another_origin(gateway, api):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for method, status in (("OPTIONS", 405), ("GET", 200)):
        answer = gateway.call("get", method, headers=asked)
        assert answer.status == status
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_options_without_a_preflight_is_a_call(gateway, api):
    assert gateway.call("options", "OPTIONS", headers={"Origin": PAGE}).status == 200
    assert api.requests[0].method == "OPTIONS"


# -- the caller's body -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, LIMIT])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_arrive_byte_for_byte(gateway, api, size, chunked):
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    parts = iter([body[:1000], body[1000:]]) if chunked else body
    fields = {"Transfer-Encoding": "chunked"} if chunked else {}
    connection.request("POST", "/connectors/post/execute", parts, fields, encode_chunked=chunked)
    assert connection.getresponse().status == 200
    connection.close()
    assert api.requests[0].body == body


def posting(framing_):
    return f"POST /connectors/post/execute HTTP/1.1\r\nHost: x\r\n{framing_}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("framing_", "sent"),
    [
        (f"Content-Length: {LIMIT + 1}", b""),
        ("Transfer-Encoding: chunked", b"61a80\r\n" + b"x" * 400_000 + b"\r\n0\r\n\r\n"),
    ],
)
def test_a_body_above_the_limit(gateway, api, framing_, sent):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as caller:
        caller.sendall(
            f"POST /connectors/post/execute HTTP/1.1\r\nHost: x\r\n{framing_}\r\n\r\n".encode() + sent
        )
        assert b"413" in caller.recv(4096).split(b"\r\n")[0]
    assert api.requests == []


@pytest.mark.parametrize(
    "framing_", ["Content-Length: 200000", "Content-Length: 11", "Transfer-Encoding: chunked"]
)
def test_a_body_cut_short_is_never_passed_on_as_whole(gateway, api, framing_):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as caller:
        caller.sendall(posting(framing_) + b"5\r\nhello\r\n")
        time.sleep(0.2)
    time.sleep(0.3)
    assert api.requests == []


# -- the upstream's body ---------------------------------------------------------------------------


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def open_call(gateway, permalink):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    connection.request("GET", f"/connectors/{permalink}/execute")
    return connection, connection.getresponse()


def test_a_body_is_passed_on_as_it_arrives(gateway, raw_api):
    go_on = threading.Event()

    def serve(connection, _):
        connection.sendall(HEAD + chunk(b"first"))
        go_on.wait(10)
        connection.sendall(chunk(b"second") + b"0\r\n\r\n")

    raw(gateway, "streaming", serve, raw_api)
    connection, response = open_call(gateway, "streaming")
    assert response.read1() == b"first"
    go_on.set()
    assert response.read() == b"second"
    connection.close()


def test_an_upstream_that_breaks_off_does_not_look_finished(gateway, raw_api):
    def serve(connection, _):
        connection.sendall(HEAD + chunk(b"first"))
        time.sleep(0.2)

    raw(gateway, "breaking", serve, raw_api)
    connection, response = open_call(gateway, "breaking")
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()
    until(lambda: '"code":"UPSTREAM' in log_lines(gateway, "breaking"))
    assert gateway.call("get").status == 200


def test_when_the_caller_goes_the_upstream_is_let_go(gateway, raw_api):
    let_go = threading.Event()

    def serve(connection, _):
        connection.sendall(HEAD)
        try:
            while True:
                connection.sendall(chunk(b"tick"))
                time.sleep(0.05)
        except OSError:
            let_go.set()

    raw(gateway, "ticking", serve, raw_api)
    connection, response = open_call(gateway, "ticking")
    assert response.read1(4) == b"tick"
    connection.close()
    response.close()
    assert let_go.wait(10)


def test_a_slow_reader_slows_the_upstream(gateway, raw_api):
    """What nobody reads must not pile up in memory."""
    sent = 0

    def serve(connection, _):
        nonlocal sent
        connection.sendall(HEAD)
        block = chunk(b"x" * 65_536)
        with suppress(OSError):
            while sent < 400_000_000:
                connection.sendall(block)
                sent += 65_536

    raw(gateway, "flood", serve, raw_api)
    connection, response = open_call(gateway, "flood")
    response.read1(10)
    before = -1
    while before != sent:
        before = sent
        time.sleep(0.5)
    assert sent < 60_000_000
    connection.close()
    response.close()


# -- the log ---------------------------------------------------------------------------------------


def log_lines(gateway, permalink):
    return "\n".join(line for line in gateway.log.read_text().splitlines() if f'"{permalink}"' in line)


def test_one_line_about_each_execution(gateway, api):
    answer = gateway.call(
        "get", query="q=private-query", user={"sub": "private-sub"}, headers={"Cookie": "a=private-cookie"}
    )
    until(lambda: answer.header("X-Request-ID") in gateway.log.read_text())
    (line,) = (line for line in gateway.log.read_text().splitlines() if answer.header("X-Request-ID") in line)
    told = json.loads(line)
    assert told.pop("total_ms") >= 0 and told.pop("timestamp")
    assert told == {
        "event": "execution", "level": "info", "request_id": answer.header("X-Request-ID"),
        "tenant": "default", "permalink": "get", "method": "GET", "status": 200, "code": None,
        "caller": "session",
    }  # fmt: skip
    assert "private" not in gateway.log.read_text()
