"""The demo API records exact bytes and answers as its table says."""

import gzip
import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from sealgate.testing import FakeApi


def connect(server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.origin).netloc, timeout=10)


def call(server, method="GET", target="/", body=None, headers=()):
    connection = connect(server)
    connection.request(method, target, body, dict(headers))
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.getheaders(), content


def exchange(server, raw: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", urlsplit(server.origin).port), timeout=10) as client:
        client.sendall(raw)
        received = b""
        while chunk := client.recv(65536):
            received += chunk
        return received


def test_a_request_is_kept_as_it_came(fake_api: FakeApi):
    exchange(
        fake_api,
        b"POST //a%2Fb/%20c?x=1+2&x=%C3%A9&f[]=&y HTTP/1.1\r\nhOST: demo\r\nX-One: a\r\n"
        b"x-one:  b \r\nConnection: close\r\nContent-Length: 4\r\n\r\n\x00\xff\r\n",
    )
    (received,) = fake_api.requests
    assert received.method == "POST"
    assert received.target == "//a%2Fb/%20c?x=1+2&x=%C3%A9&f[]=&y"
    assert received.path == "//a%2Fb/%20c"
    assert received.query == [("x", "1 2"), ("x", "é"), ("f[]", ""), ("y", "")]
    assert received.headers[:3] == [("hOST", "demo"), ("X-One", "a"), ("x-one", "b")]
    assert received.values("X-ONE") == ["a", "b"]
    assert received.header("absent") is None
    assert received.body == b"\x00\xff\r\n"


def test_a_chunked_body_is_put_together(fake_api: FakeApi):
    connection = connect(fake_api)
    connection.request("POST", "/", iter([b"one ", b"two"]), encode_chunked=True)
    assert json.loads(connection.getresponse().read())["body"] == "one two"
    assert fake_api.requests[0].body == b"one two"


def test_continue_is_sent_before_the_body(fake_api: FakeApi):
    answer = exchange(
        fake_api,
        b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
    )
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_connections_are_kept_alive_and_numbered(fake_api: FakeApi):
    first = connect(fake_api)
    for _ in range(2):
        first.request("GET", "/")
        first.getresponse().read()
    call(fake_api)
    ids = [received.peer_connection_id for received in fake_api.requests]
    assert ids[0] == ids[1] != ids[2]


def test_the_echo_tells_what_came(fake_api: FakeApi):
    status, _, content = call(fake_api, "PUT", "/v1/things?q=a%20b", "hello", {"X-Key": "sk-1"})
    echoed = json.loads(content)
    assert status == 200
    assert echoed["method"] == "PUT"
    assert echoed["path"] == "/v1/things"
    assert echoed["query"] == [["q", "a b"]]
    assert ["X-Key", "sk-1"] in echoed["headers"]
    assert echoed["body"] == "hello"


def test_a_binary_body_is_echoed_as_base64(fake_api: FakeApi):
    _, _, content = call(fake_api, "POST", "/", b"\xff\xfe")
    assert json.loads(content)["body"] == {"base64": "//4="}


@pytest.mark.parametrize(
    ("path", "status", "content_type"),
    [
        ("/anything", 200, "application/json"),
        ("/status/418", 418, "application/json"),
        ("/status/503", 503, "application/json"),
        ("/status", 200, "application/json"),
        ("/bytes/700", 200, "application/octet-stream"),
        ("/slow/0.01", 200, "application/json"),
        ("/stream/3", 200, "text/plain; charset=utf-8"),
        ("/html", 200, "text/html; charset=utf-8"),
        ("/gzip", 200, "application/json"),
        ("/redirect", 302, "application/json"),
        ("/set-cookie", 200, "application/json"),
        ("/protected", 401, "application/json"),
        ("/protected/things", 401, "application/json"),
    ],
)
def test_routes(fake_api: FakeApi, path, status, content_type):
    answered, headers, _ = call(fake_api, target=path)
    assert (answered, dict(headers)["Content-Type"]) == (status, content_type)


def test_the_body_of_each_special_route(fake_api: FakeApi):
    assert call(fake_api, target="/bytes/700")[2] == (bytes(range(256)) * 3)[:700]
    assert call(fake_api, target="/stream/3")[2] == b"line 0\nline 1\nline 2\n"
    assert dict(call(fake_api, target="/stream/3")[1])["Transfer-Encoding"] == "chunked"
    assert json.loads(gzip.decompress(call(fake_api, target="/gzip")[2]))["path"] == "/gzip"
    assert dict(call(fake_api, target="/redirect")[1])["Location"] == fake_api.origin + "/redirected"
    assert [name for name, _ in call(fake_api, target="/set-cookie")[1]].count("Set-Cookie") == 2


def test_an_error_page_prints_the_request(fake_api: FakeApi):
    _, _, content = call(fake_api, "POST", "/status/500?key=q-canary", "b-canary", {"X-Key": "h-canary"})
    assert all(canary in content for canary in (b"q-canary", b"b-canary", b"h-canary"))


def test_head_has_no_body(fake_api: FakeApi):
    status, headers, content = call(fake_api, "HEAD", "/bytes/10")
    assert (status, dict(headers)["Content-Length"], content) == (200, "10", b"")


def test_no_content_has_no_body(fake_api: FakeApi):
    assert call(fake_api, target="/status/204")[2] == b""


def test_scripted_replies_are_used_up(fake_api: FakeApi):
    fake_api.reply_with(503, [("Retry-After", "1")], "busy", path="/a", times=2)
    fake_api.reply_with(404, body=b"gone")
    assert [call(fake_api, target="/a")[0] for _ in range(2)] == [503, 503]
    assert [call(fake_api, target="/b")[0] for _ in range(2)] == [404, 200]
    assert call(fake_api, target="/a")[0] == 200


def test_protected_takes_only_accepted_tokens():
    with FakeApi(accepts=lambda token: token == "good") as api:
        for value, status in [("Bearer good", 200), ("Bearer bad", 401), ("Basic good", 401)]:
            assert call(api, target="/protected", headers={"Authorization": value})[0] == status


def test_requests_are_forgotten_on_clear(fake_api: FakeApi):
    call(fake_api)
    fake_api.clear()
    assert fake_api.requests == []


def test_many_clients_at_once(fake_api: FakeApi):
    with ThreadPoolExecutor(100) as pool:
        statuses = list(pool.map(lambda n: call(fake_api, target=f"/{n}")[0], range(300)))
    assert statuses == [200] * 300
    assert {received.path for received in fake_api.requests} == {f"/{n}" for n in range(300)}


def test_leaving_ends_open_and_slow_connections():
    with FakeApi() as api:
        idle, slow = connect(api), connect(api)
        idle.request("GET", "/")
        idle.getresponse().read()
        slow.request("GET", "/slow/60")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        slow.getresponse()
    idle.sock.settimeout(10)
    assert idle.sock.recv(1) == b""


def test_a_taken_port_is_an_error(fake_api: FakeApi):
    with pytest.raises(OSError, match="in use"):
        FakeApi(port=urlsplit(fake_api.origin).port)
