"""Import connectors: propose what an input says, or save it with its secrets, all or nothing.

A proposal names the secrets that were found and never repeats a value."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.execution.check import Checked
from sealgate.execution.engine import Engine
from sealgate.findings import Finding, Findings
from sealgate.importing.curl import import_curl
from sealgate.importing.naming import Names
from sealgate.importing.openapi import Specification, import_operations, read_specification
from sealgate.importing.proposal import Proposal
from sealgate.services.connectors import ShownConnector
from sealgate.services.key_pairs import public_half
from sealgate.stores.ports import NewSecret


@dataclass(frozen=True, slots=True)
class CheckedProposal:
    """A proposal with the faults and warnings that its document would be saved with. `saved` is the
    connector once it is stored."""

    proposal: Proposal
    checked: Checked
    saved: ShownConnector | None = None

    @property
    def permalink(self) -> str:
        return str(self.proposal.document["permalink"])

    @property
    def findings(self) -> Findings:
        """Those of the import first, then those of the check."""
        return Findings(warnings=self.proposal.warnings) + self.checked.findings

    def as_json(self) -> dict[str, Any]:
        document = self.saved.as_json() if self.saved else self.proposal.document
        return {
            "connector": {name: value for name, value in document.items() if name != "warnings"},
            "secrets": [secret.as_json() for secret in self.proposal.secrets],
            "faults": [fault.as_json() for fault in self.findings.faults],
            "warnings": [warning.as_json() for warning in self.findings.warnings],
            "saved": self.saved is not None,
        }


async def propose_curl(
    engine: Engine, tenant: str, command: str, *, name: str | None = None
) -> CheckedProposal:
    """The connector of a pasted curl command. `name` is what people will call it.

    Raises DocumentInvalid with everything that cannot be taken over."""
    proposal = import_curl(command, await free_names(engine, tenant), title=name)
    return check_proposal(engine, tenant, proposal)


async def read_openapi(document: Any) -> Specification:
    """An OpenAPI document, as JSON text or parsed: `operations()` are those to pick from.

    Raises DocumentInvalid."""
    return await asyncio.to_thread(read_specification, document)


async def propose_operations(
    engine: Engine,
    tenant: str,
    specification: Specification,
    picks: Sequence[str],
    *,
    base_url: str | None = None,
) -> list[CheckedProposal]:
    """A connector for each operation that was picked. Raises DocumentInvalid with every pick that is not
    there."""
    names = await free_names(engine, tenant)
    proposals = await asyncio.to_thread(import_operations, specification, picks, names, base_url=base_url)
    return [check_proposal(engine, tenant, proposal) for proposal in proposals]


async def save_proposals(
    engine: Engine, tenant: str, proposals: Sequence[CheckedProposal], *, actor: str, strict: bool = False
) -> list[CheckedProposal]:
    """Store the connectors and the values that were found, in one transaction.

    Raises DocumentInvalid with the faults of every document (`strict`: the check's warnings too), Conflict
    when a name was taken meanwhile."""
    faults: list[Finding] = []
    for proposed in proposals:
        found = proposed.checked.findings
        faults += [fault.under(proposed.permalink) for fault in (found.strict() if strict else found).faults]
    if faults:
        raise DocumentInvalid("the import has faults and nothing was saved", fields=faults)
    documents = {
        proposed.permalink: proposed.checked.document
        for proposed in proposals
        if proposed.checked.document is not None
    }
    secrets = {
        secret.name: NewSecret(
            secret.name,
            secret.value,
            secret.hosts,
            await asyncio.to_thread(public_half, None, secret.value),
        )
        for proposed in proposals
        for secret in proposed.proposal.secrets
        if secret.value is not None
    }
    stored = await engine.store.add(tenant, documents, list(secrets.values()), actor=actor)
    await engine.refresh()
    return [
        CheckedProposal(
            proposed.proposal, proposed.checked, ShownConnector(connector, proposed.checked.warnings, True)
        )
        for proposed, connector in zip(proposals, stored, strict=True)
    ]


async def free_names(engine: Engine, tenant: str) -> Names:
    """Names that nothing in the tenant has, changes of other processes included."""
    await engine.refresh()
    known = engine.tenant(tenant)
    return Names(known.connectors, {*known.secrets, *known.variables})


def check_proposal(engine: Engine, tenant: str, proposal: Proposal) -> CheckedProposal:
    """As it would be judged when it is saved, with the secrets that come with it."""
    given = {secret.name: secret.hosts for secret in proposal.secrets if secret.value is not None}
    return CheckedProposal(proposal, engine.check(tenant, proposal.document, given))
