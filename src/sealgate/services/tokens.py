"""API tokens: what a program shows to execute connectors or to manage them (DESIGN section 8)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.host import UrlProblem, parse_origin
from sealgate.model.permalink import PERMALINK
from sealgate.secret import Secret, reveal
from sealgate.services.moments import seconds_of, timestamp
from sealgate.stores.ports import SCOPES, ApiToken

MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class ShownToken:
    stored: ApiToken

    def as_json(self) -> dict[str, Any]:
        stored = self.stored
        return {
            "id": stored.id,
            "name": stored.name,
            "scopes": [scope for scope in SCOPES if scope in stored.scopes],
            "permalinks": list(stored.permalinks),
            "origins": list(stored.origins),
            "expires_at": timestamp(stored.expires_at),
            "created_at": timestamp(stored.created_at),
            "created_by": stored.created_by,
        }


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just created: the one moment at which its text is known."""

    stored: ApiToken
    text: Secret[str] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return {**ShownToken(self.stored).as_json(), "token": reveal(self.text)}


async def list_tokens(engine: Engine, tenant: str) -> Sequence[ShownToken]:
    return [ShownToken(stored) for stored in await engine.store.list_api_tokens(tenant)]


async def create_token(
    engine: Engine,
    tenant: str,
    *,
    name: str,
    scopes: Sequence[str],
    permalinks: Sequence[str] = (),
    origins: Sequence[str] = (),
    expires_at: str | float | None = None,
    actor: str,
) -> NewToken:
    """`permalinks` and `origins` limit what it may be used for; empty: no limit. `expires_at` is
    RFC 3339 or Unix seconds. Raises DocumentInvalid with every fault."""
    faults = [
        *_name_faults(name),
        *_scope_faults(scopes),
        *_permalink_faults(permalinks),
        *_origin_faults(origins),
        *_expiry_faults(expires_at),
    ]
    if faults:
        raise DocumentInvalid("the token was not created", fields=faults)
    stored, text = await engine.store.create_api_token(
        tenant,
        name,
        frozenset(scopes),
        permalinks=tuple(permalinks),
        origins=tuple(str(parse_origin(origin)) for origin in origins),
        expires_at=None if expires_at is None else seconds_of(expires_at),
        actor=actor,
    )
    await engine.refresh()
    return NewToken(stored, text)


async def delete_token(engine: Engine, tenant: str, id: str, *, actor: str) -> None:
    """The token is refused from now on. Raises NotFound."""
    await engine.store.delete_api_token(tenant, id, actor=actor)
    await engine.refresh()


def _name_faults(name: str) -> Iterator[Finding]:
    if not name.strip() or len(name) > MAX_NAME:
        yield Finding("name", f"must say what the token is for, in at most {MAX_NAME} characters")


def _scope_faults(scopes: Sequence[str]) -> Iterator[Finding]:
    if not scopes:
        yield Finding("scopes", f"at least one of {', '.join(SCOPES)} is needed")
    for index, scope in enumerate(scopes):
        if scope not in SCOPES:
            yield Finding(f"scopes.{index}", f"{scope!r} is not a scope; write one of {', '.join(SCOPES)}")


def _permalink_faults(permalinks: Sequence[str]) -> Iterator[Finding]:
    for index, permalink in enumerate(permalinks):
        if not PERMALINK.fullmatch(permalink):
            yield Finding(f"permalinks.{index}", f"{permalink!r} is not a permalink")


def _origin_faults(origins: Sequence[str]) -> Iterator[Finding]:
    for index, origin in enumerate(origins):
        if "://" not in origin:
            yield Finding(f"origins.{index}", "write scheme and host, such as https://app.example.com")
            continue
        try:
            parse_origin(origin)
        except UrlProblem as problem:
            yield Finding(f"origins.{index}", str(problem))


def _expiry_faults(expires_at: str | float | None) -> Iterator[Finding]:
    if expires_at is None:
        return
    try:
        seconds = seconds_of(expires_at)
    except ValueError as problem:
        yield Finding("expires_at", str(problem))
        return
    if seconds <= time.time():
        yield Finding("expires_at", "lies in the past")
