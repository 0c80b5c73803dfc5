"""Numbers in a mapped file that processes share: whether something changed costs no I/O to ask.

A stamp is random, not counted up: of two processes that change one at once neither change is lost."""

from __future__ import annotations

import mmap
import os
import secrets
from pathlib import Path
from zlib import crc32

from sealgate.stores.files import make_private_file

SLOTS = 1 << 15
"""A power of two. Two names in one slot cost a needless look into the storage, nothing else."""
_BYTES = 8


class Stamps:
    def __init__(self, path: Path | None) -> None:
        """Of this process alone without a path. Raises StoreUnusable."""
        self._map = _mapped(path) if path else mmap.mmap(-1, SLOTS * _BYTES)
        self._numbers = memoryview(self._map).cast("Q")

    def get(self, name: str) -> int:
        return self._numbers[crc32(name.encode()) & (SLOTS - 1)]

    def change(self, name: str) -> int:
        """The new stamp."""
        stamp = self._numbers[crc32(name.encode()) & (SLOTS - 1)] = secrets.randbits(64)
        return stamp


def _mapped(path: Path) -> mmap.mmap:
    make_private_file(path)
    descriptor = os.open(path, os.O_RDWR)
    try:
        if os.fstat(descriptor).st_size < SLOTS * _BYTES:
            os.ftruncate(descriptor, SLOTS * _BYTES)
        return mmap.mmap(descriptor, SLOTS * _BYTES)
    finally:
        os.close(descriptor)
