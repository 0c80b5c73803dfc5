"""Changing the operator's key while everything runs.

At every moment one of the two files, the key file or its `.previous`, opens the database. A process that
dies in between leaves both; the next start (`Keys.open`) completes the change. Processes that run on with
the old key look into the files when it no longer opens something. A key file belongs to one database:
another one that was sealed by the same key would stay behind.
"""

from __future__ import annotations

from sealgate.settings import Settings
from sealgate.stores.files import exclusive
from sealgate.stores.key_file import KeyFile
from sealgate.stores.sealing import new_key
from sealgate.stores.store import SqlStore


async def rotate_key_file(store: SqlStore, settings: Settings) -> None:
    """Make a new operator's key, seal every data key under it and put it in the key file.
    Raises StoreUnusable when the file cannot be written; the old key is then still in force."""
    file = KeyFile(settings.master_key_file)
    async with exclusive(settings.data / "store.lock"):
        file.previous.write(await store.operator_key())
        new = new_key()
        file.write(new)
        await store.rotate_key(new)
        file.previous.remove()
