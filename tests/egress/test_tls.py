"""TLS verifies the name and the authority before anything is sent."""

import asyncio
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sealgate.egress import Allowance, Egress
from sealgate.errors import (
    UpstreamTimeout,
    UpstreamUnreachable,
)
from sealgate.message import Origin, Request
from sealgate.secret import Secret
from sealgate.testing.raw import RawUpstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


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
async def test_tls_verifies_the_name_and_the_authority(resolver, authority, name, with_ca, works):
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


async def test_a_tls_handshake_that_never_ends():
    released = asyncio.Event()

    async def serve(reader, writer):
        await released.wait()
        writer.close()

    client = Egress(allow=Allowance.parse(["https://127.0.0.1:*"]), connect_timeout=0.3)
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(UpstreamTimeout, match="accept"):
            async with asyncio.timeout(5):
                await client.send(Request("GET", Origin("https", "127.0.0.1", port), "/"), timeout=10)
        released.set()
    await client.close()


@pytest.mark.parametrize(
    "new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_large_bodies_and_kept_connections_over_tls(authority, new_loop):
    context, ca_file = authority
    size = 4 * 1024 * 1024

    async def resolve(host, port):
        return [ipaddress.ip_address("127.0.0.1")]

    async def script(head, reader, writer):
        body = b"x" * size
        if head.startswith(b"POST"):
            body = await reader.readexactly(size)
        if b"/close" in head:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + body)
            writer.close()
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + body)

    async def calls():
        allow = Allowance.parse(["https://good.example:*"])
        client = Egress(allow=allow, ca_file=ca_file, resolve=resolve)
        async with RawUpstream(context) as server, asyncio.timeout(30):
            server.script = script
            origin = Origin("https", "good.example", server.port)
            for method, target in (("GET", "/"), ("POST", "/"), ("GET", "/"), ("GET", "/close")):
                body = b"x" * size if method == "POST" else None
                response = await client.send(Request(method, origin, target, body=body), timeout=5)
                received = 0
                async for piece in response.chunks():
                    received += len(piece)
                    await asyncio.sleep(0)
                await response.close()
                assert received == size
            assert server.connections == 1
            await client.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(calls())


def test_a_ca_file_that_cannot_be_read(tmp_path):
    (tmp_path / "x.pem").write_text("nonsense")
    for path in (tmp_path / "x.pem", tmp_path / "missing.pem"):
        with pytest.raises(ValueError, match="SEALGATE_EGRESS_CA_FILE"):
            Egress(allow=Allowance(), ca_file=path)
