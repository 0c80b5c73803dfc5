"""The secrets to look at when a credential was refused: each can be compared and replaced, and the way back
leads to where it was tried."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sealgate.errors import NotFound
from sealgate.stores.ports import SecretInfo
from sealgate.web.studio.visit import Visit

REFUSED = (401, 403)
REFUSED_BY_TOKEN_SERVER = ("invalid_client", "invalid_grant", "unauthorized_client", "access_denied")
WAY_BACK = re.compile(r"/connectors/[a-z0-9_-]+(?:/edit|/test)?")
"""Pages of a connector: no other address is gone to after a value was replaced."""


async def doubted_secrets(
    visit: Visit, explained: Mapping[str, Any], status: int | None = None
) -> Sequence[SecretInfo]:
    """Of a run whose credential was refused, the secrets that it was made with and that are there; none for
    those who may not see secrets."""
    if not visit.may("read", "secrets"):
        return ()
    found = []
    for name in sorted(set(_names(explained, status))):
        try:
            found.append(await visit.engine.store.get_secret_info(visit.tenant, name))
        except NotFound:
            continue
    return found


def way_back(path: str) -> str:
    """The same address when it is one to come back to, else nothing."""
    return path if WAY_BACK.fullmatch(path) else ""


def _names(explained: Mapping[str, Any], status: int | None) -> Iterator[str]:
    if "not_reached" in explained:
        for step in explained["steps"]:
            yield from _names(step, None)
    elif _is_refusal(explained, status):
        yield from explained.get("secrets") or ()


def _is_refusal(explained: Mapping[str, Any], status: int | None) -> bool:
    error = explained.get("error") or {}
    endpoint = (explained.get("authentication") or {}).get("token_endpoint") or {}
    answered = (explained.get("response") or {}).get("status", status)
    if error.get("code") == "TOKEN_REQUEST_FAILED":
        return endpoint.get("status") in REFUSED or endpoint.get("error") in REFUSED_BY_TOKEN_SERVER
    return answered in REFUSED or error.get("code") == "SIGNING_FAILED"
