"""What the rest of Sealgate needs from a store that keeps the public halves of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

OVERLAP_HOURS = 24
"""How long the public key of a replaced secret stays listed: what was signed with it can be verified."""

Jwk = Mapping[str, str]
"""A public key (RFC 7517) with its `kid`."""


@dataclass(frozen=True, slots=True)
class PublicHalf:
    """The public key of a secret's value in force; published: everybody may read it."""

    jwk: Jwk
    published: bool


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A published key: of a value in force, or until then (Unix seconds) of one that was replaced."""

    jwk: Jwk
    listed_until: float | None


class PublicKeyStore(Protocol):
    async def set_public_half(self, tenant: str, name: str, version: int, half: PublicHalf) -> None:
        """Keep the public half of a secret's value; unpublished, no key of the secret is listed any more.

        Raises NotFound, Conflict when the secret is not at that version any more."""
        ...
