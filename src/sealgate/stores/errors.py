"""What ends a start: the store cannot be used as it is."""

from __future__ import annotations

from sealgate.errors import Unexpected


class StoreUnusable(Unexpected):
    """The database, the operator's key or a sealed value cannot be used.

    `detail` says which one and what the operator has to do; it never holds key material."""

    code = "STORE_UNUSABLE"
