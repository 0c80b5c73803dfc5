"""Webhooks of git servers: whoever knows a source's secret may ask for a run of it, and no more."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any

from sealgate.errors import AuthenticationRequired, NotFound
from sealgate.execution.engine import Engine
from sealgate.stores.source_ports import StoredSource


async def receive_webhook(
    engine: Engine, tenant: str, name: str, body: bytes, *, signature: str | None, token: str | None
) -> dict[str, Any]:
    """Ask for a run when the message is from who knows the secret: `signature` is
    `X-Hub-Signature-256` (GitHub, Gitea), `token` is `X-Gitlab-Token`. Gives what was done.

    Raises AuthenticationRequired, the same for whatever is wrong."""
    source, secret = await _source(engine, tenant, name)
    if not _verified(secret or secrets.token_bytes(), body, signature, token) or secret is None:
        raise AuthenticationRequired("the signature of this webhook could not be verified")
    assert source is not None and source.git is not None
    if not source.git.enabled:
        return {"ignored": "disabled"}
    reference = _reference(body)
    if reference is not None and reference != f"refs/heads/{source.git.branch}":
        return {"ignored": "branch"}
    await engine.store.request_sync(tenant, name, "webhook", actor=f"webhook:{name}")
    return {"requested": True}


async def _source(engine: Engine, tenant: str, name: str) -> tuple[StoredSource | None, bytes | None]:
    try:
        source = await engine.store.get_source(tenant, name)
    except NotFound:
        return None, None
    if source.git is None or source.git.webhook_secret is None:
        return source, None
    value = engine.tenant(tenant).secrets.get(source.git.webhook_secret)
    return source, value.reveal().encode() if value else None


def _verified(secret: bytes, body: bytes, signature: str | None, token: str | None) -> bool:
    if signature is not None:
        expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(signature.encode(), expected.encode())
    return hmac.compare_digest((token or "").encode(), secret)


def _reference(body: bytes) -> str | None:
    """The `ref` that was pushed; `None` when the message does not say one (a ping)."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    reference = message.get("ref") if isinstance(message, dict) else None
    return reference if isinstance(reference, str) else None
