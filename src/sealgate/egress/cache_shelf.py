"""Stored responses: in this process's memory first, then in the storage that processes share."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Coroutine
from functools import partial
from typing import Any

from sealgate.egress.cache_memory import Memory
from sealgate.egress.cache_rules import CacheRequest, is_public
from sealgate.egress.cache_storage import CacheStorage, Stamp
from sealgate.egress.stored import Stored, selecting_values


class Shelf:
    """Looks up, keeps and forgets; writes go on in the background until `close`."""

    def __init__(self, storage: CacheStorage, key: bytes, memory: int) -> None:
        self._storage = storage
        self._key = key
        self._memory = Memory(memory)
        self._writes: set[asyncio.Task[None]] = set()

    def stamp(self, request: CacheRequest) -> Stamp:
        return self._storage.stamp(request.flight, request.target)

    def at_hand(self, request: CacheRequest) -> Stored | None:
        """The response that the request selects, if this process has it."""
        for key in request.keys:
            stored = self._memory.get(key, request.headers, self._storage.stamp(key, request.target))
            if stored is not None:
                self._storage.touch(key)
                return stored
        return None

    async def read(self, request: CacheRequest) -> Stored | None:
        """The response that the request selects, whichever process stored it."""
        if stored := self.at_hand(request):
            return stored
        for key in request.keys:
            stamp = self._storage.stamp(key, request.target)
            content = await self._storage.read(key, partial(self._variant, request))
            if content is not None:
                stored = Stored.from_bytes(content)
                self._memory.put(key, stored, stamp)
                return stored
        return None

    def keep(self, request: CacheRequest, stored: Stored, since: Stamp) -> None:
        """Store a response: at once for this process, soon for the others. Not when its target was
        purged or invalidated after `since`."""
        public = request.public_key if is_public(request, stored.headers) else None
        key = public or request.key
        stamp = self._storage.stamp(key, request.target)
        if stamp[:2] == since[:2]:
            self._memory.put(key, stored, stamp)
        self._begin(self._write(request, key, stored, since))

    def forget(self, request: CacheRequest) -> None:
        for key in request.keys:
            self._begin(self._storage.forget(key, request.target))

    def release(self, request: CacheRequest) -> None:
        """Tell other processes that nothing comes of this one's request."""
        self._begin(self._storage.release(request.flight, request.target))

    async def close(self) -> None:
        """Finish what is being written."""
        await asyncio.gather(*self._writes)

    async def _write(self, request: CacheRequest, key: str, stored: Stored, since: Stamp) -> None:
        stamp = await self._storage.write(
            tenant=request.tenant,
            permalink=request.permalink,
            key=key,
            target=request.target,
            vary=" ".join(stored.vary),
            variant=self._variant(request, " ".join(stored.vary)),
            content=stored.to_bytes(),
            since=since,
        )
        if stamp:
            self._memory.put(key, stored, stamp)
        if stamp is None or key != request.flight:
            await self._storage.release(request.flight, request.target)

    def _variant(self, request: CacheRequest, vary: str) -> str:
        """A digest of the request's selecting header fields: some of them may be secrets."""
        text = json.dumps([vary, selecting_values(tuple(vary.split()), request.headers)])
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=16).hexdigest()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
