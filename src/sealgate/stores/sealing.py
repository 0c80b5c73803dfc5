"""Sealing: AES-256-GCM (NIST SP 800-38D) that ties a value to the place where it is kept.

A sealed text is one format byte, a random 96-bit nonce, and the ciphertext with its 128-bit tag. The
additional data names the place, so a sealed text that is moved to another name, tenant or version no
longer opens.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sealgate.secret import Secret

KEY_BYTES = 32
_FORMAT = b"\x01"
_NONCE_BYTES = 12
_FINGERPRINT_DIGITS = 8


class SealBroken(Exception):
    """A sealed text was changed or moved, or another key sealed it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value is kept; members that do not apply stay empty."""

    purpose: str
    tenant: str = ""
    name: str = ""
    version: int = 0

    def additional_data(self) -> bytes:
        """Every member with its length in front: two different places never give the same bytes."""
        return length_prefixed(self.purpose, self.tenant, self.name, str(self.version))


class SealingKey:
    """A 256-bit key that seals and opens; it does not give itself away."""

    __slots__ = ("_cipher",)

    def __init__(self, key: Secret[bytes]) -> None:
        self._cipher = AESGCM(key.reveal())

    def seal(self, value: Secret[bytes], place: Place) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, value.reveal(), place.additional_data())

    def unseal(self, sealed: bytes, place: Place) -> Secret[bytes]:
        """Raises SealBroken."""
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORMAT or len(nonce) != _NONCE_BYTES:
            raise SealBroken(f"not a sealed {place.purpose}")
        try:
            return Secret(self._cipher.decrypt(nonce, ciphertext, place.additional_data()))
        except InvalidTag:
            raise SealBroken(f"this {place.purpose} does not open at this place with this key") from None


def new_key() -> Secret[bytes]:
    """256 random bits."""
    return Secret(os.urandom(KEY_BYTES))


def derive_key(root: Secret[bytes], purpose: str) -> Secret[bytes]:
    """A key for one purpose (HKDF-SHA256, RFC 5869): the same root and purpose give the same key."""
    derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode())
    return Secret(derivation.derive(root.reveal()))


def fingerprint(key: Secret[bytes], tenant: str, value: Secret[str]) -> str:
    """Eight hexadecimal digits that tell whether two secrets of a tenant are equal, and nothing to
    those who do not hold the key."""
    digest = hmac.digest(key.reveal(), length_prefixed(tenant, value.reveal()), "sha256")
    return digest.hex()[:_FINGERPRINT_DIGITS]


def length_prefixed(*parts: str) -> bytes:
    """The parts as UTF-8, each after its length in four bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
