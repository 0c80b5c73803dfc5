"""Recognise credentials: by the name of what holds them, and by their own shape.

What may be one is treated as one: a secret too many costs a line, a credential in a document is a leak."""

from __future__ import annotations

import re

_OWNERS = (
    "api", "app", "access", "auth", "secret", "private", "subscription", "client", "service", "account",
    "admin", "master", "rapidapi", "functions", "application", "user", "consumer", "signing", "license",
    "integration", "developer", "dev", "project", "sdk", "write", "server", "encryption", "merchant",
)  # fmt: skip
_WORDS = frozenset({
    "token", "tokens", "secret", "secrets", "password", "passwd", "pwd", "pass", "passphrase", "passcode",
    "pin", "authorization", "auth", "credential", "credentials", "signature", "sig", "hmac", "session",
    "sessionid", "sid", "apikey", "authkey", "accesskey", "secretkey", "privatekey", "appkey", "appid",
    "apitoken", "authtoken", "accesstoken", "jwt", "bearer", "assertion", "otp", "cookie", "csrf", "xsrf",
})  # fmt: skip
_NOT_SECRET = frozenset({"page", "next", "sync", "continuation", "pagination", "cursor", "type", "url", "uri",
                         "endpoint", "expires", "expiry", "ttl", "max", "idempotency", "method", "algorithm",
                         "hint", "limit", "count", "length", "audience"})  # fmt: skip

_SHAPES = re.compile(
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*"  # a compact JWS (RFC 7515 section 7.1)
    r"|-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}"
    r"|\bsk-[A-Za-z0-9_-]{16,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{16,}|\bglpat-[A-Za-z0-9_-]{12,}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{8,}|\bshp(?:at|ca|pa|ss)_[A-Za-z0-9]{8,}"
    r"|\bAKIA[A-Z0-9]{12,}|\bAIza[A-Za-z0-9_-]{20,}|\bya29\.[A-Za-z0-9_-]{8,}"
    r"|\bSG\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|\bpat-[a-z0-9]+-[A-Za-z0-9-]{12,}"
    r"|\bbot\d{6,}:[A-Za-z0-9_-]{20,}|\bT[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{12,}",
    re.DOTALL,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def names_credential(name: str) -> bool:
    """Whether what has this name holds a credential: `X-Api-Key`, `access_token`, `clientSecret`, `key`."""
    words = [word for word in re.split(r"[^a-z0-9]+", _CAMEL.sub("_", name).lower()) if word]
    if not words or words[-1] in _NOT_SECRET or words[0] in _NOT_SECRET:
        return False
    if words == ["key"] or words == ["x", "key"]:
        return True
    if words[-1] == "key" and words[-2:-1] and words[-2] in _OWNERS:
        return True
    return any(word in _WORDS for word in words)


def holds_credential(text: str) -> bool:
    """Whether a text holds something of a credential's shape: a JWT, a private key, a vendor's token."""
    return bool(_SHAPES.search(text))


def without_credentials(text: str) -> tuple[str, list[str]]:
    """The text with each such part taken out, and the parts."""
    found = [match[0] for match in _SHAPES.finditer(text)]
    return _SHAPES.sub("", text), found
