"""Calls through an egress proxy: what it learns, what it cannot change, and what is said when it fails."""

import asyncio
import base64
import ipaddress
import secrets
import socket
import ssl

import pytest
import uvloop

from sealgate.egress import Allowance, Egress, Trace
from sealgate.egress.proxy import Proxy
from sealgate.egress.tunnel import Tunnel
from sealgate.errors import DestinationBlocked, Downstream, UpstreamTimeout, UpstreamUnreachable
from sealgate.message import Origin, Request
from sealgate.secret import Secret
from sealgate.testing import Authority, ConnectProxy
from sealgate.testing.raw import RawUpstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]
ANYWHERE = ["http://127.0.0.1:*", "http://api.example:*", "https://api.example:*"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def egress_by(resolver):
    """A client behind a proxy; api.example is at 127.0.0.1."""
    clients = []

    def make(url, *, allow=ANYWHERE, addresses=("127.0.0.1",), resolves=False, **more):
        proxy = Proxy.parse(url, resolves=resolves)
        resolve, _ = resolver(list(addresses))
        clients.append(Egress(allow=Allowance.parse(allow), proxy=proxy, resolve=resolve, **more))
        return clients[-1]

    yield make
    for client in clients:
        await client.close()
        assert not client._pools._open and client._pools._places == 0


async def call(client, origin, target="/", headers=(), timeout=5.0, trace=None):
    async with asyncio.timeout(20):
        request = Request("GET", origin, target, headers)
        return await (await client.send(request, timeout=timeout, trace=trace)).read()


def secret_url(url, password):
    return url.replace("://", f"://gate%40way:{password}@")


async def test_plain_http_goes_through_a_tunnel_too_and_connections_are_kept(egress_by, upstream):
    upstream.say(OK, close=False)
    trace = Trace()
    with ConnectProxy() as proxy:
        client = egress_by(proxy.url)
        for _ in range(3):
            assert await call(client, upstream.origin, trace=trace) == b"ok"
        assert proxy.targets == [f"127.0.0.1:{upstream.port}"] and upstream.connections == 1
        assert (trace.proxy, trace.address, trace.reused) == (proxy.url, "127.0.0.1", True)


@pytest.mark.parametrize("tls_to_proxy", [False, True])
@pytest.mark.parametrize("tls_to_api", [False, True])
@pytest.mark.parametrize("new_loop", LOOPS)
def test_every_combination_of_tls(authority, new_loop, tls_to_proxy, tls_to_api):
    """Large bodies both ways, a kept connection, and one that ends with its body."""
    size = 2 * 1024 * 1024

    async def resolve(host, port):
        return [ipaddress.ip_address("127.0.0.1")]

    async def script(head, reader, writer):
        body = await reader.readexactly(size) if head.startswith(b"POST") else b"x" * size
        length = b"" if b"/close" in head else b"Content-Length: %d\r\n" % size
        writer.write(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n" + body)
        if b"/close" in head:
            writer.close()

    async def calls():
        server_tls = authority.server("api.example") if tls_to_api else None
        with ConnectProxy(authority.server("127.0.0.1") if tls_to_proxy else None) as proxy:
            client = Egress(
                allow=Allowance.parse(ANYWHERE),
                ca_file=authority.ca_file,
                resolve=resolve,
                proxy=Proxy.parse(proxy.url),
            )
            async with RawUpstream(server_tls) as server, asyncio.timeout(30):
                server.script = script
                origin = Origin("https" if tls_to_api else "http", "api.example", server.port)
                for method, target in (("GET", "/"), ("POST", "/"), ("GET", "/"), ("GET", "/close")):
                    body = b"x" * size if method == "POST" else None
                    response = await client.send(Request(method, origin, target, body=body), timeout=5)
                    assert await response.read() == b"x" * size
                assert server.connections == 1 and proxy.targets == [f"127.0.0.1:{server.port}"]
                await client.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(calls())


async def test_the_proxy_sees_no_credential_and_the_api_none_of_the_proxys(egress_by, authority):
    key, password = secrets.token_hex(16), secrets.token_hex(16)
    with ConnectProxy(user="gate@way", password=password) as proxy:
        client = egress_by(secret_url(proxy.url, password), ca_file=authority.ca_file)
        async with RawUpstream(authority.server("api.example")) as server:
            server.say(OK)
            origin = Origin("https", "api.example", server.port)
            assert await call(client, origin, f"/?k={key}", (("X-Key", Secret(key)),)) == b"ok"
        seen = b"".join(proxy.heads) + bytes(proxy.carried)
        assert key.encode() not in seen and b"X-Key" not in seen
        credentials = base64.b64encode(f"gate@way:{password}".encode())
        assert b"Proxy-Authorization: Basic " + credentials in proxy.heads[0]
        assert server.heads and b"proxy-" not in server.heads[0].lower()
        assert credentials not in server.heads[0]


async def test_a_plain_api_gets_no_proxy_fields_either(egress_by, upstream):
    upstream.say(OK)
    with ConnectProxy(user="gate@way", password="pw") as proxy:
        await call(egress_by(secret_url(proxy.url, "pw")), upstream.origin)
    assert b"proxy" not in upstream.heads[0].lower() and b"CONNECT" not in upstream.heads[0]


# -- the address check holds -------------------------------------------------------------------------


async def test_the_proxy_is_asked_for_the_address_that_was_checked(resolver, upstream):
    """Whatever the name means to the proxy, and a second answer of our name server: neither matters."""
    resolve, calls = resolver(["127.0.0.1"], ["10.0.0.1"])
    upstream.say(OK)
    async with RawUpstream() as other:
        other.say(OK)
        with ConnectProxy(names={f"api.example:{upstream.port}": f"127.0.0.1:{other.port}"}) as proxy:
            allow = Allowance.parse(ANYWHERE)
            client = Egress(allow=allow, resolve=resolve, proxy=Proxy.parse(proxy.url))
            await call(client, Origin("http", "api.example", upstream.port))
            await client.close()
            assert proxy.targets == [f"127.0.0.1:{upstream.port}"] and calls == ["api.example"]
        assert other.connections == 0 and b"Host: api.example" in upstream.heads[0]


async def test_an_address_in_ipv6_stands_in_brackets(egress_by):
    with ConnectProxy(answer=b"HTTP/1.1 502 No\r\n\r\n") as proxy:
        client = egress_by(proxy.url, allow=[], addresses=["2606:4700::1"])
        with pytest.raises(UpstreamUnreachable, match="502"):
            await call(client, Origin("https", "api.example", 443))
        assert proxy.heads == [b"CONNECT [2606:4700::1]:443 HTTP/1.1\r\nHost: [2606:4700::1]:443\r\n\r\n"]


@pytest.mark.parametrize(
    ("host", "addresses", "resolves", "error", "says"),
    [
        ("internal.example", ["10.0.0.1"], False, DestinationBlocked, "private"),
        ("meta.example", ["169.254.169.254"], False, DestinationBlocked, "metadata"),
        ("127.0.0.1", [], False, DestinationBlocked, "loopback"),
        ("127.0.0.1", [], True, DestinationBlocked, "loopback"),
        ("localhost", [], True, DestinationBlocked, "this machine"),
        ("unknown.example", [], False, UpstreamUnreachable, "SEALGATE_EGRESS_PROXY_RESOLVES"),
    ],
)
async def test_what_never_reaches_the_proxy(egress_by, host, addresses, resolves, error, says):
    with ConnectProxy() as proxy:
        client = egress_by(proxy.url, allow=[], addresses=addresses, resolves=resolves)
        with pytest.raises(error, match=says):
            await call(client, Origin("https", host, 443))
        assert proxy.heads == []


async def test_a_proxy_that_resolves_names_gets_the_name(egress_by, authority):
    async with RawUpstream(authority.server("api.example")) as server:
        server.say(OK)
        with ConnectProxy(names={"api.example:443": f"127.0.0.1:{server.port}"}) as proxy:
            client = egress_by(proxy.url, allow=[], addresses=[], resolves=True, ca_file=authority.ca_file)
            trace = Trace()
            assert await call(client, Origin("https", "api.example", 443), trace=trace) == b"ok"
            assert proxy.targets == ["api.example:443"] and trace.address == "api.example"


async def test_tls_verifies_the_api_through_the_tunnel(egress_by, authority):
    """A proxy that leads elsewhere gets no further than the certificate."""
    async with RawUpstream(authority.server("other.example")) as server:
        server.say(OK)
        with ConnectProxy() as proxy:
            client = egress_by(proxy.url, ca_file=authority.ca_file)
            with pytest.raises(UpstreamUnreachable, match=r"^the API's TLS certificate"):
                await call(client, Origin("https", "api.example", server.port))
        assert server.heads == []


async def test_tls_verifies_the_proxy_before_it_gets_the_password(egress_by, authority):
    with ConnectProxy(authority.server("other.example")) as proxy:
        client = egress_by(secret_url(proxy.url, "pw"), ca_file=authority.ca_file)
        with pytest.raises(UpstreamUnreachable, match=r"^the egress proxy's TLS certificate"):
            await call(client, Origin("http", "api.example", 80))
        assert proxy.heads == []


async def test_another_address_is_tried_when_the_proxy_cannot_connect_to_the_first(egress_by, upstream):
    upstream.say(OK)
    with ConnectProxy() as proxy:
        client = egress_by(proxy.url, addresses=["127.0.0.9", "127.0.0.1"])
        trace = Trace()
        origin = Origin("http", "api.example", upstream.port)
        assert await call(client, origin, trace=trace) == b"ok"
        assert trace.address == "127.0.0.1" and len(proxy.heads) == 2


# -- what is said when it fails ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n",
         "other credentials .407.*SEALGATE_EGRESS_PROXY"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "refuses connections to the API .403"),
        (b"HTTP/1.0 502 Bad Gateway\r\n\r\n", "could not connect to the API .502"),
        (b"HTTP/1.1 503\r\n\r\n", "could not connect to the API .503"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n", "the status 302"),
        (b"HTTP/1.1 405 No\r\n\r\n", "the status 405"),
        (b"HTTP/1.1 101 Switching\r\n\r\n", "not valid HTTP"),
        (b"HTTP/1.1 999 X\r\n\r\n", "not valid HTTP"),
        (b"HTTP/2 200\r\n\r\n", "not valid HTTP"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not valid HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "not valid HTTP"),
        (b"HTTP/1.1 20 X\r\n\r\n", "not valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000, "too large"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", "too large"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "more than an answer"),
        (b"HTTP/1.1 200 OK\r\n", "closed the connection without a whole answer"),
        (b"", "closed the connection without a whole answer"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_answers_to_connect(egress_by, scheme, answer, says):
    password = secrets.token_hex(16)
    with ConnectProxy(answer=answer) as proxy:
        client = egress_by(secret_url(proxy.url, password), addresses=["127.0.0.1", "127.0.0.2"])
        with pytest.raises(UpstreamUnreachable, match=f"egress proxy.*{says}") as raised:
            await call(client, Origin(scheme, "api.example", 9))
    assert password not in repr(raised.value.as_json()) + str(raised.value)
    assert len(proxy.heads) == (2 if "API" in says else 1), "wrong credentials are not tried again and again"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\n\n",
        b"HTTP/1.1 100 C\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("new_loop", LOOPS)
def test_other_good_answers(new_loop, scheme, answer):
    """After the answer this proxy hangs up: then it is the API that says nothing."""

    async def calls():
        client = Egress(allow=Allowance.parse([f"{scheme}://127.0.0.1:9"]), proxy=Proxy.parse(proxy.url))
        for _ in range(5):
            with pytest.raises(Downstream, match=r"the API (closed|spoke, or hung up)|connecting to the API"):
                await call(client, Origin(scheme, "127.0.0.1", 9))
        await client.close()
        assert len(proxy.heads) >= 5

    with ConnectProxy(answer=answer) as proxy, asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(calls())


async def outcome_of(*pieces):
    tunnel = Tunnel(asyncio.get_running_loop())
    for piece in pieces:
        tunnel.data_received(piece)
    return repr(tunnel.answer.result()) if tunnel.answer.done() else "waiting"


async def test_where_an_answer_is_cut_makes_no_difference():
    heads = [b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n", b"HTTP/1.0 502 No\n\n", b"HTTP/1.1 407 No\r\n\r\n",
             b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\n\r\nHTTP/1.1 200\r\n\r\n", b"HTTX",
             b"HTTP/1.1 2000 OK\r\n\r\n"]  # fmt: skip
    for head in heads:
        whole = await outcome_of(head)
        assert whole != "waiting"
        assert await outcome_of(*(head[at : at + 1] for at in range(len(head)))) == whole
        for cut in range(len(head)):
            assert await outcome_of(head[:cut], head[cut:]) == whole


async def test_bytes_that_come_before_tls_are_not_taken_for_the_apis(egress_by, authority):
    async with RawUpstream(authority.server("api.example")) as server:
        server.say(OK)
        with ConnectProxy(extra=OK) as proxy:
            client = egress_by(proxy.url, ca_file=authority.ca_file)
            with pytest.raises(UpstreamUnreachable, match="more than an answer"):
                await call(client, Origin("https", "api.example", server.port))


@pytest.mark.parametrize("new_loop", LOOPS)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_an_api_that_speaks_before_it_is_asked(authority, new_loop, version):
    """Its bytes come with the end of the handshake, when nobody takes them for a reply, or after it."""

    async def resolve(host, port):
        return [ipaddress.ip_address("127.0.0.1")]

    async def serve(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        await reader.read()
        writer.close()

    async def calls():
        tls = authority.server("api.example")
        tls.maximum_version = version
        proxied = Proxy.parse(proxy.url)
        client = Egress(
            allow=Allowance.parse(ANYWHERE), ca_file=authority.ca_file, resolve=resolve, proxy=proxied
        )
        async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server, asyncio.timeout(10):
            origin = Origin("https", "api.example", server.sockets[0].getsockname()[1])
            for _ in range(5):
                try:
                    assert await call(client, origin) == b"ok"
                except UpstreamUnreachable as error:
                    assert error.detail == "the API spoke, or hung up, before it was asked"
        await client.close()

    with ConnectProxy() as proxy, asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(calls())


async def test_a_proxy_that_is_not_there(egress_by):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        client = egress_by(f"http://user:canary@127.0.0.1:{port}")
        with pytest.raises(UpstreamUnreachable, match=r"^connecting to the egress proxy: Connection refused"):
            await call(client, Origin("http", "api.example", 80))


async def test_a_proxy_whose_name_does_not_resolve(egress_by):
    client = egress_by("http://proxy.invalid:3128")
    with pytest.raises(UpstreamUnreachable, match=r"^the egress proxy's host name does not resolve"):
        await call(client, Origin("http", "api.example", 80))


async def test_tls_to_a_proxy_that_does_not_speak_it(egress_by):
    with ConnectProxy() as proxy:
        client = egress_by(proxy.url.replace("http:", "https:"), connect_timeout=1.0)
        with pytest.raises((UpstreamUnreachable, UpstreamTimeout), match="egress proxy"):
            await call(client, Origin("http", "api.example", 80))


async def test_a_proxy_that_does_not_answer_in_time(egress_by):
    with ConnectProxy(delay=60) as proxy:
        client = egress_by(proxy.url, connect_timeout=0.3)
        with pytest.raises(UpstreamTimeout, match=r"^the egress proxy did not answer CONNECT in time"):
            await call(client, Origin("http", "api.example", 80))


async def test_the_timeout_of_the_call_bounds_the_proxy_too(egress_by):
    with ConnectProxy(delay=60) as proxy:
        client = egress_by(proxy.url)
        with pytest.raises(UpstreamTimeout, match=r"within 0.3 s"):
            await call(client, Origin("http", "api.example", 80), timeout=0.3)


async def test_a_call_that_is_given_up_leaves_no_tunnel_and_no_place(egress_by):
    with ConnectProxy(delay=60) as proxy:
        client = egress_by(proxy.url, max_per_origin=1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await call(client, Origin("http", "api.example", 80))
        assert len(proxy.heads) == 1 and client._pools._places == 0 and client._pools._pools == {}
