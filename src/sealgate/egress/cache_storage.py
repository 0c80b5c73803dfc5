"""Where the HTTP cache keeps responses: the port that `sealgate.stores` implements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Stamp = tuple[int, int, int]
"""What the storage says of a key at one moment, without I/O: of all purges, of the invalidations of its
target, and of its writes. A number changes when something happened, in whichever process."""


class CacheStorage(Protocol):
    """Shared by the processes of one machine, bounded, the least recently used entries going first.

    It is a cache: what cannot be read is absent, what cannot be written is not there later. No method
    raises for a broken file."""

    entry_limit: int
    """The largest content, in bytes."""

    def stamp(self, key: str, target: str) -> Stamp: ...

    def touch(self, key: str) -> None:
        """Note that a key was used, without I/O."""
        ...

    async def read(self, key: str, variant: Callable[[str], str]) -> bytes | None:
        """The content of a key. For each `vary` that was stored with the key, `variant` tells which of
        its variants is wanted."""
        ...

    async def write(
        self,
        *,
        tenant: str,
        permalink: str,
        key: str,
        target: str,
        vary: str,
        variant: str,
        content: bytes,
        since: Stamp,
    ) -> Stamp | None:
        """Keep a content, end the key's lease, and give the new stamp. `None` when it was not kept: also
        when a purge or an invalidation came after `since`."""
        ...

    async def lease(self, key: str, seconds: float) -> bool:
        """Whether this process is the one to ask the API for this key now."""
        ...

    async def release(self, key: str, target: str) -> None:
        """End the lease without a content; the stamp changes."""
        ...

    async def forget(self, key: str, target: str) -> None:
        """Remove every variant of a key."""
        ...

    async def invalidate(self, target: str) -> None:
        """Remove every content of a target."""
        ...

    async def purge(self, tenant: str, permalink: str | None) -> int:
        """Remove a connector's contents, or a tenant's; how many there were."""
        ...

    async def close(self) -> None: ...
