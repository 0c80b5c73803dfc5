"""Key pairs: the private key is a secret like any other, the public key is for everybody who verifies.

What is published stands in the tenant's key set (`/.well-known/jwks.json` of the data plane)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sealgate.auth.key_pairs import (
    KEY_PAIR_ALGORITHMS,
    RSA_BITS,
    PublicKey,
    generate_private_key,
    public_key_of,
)
from sealgate.errors import Conflict, DocumentInvalid, NotFound, SigningFailed
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.secret import Secret
from sealgate.services.names import require_name
from sealgate.services.public_address import data_plane_url
from sealgate.settings import Settings
from sealgate.stores.ports import SecretInfo
from sealgate.stores.public_key_ports import PublicHalf


@dataclass(frozen=True, slots=True)
class ShownPublicKey:
    """The public half of a secret; `created`: the secret is new."""

    name: str
    version: int
    published: bool
    key: PublicKey
    created: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "version": self.version,
            "published": self.published,
            "pem": self.key.pem,
            "jwk": self.key.jwk,
        }


async def generate_key_pair(
    engine: Engine,
    tenant: str,
    name: str,
    *,
    algorithm: str,
    bits: int | None = None,
    publish: bool | None = None,
    create_only: bool = False,
    actor: str,
) -> ShownPublicKey:
    """Make a secret that holds a new private key, or give a secret that holds one another.

    `publish=None` leaves it as it is; a new one is not published. Raises DocumentInvalid, Conflict when
    the secret holds something else, when a variable has the name, or when `create_only` and a secret
    has it."""
    require_name(name)
    _require_possible(algorithm, bits)
    await engine.refresh()
    info = await find_secret(engine, tenant, name)
    if info is not None and not create_only:
        await _require_private_key(engine, tenant, name)
    private_key, key = await asyncio.to_thread(_generate, algorithm, bits or RSA_BITS[0])
    if publish is None:
        publish = info is not None and info.public is not None and info.public.published
    stored, created = await engine.store.put_secret(
        tenant,
        name,
        private_key,
        actor=actor,
        public=PublicHalf(key.jwk, publish),
        create_only=create_only,
    )
    await engine.refresh()
    return ShownPublicKey(name, stored.version, publish, key, created)


async def get_public_key(
    engine: Engine, tenant: str, name: str, algorithm: str | None = None
) -> ShownPublicKey:
    """The public half of a secret that holds a private key, generated here or not. `algorithm` is what
    the JWK says of an RSA key that was not generated here.

    Raises NotFound, DocumentInvalid, Conflict when the secret holds no private key that may sign."""
    _require_algorithm(algorithm)
    await engine.refresh()
    info = await engine.store.get_secret_info(tenant, name)
    if algorithm is None and info.public is not None:
        algorithm = info.public.jwk.get("alg")
    key = await _require_private_key(engine, tenant, name, algorithm)
    return ShownPublicKey(name, info.version, info.public is not None and info.public.published, key)


async def publish_public_key(
    engine: Engine, tenant: str, name: str, published: bool, algorithm: str | None = None
) -> ShownPublicKey:
    """List a secret's public key for everybody, or withdraw it and those that it replaced, at once.

    Raises what `get_public_key` raises."""
    shown = await get_public_key(engine, tenant, name, algorithm)
    await engine.store.set_public_half(tenant, name, shown.version, PublicHalf(shown.key.jwk, published))
    await engine.refresh()
    return ShownPublicKey(name, shown.version, published, shown.key)


def key_set_url(settings: Settings, tenant: str) -> str:
    """Where the data plane lists the tenant's published keys, as the APIs that verify reach it."""
    return f"{data_plane_url(settings, tenant)}/.well-known/jwks.json"


def public_half(before: SecretInfo | None, value: Secret[str]) -> PublicHalf | None:
    """The public half of a secret's new value, `None` when it is no private key. Reading an RSA key takes
    a while: call it in a thread.

    Raises DocumentInvalid for a published secret when the value is no private key."""
    known = before.public if before else None
    published = known is not None and known.published
    try:
        key = _same_algorithm_if_fit(value, known.jwk.get("alg") if known else None)
    except SigningFailed as failure:
        if before is None or not published:
            return None
        message = f"the public key of this secret is published, and {failure.detail}"
        raise DocumentInvalid(
            f"the secret {before.name!r} was not saved",
            fields=[Finding("value", message, hint="withdraw its public key first")],
        ) from None
    return PublicHalf(key.jwk, published)


def _generate(algorithm: str, bits: int) -> tuple[Secret[str], PublicKey]:
    private_key = generate_private_key(algorithm, bits)
    return private_key, public_key_of(private_key, algorithm)


def _same_algorithm_if_fit(value: Secret[str], algorithm: str | None) -> PublicKey:
    try:
        return public_key_of(value, algorithm)
    except SigningFailed:
        return public_key_of(value)


async def find_secret(engine: Engine, tenant: str, name: str) -> SecretInfo | None:
    """What may be seen of a secret, `None` when there is none."""
    try:
        return await engine.store.get_secret_info(tenant, name)
    except NotFound:
        return None


async def _require_private_key(
    engine: Engine, tenant: str, name: str, algorithm: str | None = None
) -> PublicKey:
    value = engine.tenant(tenant).secrets.get(name)
    if value is None:
        raise Conflict(f"the secret {name!r} was deleted meanwhile")
    try:
        # An RSA key is checked when it is read, which takes as long as a hundred signatures.
        return await asyncio.to_thread(public_key_of, value, algorithm)
    except SigningFailed as failure:
        raise Conflict(
            f"the secret {name!r} holds no private key with a public half: {failure.detail}"
        ) from None


def _require_possible(algorithm: str, bits: int | None) -> None:
    faults = [*_algorithm_faults(algorithm), *_bits_faults(algorithm, bits)]
    if faults:
        raise DocumentInvalid("no key pair was made", fields=faults)


def _require_algorithm(algorithm: str | None) -> None:
    faults = list(_algorithm_faults(algorithm)) if algorithm is not None else []
    if faults:
        raise DocumentInvalid("there is no such public key", fields=faults)


def _algorithm_faults(algorithm: str) -> Iterator[Finding]:
    if algorithm not in KEY_PAIR_ALGORITHMS:
        yield Finding("algorithm", f"must be one of {', '.join(KEY_PAIR_ALGORITHMS)}")


def _bits_faults(algorithm: str, bits: int | None) -> Iterator[Finding]:
    if bits is None:
        return
    if algorithm[:2] not in ("RS", "PS"):
        yield Finding("bits", "is for RSA; the size of this key follows from the algorithm: leave it away")
    elif bits not in RSA_BITS:
        yield Finding("bits", f"must be one of {', '.join(map(str, RSA_BITS))}")
