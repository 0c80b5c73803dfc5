"""Check a whole registry file: every fault of every connector at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.execution.check import Checked
from sealgate.findings import Findings
from sealgate.model.permalink import permalink_of
from sealgate.registry.document import RegistryFinding, name_of, read_registry


@dataclass(frozen=True, slots=True)
class Entry:
    """One connector of the file; `document` is normalised, `None` when the connector has a fault."""

    path: str
    name: str
    permalink: str
    document: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class CheckedRegistry:
    """The outcome: entries in the file's order, all faults, all warnings."""

    entries: tuple[Entry, ...]
    findings: Findings

    def require(self) -> None:
        """Raises DocumentInvalid with every fault when there is one: nothing of the file is taken."""
        if self.findings.faults:
            count = len(self.findings.faults)
            raise DocumentInvalid(
                f"the registry file has {count} fault{'s' if count > 1 else ''}; nothing was changed",
                fields=self.findings.faults,
            )


def check_registry(
    document: Any, check: Callable[[Any], Checked], *, strict: bool = False
) -> CheckedRegistry:
    """Check a parsed registry file; `check` judges one connector. Never raises for what stands in it."""
    try:
        file = read_registry(document)
    except DocumentInvalid as error:
        return CheckedRegistry((), Findings(faults=error.fields))
    findings = Findings(warnings=file.warnings)
    entries = []
    for path, connector in file.connectors:
        name = name_of(connector) or path
        checked = check(connector)
        findings += _named(checked.findings.under(path), name)
        if permalink := _permalink(connector):
            entries.append(Entry(path, name, permalink, checked.document))
    findings += Findings(faults=tuple(_repeated(entries)))
    return CheckedRegistry(tuple(entries), findings.strict() if strict else findings)


def _named(findings: Findings, name: str) -> Findings:
    return Findings(
        tuple(RegistryFinding.of(fault, name) for fault in findings.faults),
        tuple(RegistryFinding.of(warning, name) for warning in findings.warnings),
    )


def _permalink(connector: Any) -> str | None:
    """As the check assigns it, but of a faulty connector, too: one fault must not hide another."""
    members = connector if isinstance(connector, Mapping) else {}
    permalink, name = members.get("permalink"), members.get("name")
    if isinstance(permalink, str) and permalink:
        return permalink
    return permalink_of(name) if isinstance(name, str) else None


def _repeated(entries: Iterable[Entry]) -> Iterator[RegistryFinding]:
    first: dict[str, Entry] = {}
    for entry in entries:
        earlier = first.setdefault(entry.permalink, entry)
        if earlier is not entry:
            yield RegistryFinding(
                f"{entry.path}.permalink",
                f"the permalink {entry.permalink!r} is already that of {earlier.name!r} ({earlier.path})",
                hint="give one of the two another `permalink`",
                connector=entry.name,
            )
