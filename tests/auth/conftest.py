"""Keys of every kind, and a way to step an authentication value by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from sealgate.auth.base import Authentication, Credential, RenderedUrl, TokenReply
from sealgate.message import Origin, Request

HMAC_SECRET = "0123456789abcdef" * 4


@dataclass(frozen=True)
class PrivateKeys:
    """One private key of each kind, as cryptography's objects."""

    by_name: dict[str, Any]

    def pem(
        self,
        name: str,
        form: PrivateFormat = PrivateFormat.PKCS8,
        passphrase: str | None = None,
    ) -> str:
        encryption: KeySerializationEncryption = (
            BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        )
        return self.by_name[name].private_bytes(Encoding.PEM, form, encryption).decode()

    def public_pem(self, name: str) -> str:
        key = self.by_name[name].public_key()
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def signing(self, algorithm: str) -> str:
        """What can sign with an algorithm."""
        return HMAC_SECRET if algorithm.startswith("HS") else self.pem(self.name_for(algorithm))

    def verifying(self, algorithm: str) -> str:
        return HMAC_SECRET if algorithm.startswith("HS") else self.public_pem(self.name_for(algorithm))

    @staticmethod
    def name_for(algorithm: str) -> str:
        names = {"RS": "rsa", "PS": "rsa", "Ed": "ed25519"}
        return names.get(algorithm[:2]) or {"256": "p256", "384": "p384", "512": "p521"}[algorithm[2:]]


@pytest.fixture(scope="session")
def keys() -> PrivateKeys:
    return PrivateKeys(
        {
            "rsa": rsa.generate_private_key(65537, 2048),
            "rsa1024": rsa.generate_private_key(65537, 1024),
            "p256": ec.generate_private_key(ec.SECP256R1()),
            "p384": ec.generate_private_key(ec.SECP384R1()),
            "p521": ec.generate_private_key(ec.SECP521R1()),
            "secp256k1": ec.generate_private_key(ec.SECP256K1()),
            "ed25519": ed25519.Ed25519PrivateKey.generate(),
            "ed448": ed448.Ed448PrivateKey.generate(),
        }
    )


@pytest.fixture
def token_url() -> RenderedUrl:
    return RenderedUrl(Origin("https", "login.salesforce.com", 443), "/services/oauth2/token")


@dataclass(frozen=True)
class Stepped:
    """What a value asked for and what it ended with."""

    requests: list[Request]
    credential: Credential | None

    @property
    def request(self) -> Request:
        (request,) = self.requests
        return request

    @property
    def body(self) -> bytes:
        assert self.request.body is not None
        return self.request.body.reveal()  # type: ignore[union-attr]


@pytest.fixture
def step() -> Callable[..., Stepped]:
    """Run `obtain` to its end, answering each request with the next reply."""

    def run(value: Authentication, *replies: TokenReply, now: float = 1743003600.0) -> Stepped:
        requests, pending = [], list(replies)
        obtaining = value.obtain(now)
        try:
            request = next(obtaining)
            while True:
                requests.append(request)
                request = obtaining.send(pending.pop(0))
        except StopIteration as end:
            assert not pending
            return Stepped(requests, end.value)

    return run
