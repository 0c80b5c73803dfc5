"""Client certificates: shown to their origin, and to no other; every mistake in the file is named."""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import threading
from datetime import timedelta

import pytest
import uvloop

from sealgate.egress import Allowance, Egress
from sealgate.egress.certificates import (
    CertificatesInvalid,
    ClientCertificate,
    certificate_warnings,
    read_certificates,
)
from sealgate.egress.proxy import Proxy
from sealgate.errors import UpstreamUnreachable
from sealgate.message import Origin, Request
from sealgate.testing import Authority, ConnectProxy
from sealgate.testing.raw import RawUpstream

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


async def at_home(host, port):
    return [ipaddress.ip_address("127.0.0.1")]


class Asking(RawUpstream):
    """Answers with the common name of the certificate that it was shown, and stays open."""

    def __init__(self, tls):
        super().__init__(tls)
        self.script = self._name

    async def _name(self, head, reader, writer):
        shown = writer.get_extra_info("ssl_object").getpeercert() or {"subject": ()}
        name = "".join(value for ((_, value),) in shown["subject"]).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(name) + name)


def write_file(authority, *tables):
    file = authority.folder / "certificates.toml"
    file.write_text("\n".join(tables))
    return file


async def ask(client, *origins):
    async with asyncio.timeout(10):
        replies = [await client.send(Request("GET", origin, "/"), timeout=5) for origin in origins]
        return [await reply.read() for reply in replies]


@pytest.mark.parametrize("new_loop", LOOPS)
@pytest.mark.parametrize("by_proxy", [False, True])
def test_each_origin_sees_its_own_certificate_and_others_none(authority, new_loop, by_proxy):
    authority.issue("gateway-a")
    authority.issue("gateway-b", password=b"pw")

    async def calls(proxy):
        tls = authority.server("api.example")
        tls.verify_mode = ssl.CERT_OPTIONAL  # asks for one, and takes whoever has none
        tls.load_verify_locations(authority.ca_file)
        async with Asking(tls) as first, Asking(tls) as second, Asking(tls) as third:
            origins = [Origin("https", "api.example", server.port) for server in (first, second, third)]
            file = write_file(
                authority,
                f'["{origins[0]}"]\ncertificate = "gateway-a.pem"\nkey = "gateway-a.key"',
                f'["{origins[1]}"]\ncertificate = "gateway-b.pem"\nkey = "gateway-b.key"',
                'password_env = "CLIENT_KEY_PASSWORD"',
            )
            client = Egress(
                allow=Allowance.parse(["https://api.example:*"]),
                ca_file=authority.ca_file,
                resolve=at_home,
                certificates=read_certificates(file),
                proxy=proxy,
            )
            assert await ask(client, *origins, *origins) == [b"gateway-a", b"gateway-b", b""] * 2
            assert [server.connections for server in (first, second, third)] == [1, 1, 1]
            await client.close()

    with pytest.MonkeyPatch.context() as patch, ConnectProxy() as running:
        patch.setenv("CLIENT_KEY_PASSWORD", "pw")
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(calls(Proxy.parse(running.url) if by_proxy else None))


class Insisting:
    """A TLS server that sends the alert of a failed handshake and only then closes, as real ones do."""

    def __init__(self, tls):
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _serve(self):
        accepted, _ = self._listener.accept()
        connection = self._tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        with contextlib.suppress(ssl.SSLError):
            connection.do_handshake()
        while socket.socket.recv(connection, 65536):
            continue
        connection.close()


@pytest.mark.parametrize("new_loop", LOOPS)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("ours", "says"),
    [(None, "handshake failure|certificate required"), ("stranger", "unknown ca|decrypt error")],
)
def test_an_api_that_refuses_the_client(authority, tmp_path, new_loop, version, ours, says):
    """TLS 1.2 says so in the handshake, TLS 1.3 after it."""

    async def calls(port):
        origin = Origin("https", "api.example", port)
        certificates = {}
        if ours:
            (tmp_path / "elsewhere").mkdir()
            certificates[origin] = ClientCertificate(*Authority(tmp_path / "elsewhere").issue(ours))
        client = Egress(
            allow=Allowance.parse(["https://api.example:*"]),
            ca_file=authority.ca_file,
            resolve=at_home,
            certificates=certificates,
        )
        with pytest.raises(UpstreamUnreachable, match=rf"({says}).*SEALGATE_EGRESS_CLIENT_CERTIFICATES"):
            await ask(client, origin)
        await client.close()

    tls = authority.server("api.example", wants_certificate=True)
    tls.maximum_version = version
    with Insisting(tls) as server, asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(calls(server.port))


def table(**members):
    lines = ['["https://api.example.com"]', *(f"{name} = {value}" for name, value in members.items())]
    return "\n".join([*lines, ""])


GOOD = {"certificate": '"good.pem"', "key": '"good.key"'}
SEALED = {"certificate": '"sealed.pem"', "key": '"sealed.key"'}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x", "not valid TOML"),
        ("x = 1", "is no origin|named like an origin"),
        ('["http://api.example.com"]\ncertificate = "good.pem"', "TLS only"),
        ('["https://api.example.com/v1"]\ncertificate = "good.pem"', "named like an origin"),
        (table(**GOOD) + table(**GOOD).replace("api", "API"), "twice"),
        (table(key='"good.key"'), "`certificate` is missing"),
        (table(certificate="1"), "table of texts"),
        (table(**GOOD, kay='"x"'), "there is no kay: use certificate, key, password_env"),
        (table(certificate='"missing.pem"'), "there is no file .*missing.pem"),
        (table(certificate='"good.pem"', key='"missing.key"'), "there is no file .*missing.key"),
        (table(certificate='"good.pem"'), "not a certificate and a key in PEM"),
        (table(certificate='"good.pem"', key='"other.key"'), "other.key is not the key of .*good.pem"),
        (table(certificate='"text.pem"', key='"good.key"'), "not a certificate and a key in PEM"),
        (table(**SEALED), "encrypted: its password is wrong, or `password_env` is missing"),
        (table(**SEALED, password_env='"WRONG_PASSWORD"'), "encrypted: its password is wrong"),
        (table(**SEALED, password_env='"NOT_SET"'), "NOT_SET .* is not set"),
        (table(certificate='"no.pem"', key='"no.key"', password_env='"NOT_SET"'), "no.pem, and .*no.key"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file(authority, monkeypatch, text, says):
    monkeypatch.setenv("WRONG_PASSWORD", "canary-of-a-password")
    authority.issue("good")
    authority.issue("other")
    authority.issue("sealed", password=b"pw")
    (authority.folder / "text.pem").write_text("no certificate")
    with pytest.raises(CertificatesInvalid, match=says) as raised:
        read_certificates(write_file(authority, text))
    assert "canary" not in str(raised.value)


def test_all_faults_of_a_file_at_once(authority):
    tables = [f'["https://{name}.example"]\ncertificate = "{name}.pem"' for name in ("a", "b")]
    with pytest.raises(CertificatesInvalid) as raised:
        read_certificates(write_file(authority, 'c = "d"', *tables))
    assert len(raised.value.faults) == 3
    with pytest.raises(CertificatesInvalid, match="cannot be read"):
        read_certificates(authority.folder / "nowhere.toml")


def test_warnings(authority):
    authority.issue("well")
    _, open_key = authority.issue("open")
    open_key.chmod(0o644)
    authority.issue("old", ends=timedelta(days=-2))
    names = ("well", "open", "old")
    tables = [f'["https://{name}.example"]\ncertificate = "{name}.pem"\nkey = "{name}.key"' for name in names]
    found = list(certificate_warnings(read_certificates(write_file(authority, *tables))))
    assert ["chmod 600" in found[0], "expired on" in found[1], len(found)] == [True, True, 2]
    assert found[0].startswith("https://open.example: ") and found[1].startswith("https://old.example: ")
