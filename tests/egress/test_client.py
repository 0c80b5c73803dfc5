"""The client on real sockets, against upstreams with and without manners."""

import asyncio
import gzip
import ipaddress
import ssl
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sealgate.egress import Allowance, Egress, Trace
from sealgate.errors import (
    DestinationBlocked,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from sealgate.message import Origin, Request
from sealgate.secret import Secret
from sealgate.testing.raw import RawUpstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


async def fetch(egress, upstream, method="GET", target="/", headers=(), body=None, timeout=5.0, **more):
    async with asyncio.timeout(20):
        request = Request(method, upstream.origin, target, tuple(headers), body)
        response = await egress.send(request, timeout=timeout, **more)
        return response, await response.read()


TARGETS = [
    "/", "//a/./b/../c", "/a%2Fb%2fc", "/a+b%20c", "/x;y=1,2", "/a'b(c)*!$&", "/?a[b][]=1&a%5Bb%5D=2",
    "/?t=a&t=b&&u", "/?q=a+b%20c%2B", "/?x=%e2%82%ac&y=%E2%82%AC", "/?a=/?:@", "/%7Euser/~user",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
async def test_the_target_goes_out_byte_for_byte(egress, upstream, target):
    upstream.say(OK)
    for text in (target, Secret(target)):
        await fetch(egress, upstream, target=text)
        assert upstream.heads[-1].split(b"\r\n")[0] == f"GET {target} HTTP/1.1".encode()


async def test_headers_as_they_go_out(egress, upstream):
    upstream.say(OK)
    rows = [("X-A", "1"), ("X-Key", Secret("sk")), ("Host", "evil.example"), ("Content-Length", "9"),
            ("Transfer-Encoding", "chunked"), ("Connection", "close"), ("X-A", "2")]  # fmt: skip
    await fetch(egress, upstream, headers=rows)
    lines = upstream.heads[0].decode().split("\r\n")[1:-2]
    fields = [tuple(line.split(": ", 1)) for line in lines]
    assert fields[0] == ("Host", upstream.origin.authority)
    assert ("X-A", "1") in fields and ("X-A", "2") in fields and ("X-Key", "sk") in fields
    names = {name.lower() for name, _ in fields}
    assert names == {"host", "x-a", "x-key", "accept", "accept-encoding", "user-agent"}


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\0b", "é"])
async def test_header_values_that_would_break_out_are_refused(egress, upstream, value):
    upstream.say(OK)
    for text in (value, Secret(value)):
        with pytest.raises(UpstreamProtocolError, match="X-Key") as caught:
            await fetch(egress, upstream, headers=[("X-Key", text)])
        assert value not in str(caught.value)
    assert upstream.heads == []


async def test_bodies_whole_secret_and_streamed(egress, upstream):
    received = []

    async def script(head, reader, writer):
        body = b""
        if b"chunked" in head.lower():
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
        else:
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            body = await reader.readexactly(int(length.split(b":")[1]))
        received.append(body)
        writer.write(LAST)
        writer.close()

    async def chunks():
        yield b"ab"
        yield b"\x00\xff"

    upstream.script = script
    for body in (b"whole", Secret(b"hidden"), chunks()):
        await fetch(egress, upstream, "POST", body=body)
    assert received == [b"whole", b"hidden", b"ab\x00\xff"]


async def test_redirects_are_not_followed_and_cookies_not_kept(egress, upstream):
    upstream.say(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    )
    response, _ = await fetch(egress, upstream)
    assert response.status == 302 and response.header("location")
    await fetch(egress, upstream)
    assert len(upstream.heads) == 2 and b"cookie" not in upstream.heads[1].lower()


async def test_response_headers_keep_order_and_duplicates(egress, upstream):
    upstream.say(b"HTTP/1.1 200 OK\r\nX-B: 1\r\nLink: a\r\nx-b: 2\r\nContent-Length: 0\r\n\r\n")
    response, _ = await fetch(egress, upstream)
    assert response.headers == (("x-b", "1"), ("link", "a"), ("x-b", "2"), ("content-length", "0"))


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", OK], b"ok"),
        ([b"HTTP/1.1 200 OK\r\n\r\nuntil the end"], b"until the end"),
        ([b"HTTP/1.0 200 OK\r\n\r\nold"], b"old"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX: trailer\r\n\r\n"], b"ab"),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"], b""),
    ],
)
async def test_framings(egress, upstream, parts, body):
    upstream.say(*parts)
    assert (await fetch(egress, upstream))[1] == body


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ([], UpstreamProtocolError),
        ([b"HTT"], UpstreamProtocolError),
        ([b"HTTP/1.1 200 OK\r\nContent-Le"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: 10\r\n\r\nabc"], UpstreamProtocolError),
        ([b"\x00\x01garbage\r\n\r\n"], UpstreamProtocolError),
        ([b"SSH-2.0-OpenSSH\r\n"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: x\r\n\r\n"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"], UpstreamProtocolError),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n"], UpstreamProtocolError),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nab\r\n"], UpstreamProtocolError),
        ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"], UpstreamProtocolError),
        ([HEAD + b"X: " + b"a" * 100_000 + b"\r\n\r\n"], UpstreamProtocolError),
        ([HEAD + b"X: y\r\n" * 1000 + b"\r\n"], UpstreamProtocolError),
        ([HEAD + b"Content-Encoding: gzip\r\n\r\nnot gzip"], UpstreamProtocolError),
        ([HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"a" * 99)[:-9]], UpstreamProtocolError),
        ([HEAD + b"Content-Encoding: br\r\n\r\nx"], UpstreamProtocolError),
        ([HEAD + b"Content-Encoding: gzip, gzip, gzip\r\n\r\nx"], UpstreamProtocolError),
        ([HEAD + b"Content-Length: 3000\r\n\r\n"], UpstreamResponseTooLarge),
        ([HEAD + b"\r\n" + b"a" * 3000], UpstreamResponseTooLarge),
        ([2.0, OK], UpstreamTimeout),
        ([HEAD, 2.0, b"\r\n"], UpstreamTimeout),
        ([HEAD + b"Content-Length: 5\r\n\r\nab", 2.0, b"cde"], UpstreamTimeout),
        ([byte for letter in b"HTTP/1.1 200 OK" for byte in (bytes([letter]), 0.2)], UpstreamTimeout),
    ],
)  # fmt: skip
async def test_an_upstream_without_manners(egress, upstream, parts, error):
    upstream.say(*parts)
    with pytest.raises(error) as caught:
        await fetch(egress, upstream, target="/?secret-in-the-query", timeout=0.5, max_body=2000)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


async def test_nothing_listens(egress, upstream):
    closed = Request("GET", Origin("http", "127.0.0.1", 1), "/")
    with pytest.raises(UpstreamUnreachable, match="refused"):
        await egress.send(closed, timeout=5)


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        (b"gzip", gzip.compress),
        (b"X-GZIP", gzip.compress),
        (b"gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
        (b"deflate", zlib.compress),
        (b"deflate", lambda data: zlib.compress(data)[2:-4]),
        (b"gzip, deflate", lambda data: zlib.compress(gzip.compress(data))),
        (b"identity", bytes),
    ],
)
async def test_content_codings_are_undone(egress, upstream, coding, encode):
    body = b"hello " * 50_000
    upstream.say(HEAD + b"Content-Encoding: " + coding + b"\r\n\r\n" + encode(body))
    response, received = await fetch(egress, upstream)
    assert received == body
    assert response.header("content-encoding") in (None, "identity")


async def test_a_gzip_bomb_costs_no_memory(egress, upstream):
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([packer.compress(b"\0" * 1024 * 1024) for _ in range(1024)]) + packer.flush()
    upstream.say(HEAD + b"Content-Encoding: gzip\r\n\r\n" + bomb)
    tracemalloc.start()
    with pytest.raises(UpstreamResponseTooLarge):
        await fetch(egress, upstream, max_body=10 * 1024 * 1024)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * 1024 * 1024


async def test_keep_alive_is_used_and_traced(egress, upstream):
    upstream.say(OK, close=False)
    first, second = Trace(), Trace()
    await fetch(egress, upstream, trace=first)
    await fetch(egress, upstream, trace=second)
    assert upstream.connections == 1
    assert (first.reused, second.reused) == (False, True)
    assert first.address == second.address == "127.0.0.1"
    assert first.connect_seconds is not None and second.connect_seconds is None


async def test_a_post_is_never_sent_twice(egress, upstream):
    upstream.say(OK, close=False)
    await fetch(egress, upstream)
    upstream.say()  # reads the request and closes the kept connection without an answer
    with pytest.raises(UpstreamProtocolError):
        await fetch(egress, upstream, "POST", body=b"x")
    assert sum(head.startswith(b"POST") for head in upstream.heads) == 1


# -- names and addresses -----------------------------------------------------------------------------


def resolver(*answers):
    calls = []

    async def resolve(host, port):
        calls.append(host)
        return [ipaddress.ip_address(address) for address in answers[min(len(calls), len(answers)) - 1]]

    return resolve, calls


@pytest.mark.parametrize(
    ("addresses", "word"),
    [(["10.0.0.1"], "private"), (["169.254.169.254"], "metadata"), (["::1"], "loopback"),
     (["127.0.0.1", "::ffff:192.168.0.1"], "loopback"), (["64:ff9b::7f00:1"], "NAT64")],
)  # fmt: skip
async def test_a_name_that_resolves_to_a_private_address(addresses, word):
    resolve, _ = resolver(addresses)
    client = Egress(allow=Allowance(), resolve=resolve)
    with pytest.raises(DestinationBlocked, match=word):
        await client.send(Request("GET", Origin("https", "api.example.com", 443), "/"), timeout=3)
    await client.close()


@pytest.mark.parametrize(
    "url", [("http", "127.0.0.1"), ("https", "127.0.0.1"), ("https", "localhost"), ("https", "::1")]
)
async def test_literals_and_localhost(url):
    client = Egress(allow=Allowance())
    with pytest.raises(DestinationBlocked, match="SEALGATE_EGRESS_ALLOW"):
        await client.send(Request("GET", Origin(*url, 443), "/"), timeout=3)
    await client.close()


async def test_the_connection_goes_to_the_address_that_was_checked(upstream):
    """A second answer of the name server cannot matter: there is no second question."""
    resolve, calls = resolver(["127.0.0.1"], ["10.0.0.1"])
    client = Egress(allow=Allowance.parse(["http://rebinding.example:*"]), resolve=resolve)
    upstream.say(OK)
    request = Request("GET", Origin("http", "rebinding.example", upstream.port), "/")
    response = await client.send(request, timeout=3)
    assert await response.read() == b"ok" and calls == ["rebinding.example"]
    assert b"Host: rebinding.example" in upstream.heads[0]
    await client.close()


async def test_of_several_addresses_only_allowed_ones_are_used(upstream):
    resolve, _ = resolver(["0.0.0.0", "127.0.0.1"])
    client = Egress(allow=Allowance.parse(["http://both.example:*"]), resolve=resolve)
    upstream.say(OK)
    trace = Trace()
    request = Request("GET", Origin("http", "both.example", upstream.port), "/")
    await (await client.send(request, timeout=3, trace=trace)).read()
    assert trace.address == "127.0.0.1"
    await client.close()


async def test_a_name_that_does_not_resolve():
    client = Egress(allow=Allowance())
    with pytest.raises(UpstreamUnreachable, match="does not resolve"):
        await client.send(Request("GET", Origin("https", "nowhere.invalid", 443), "/"), timeout=10)
    await client.close()


async def test_environment_proxies_are_ignored(egress, upstream, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    upstream.say(OK)
    assert (await fetch(egress, upstream))[1] == b"ok"


# -- TLS ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for good.example, signed by an authority of its own: (server context, CA file)."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sealgate test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("good.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, folder / "ca.pem"


@pytest.mark.parametrize(
    ("name", "with_ca", "works"),
    [("good.example", True, True), ("bad.example", True, False), ("good.example", False, False)],
)
async def test_tls_verifies_the_name_and_the_authority(authority, name, with_ca, works):
    context, ca_file = authority
    resolve, _ = resolver(["127.0.0.1"])
    allow = Allowance.parse([f"https://{name}:*"])
    client = Egress(allow=allow, ca_file=ca_file if with_ca else None, resolve=resolve)
    async with RawUpstream(context) as server:
        server.say(OK)
        request = Request("GET", Origin("https", name, server.port), "/", (("X-Key", Secret("sk")),))
        if works:
            assert await (await client.send(request, timeout=5)).read() == b"ok"
        else:
            with pytest.raises(UpstreamUnreachable, match="certificate"):
                await client.send(request, timeout=5)
            assert server.heads == [], "nothing is sent before the name is verified"
    await client.close()


async def test_tls_to_a_port_that_does_not_speak_it():
    async def serve(reader, writer):
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    client = Egress(allow=Allowance.parse(["https://127.0.0.1:*"]))
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(UpstreamUnreachable, match="TLS"):
            await client.send(Request("GET", Origin("https", "127.0.0.1", port), "/"), timeout=3)
    await client.close()


def test_a_ca_file_that_cannot_be_read(tmp_path):
    (tmp_path / "x.pem").write_text("nonsense")
    for path in (tmp_path / "x.pem", tmp_path / "missing.pem"):
        with pytest.raises(ValueError, match="SEALGATE_EGRESS_CA_FILE"):
            Egress(allow=Allowance(), ca_file=path)
