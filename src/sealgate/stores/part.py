"""What every part of the SQL store works with."""

from __future__ import annotations

from sealgate.stores.database import Database
from sealgate.stores.keys import Keys


class Part:
    """A part answers for one kind of thing; `SqlStore` is all parts together."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys
