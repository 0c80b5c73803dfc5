"""R12, R13 and R27 of the recipes (REFERENCE section 16): hosts over TLS, and an API that is too slow."""

import asyncio
import ipaddress
import json
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from gateway import Gateway

from sealgate.testing import FakeApi
from sealgate.testing.raw import RawUpstream

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
FALLBACK = "https://{{ get_variable('portal_host') | default('HOST', true) }}/x"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A file with a certificate for 127.0.0.1, which is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sealgate test")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("certificate") / "server.pem"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, certificate):
    """A gateway that trusts that certificate, and waits one second where others wait fifteen."""
    environment = {
        "SEALGATE_EGRESS_CA_FILE": str(certificate),
        "SEALGATE_EGRESS_ALLOW": "https://127.0.0.1:*,http://127.0.0.1:*",
        "SEALGATE_UPSTREAM_TIMEOUT": "1",
        "SEALGATE_WORKERS": "1",
    }
    with Gateway(tmp_path_factory.mktemp("network"), **environment) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("url", "variables"),
    [
        pytest.param("{{ get_variable('origin') }}/x", {"origin": "https://HOST"}, id="R12 origin"),
        pytest.param(FALLBACK, {}, id="R13 never set"),
        pytest.param(FALLBACK, {"portal_host": ""}, id="R13 set to nothing"),
        pytest.param(FALLBACK.replace("HOST", "app.example"), {"portal_host": "HOST"}, id="R13 set"),
        pytest.param(FALLBACK.replace(", true", ""), {}, id="R13 never set, without true"),
    ],
)
async def test_host(gateway, certificate, url, variables):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with RawUpstream(tls=context) as upstream:
        upstream.say(ANSWER)
        host = f"127.0.0.1:{upstream.port}"
        answer = await asyncio.to_thread(save_and_call, gateway, url, variables, host)
    assert (answer.status, answer.body) == (200, b"hello")
    (head,) = upstream.heads
    assert head.startswith(b"GET /x HTTP/1.1\r\n")
    assert f"host: {host}\r\n" in head.decode().lower()


def save_and_call(gateway, url, variables, host):
    gateway.admin("DELETE", "/api/v1/variables/portal_host")
    for name, value in variables.items():
        gateway.variable(name, value.replace("HOST", host))
    return gateway.call(gateway.connector({"url": url.replace("HOST", host)}))


def test_r27_a_timeout_is_said_as_documented(gateway):
    with FakeApi() as api:
        answer = gateway.call(gateway.connector({"url": f"{api.origin}/slow/5"}))
    assert (answer.status, answer.code) == (502, "UPSTREAM_TIMEOUT")
    assert answer.json["success"] is False
    assert answer.json["errors"]["scope"] == "Downstream (network/external service)"
    timing = json.loads(answer.header("X-Connector-Timing"))
    assert timing["request_id"] == answer.json["request_id"] == answer.header("X-Request-ID")
    assert timing["timeout"] is True and timing["external_host"] == "127.0.0.1"
    assert 900 <= timing["external_ms"] < 4000
    assert timing["breakdown"]["http_request_ms"] == timing["external_ms"]
    entry = f'external;dur={timing["external_ms"]};desc="Timeout"'
    assert entry in answer.header("Server-Timing").split(", ")
