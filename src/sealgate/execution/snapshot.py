"""What one tenant's calls see: all its plans, secrets and variables at one moment (design 1.2).

A change builds a new snapshot and swaps it; a call keeps the one it began with and touches no
database. Plans are compiled on first use and kept over a change that did not touch their connector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sealgate.errors import ConnectorMisconfigured, ConnectorNotFound
from sealgate.execution.check import Checked
from sealgate.execution.plan import CompositePlan, Plan
from sealgate.execution.reads import Read, may_read, reads_of
from sealgate.execution.redaction import Redactor
from sealgate.secret import Secret, reveal
from sealgate.stores.ports import StoredConnector, TenantContent
from sealgate.stores.public_key_ports import ListedKey

Made = TypeVar("Made")


@dataclass(slots=True)
class TenantSnapshot:
    """Immutable but for the plans compiled, and the reads found, on the way."""

    tenant: str
    connectors: Mapping[str, StoredConnector]
    secrets: Mapping[str, Secret[str]] = field(repr=False)
    allowed_hosts: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, str]
    key_ids: Mapping[str, str]
    """The `kid` of each secret with a key pair, by the secret's name."""
    redactor: Redactor
    captures: Mapping[str, float]
    """Until when bodies are captured (Unix seconds), by permalink."""
    public_keys: tuple[ListedKey, ...] = ()
    """Published ones, those of replaced secrets included."""
    plans: dict[str, tuple[int, Plan | CompositePlan]] = field(default_factory=dict, repr=False)
    fixed: dict[Any, Any] = field(default_factory=dict, repr=False)
    """What was made of secrets and variables alone (`Context.fixed`)."""
    known_reads: dict[str, tuple[int, tuple[Read, ...]]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, content: TenantContent, before: TenantSnapshot | None = None) -> TenantSnapshot:
        """From a store's content, with the plans and reads of `before` whose connectors are the same."""
        return cls(
            tenant=content.tenant,
            connectors=content.connectors,
            secrets={secret.name: secret.value for secret in content.secrets},
            allowed_hosts={secret.name: secret.allowed_hosts for secret in content.secrets},
            variables={variable.name: variable.value for variable in content.variables},
            key_ids={secret.name: secret.key_id for secret in content.secrets if secret.key_id},
            redactor=Redactor(reveal(secret.value) for secret in content.secrets),
            captures=content.captures,
            public_keys=content.public_keys,
            plans=_still_so(before.plans, content) if before else {},
            known_reads=_still_so(before.known_reads, content) if before else {},
        )

    @classmethod
    def empty(cls, tenant: str) -> TenantSnapshot:
        return cls.of(TenantContent(tenant, {}, (), ()))

    def plan(self, permalink: str, check: Callable[[StoredConnector], Checked]) -> Plan | CompositePlan:
        """The compiled connector. Raises ConnectorNotFound, or ConnectorMisconfigured when a stored
        document is refused by today's rules (a setting changed since it was saved)."""
        stored = self.connectors.get(permalink)
        if stored is None:
            raise ConnectorNotFound(f"there is no connector {permalink!r}")
        known = self.plans.get(permalink)
        if known and known[0] == stored.revision:
            return known[1]
        checked = check(stored)
        if checked.plan is None:
            first = checked.faults[0]
            raise ConnectorMisconfigured(f"{first.path}: {first.message}", fields=checked.faults)
        self.plans[permalink] = (stored.revision, checked.plan)
        return checked.plan

    def reads(self) -> dict[str, tuple[Read, ...]]:
        """What each connector reads of secrets and variables, of those that read any. Takes a while when
        it is asked for the first time of many connectors: call it in a thread."""
        for permalink, stored in self.connectors.items():
            known = self.known_reads.get(permalink)
            if (not known or known[0] != stored.revision) and may_read(stored.text):
                self.known_reads[permalink] = stored.revision, reads_of(stored.text)
        return {permalink: reads for permalink, (_, reads) in self.known_reads.items()}


def _still_so(made: Mapping[str, tuple[int, Made]], content: TenantContent) -> dict[str, tuple[int, Made]]:
    """What was made of connectors, of those that did not change since."""
    connectors = content.connectors
    return {
        permalink: (revision, each)
        for permalink, (revision, each) in list(made.items())
        if permalink in connectors and connectors[permalink].revision == revision
    }
