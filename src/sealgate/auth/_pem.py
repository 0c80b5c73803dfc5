"""Read a PEM private key, in the shapes in which keys are pasted into secrets (design section 14)."""

from __future__ import annotations

import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sealgate.errors import SigningFailed

BLOCK = re.compile(
    r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----(?P<content>.*?)-----END (?P=label)-----", re.DOTALL
)
LEGACY_ENCRYPTION = re.compile(r"\s*Proc-Type:\s*4,ENCRYPTED\s+DEK-Info:\s*(?P<cipher>\S+)\s+")
"""RFC 1421 section 4.6.1, the encryption of PEM before PKCS#8."""


def looks_like_pem(text: str) -> bool:
    return "-----BEGIN" in text


def read_private_key(text: str, passphrase: str | None) -> PrivateKeyTypes:
    """The private key of a PEM text: PKCS#8, PKCS#1 or SEC1, encrypted or not.

    Line breaks may be real, `\\n` in two characters, CRLF, or collapsed to spaces.
    Raises SigningFailed, its field relative to the type's config."""
    label, content = _private_block(text)
    legacy = LEGACY_ENCRYPTION.match(content)
    encrypted = label.startswith("ENCRYPTED") or legacy is not None
    if encrypted and not passphrase:
        raise SigningFailed(
            "the private key is encrypted; store its passphrase as a secret and set `passphrase`",
            field="passphrase",
        )
    pem = _rebuild(label, content[legacy.end() :] if legacy else content, legacy and legacy["cipher"])
    try:
        return load_pem_private_key(pem, passphrase.encode() if encrypted and passphrase else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if encrypted:
            raise SigningFailed(
                "the private key cannot be opened: the passphrase is wrong or the PEM is damaged",
                field="passphrase",
            ) from None
        raise _unreadable("its content is damaged or of an unknown kind") from None


def _private_block(text: str) -> tuple[str, str]:
    """The label and content of the first private key; other blocks (EC PARAMETERS) may stand before."""
    text = text.replace("\\r", "").replace("\\n", "\n")
    blocks = [(match["label"], match["content"]) for match in BLOCK.finditer(text)]
    for label, content in blocks:
        if label == "OPENSSH PRIVATE KEY":
            raise _unreadable("it is in OpenSSH's own format", "convert it: ssh-keygen -p -m PKCS8 -f FILE")
        if label.endswith("PRIVATE KEY"):
            return label, content
    labels = {label for label, _ in blocks}
    if any("CERTIFICATE" in label for label in labels):
        raise SigningFailed(
            "this is a certificate, which cannot sign; store the private key that belongs to it",
            field="private_key",
        )
    if any(label.endswith("PUBLIC KEY") for label in labels):
        raise SigningFailed(
            "this is a public key, which cannot sign; store the private key that belongs to it",
            field="private_key",
        )
    raise _unreadable("it has no complete BEGIN … PRIVATE KEY … END block")


def _rebuild(label: str, content: str, cipher: str | None) -> bytes:
    """The block as RFC 7468 writes it."""
    base64 = "".join(content.split())
    lines = [base64[start : start + 64] for start in range(0, len(base64), 64)]
    legacy = ["Proc-Type: 4,ENCRYPTED", f"DEK-Info: {cipher}", ""] if cipher else []
    text = "\n".join([f"-----BEGIN {label}-----", *legacy, *lines, f"-----END {label}-----", ""])
    return text.encode("utf-8", "replace")


def _unreadable(reason: str, fix: str = "store the whole PEM text again, from BEGIN to END") -> SigningFailed:
    return SigningFailed(f"the private key cannot be read: {reason}; {fix}", field="private_key")
