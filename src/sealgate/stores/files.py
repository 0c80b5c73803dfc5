"""Files that only their owner may read, and the lock that lets one process at a time prepare them."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sealgate.stores.errors import StoreUnusable

OWNER_ONLY = 0o600
_LOCK_POLL_SECONDS = 0.02


def make_data_directory(path: Path) -> None:
    """Create the directory for its owner alone; one that exists is left as it is."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise unusable_file(path, problem, "set SEALGATE_DATA to a directory that can be written") from None


def make_private_file(path: Path) -> None:
    """Create an empty file of mode 0600, or take away from an existing one what others may do with it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        try:
            os.fchmod(descriptor, OWNER_ONLY)
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise unusable_file(path, problem, "make its directory writable for this user") from None


def write_private_file(path: Path, text: str) -> None:
    """Write the whole file or nothing of it, on disk when this returns, mode 0600."""
    draft = path.with_name(f"{path.name}.draft-{os.getpid()}")
    try:
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_directory(path.parent)
    except OSError as problem:
        raise unusable_file(path, problem, "make its directory writable for this user") from None


def sync_directory(path: Path) -> None:
    """Put a rename or a removal in the directory on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@asynccontextmanager
async def exclusive(path: Path) -> AsyncIterator[None]:
    """Hold the lock file: no other process (and no other task) prepares the store meanwhile. A process
    that dies lets go of it."""
    make_private_file(path)
    descriptor = os.open(path, os.O_RDWR)
    try:
        # Another process holds it, and a blocking wait could not be cancelled.
        while not _locked(descriptor):  # noqa: ASYNC110
            await asyncio.sleep(_LOCK_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def unusable_file(path: Path, problem: OSError, advice: str) -> StoreUnusable:
    return StoreUnusable(f"{path}: {problem.strerror or 'cannot be used'}. To go on, {advice}.")


def _locked(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
