"""What the rest of Sealgate needs from a store that keeps what connectors were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

KEPT = 50
"""Revisions that are kept of one connector; older ones are forgotten."""
DAYS_AFTER_DELETION = 30
"""How long the revisions of a deleted connector can be restored."""


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """Who changed a connector when. `revision` is the number that the connector had then (its `ETag`)."""

    revision: int
    source: str | None
    """The registry source that owned it then; `None` when made by hand."""
    deleted: bool
    """The change was its deletion: there is no document."""
    saved_at: float
    saved_by: str


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A revision with its document as text, as `StoredConnector.text`."""

    info: RevisionInfo
    text: bytes = field(repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """Parsed anew; empty for a deletion."""
        document: dict[str, Any] = json.loads(self.text)
        return document


class RevisionStore(Protocol):
    """Every change of a connector leaves a revision. Those of a deleted connector stay for
    `DAYS_AFTER_DELETION`; a connector that takes its permalink again continues its history."""

    async def list_revisions(self, tenant: str, permalink: str) -> Sequence[RevisionInfo]:
        """The newest first; empty when nobody has, or had, the permalink."""
        ...

    async def get_revision(self, tenant: str, permalink: str, revision: int) -> StoredRevision:
        """Raises NotFound."""
        ...
