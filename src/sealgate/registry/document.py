"""A registry file: `{"connectors": […], "composite_connectors": […]}` (REFERENCE section 13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding

MEMBERS = ("connectors", "composite_connectors")


@dataclass(frozen=True, slots=True)
class RegistryFinding(Finding):
    """A finding at its path in the file, with the name of the connector that it is about."""

    connector: str | None = None

    @classmethod
    def of(cls, finding: Finding, connector: str | None) -> RegistryFinding:
        """What a connector's own check found."""
        members = {member.name: getattr(finding, member.name) for member in fields(Finding)}
        return cls(**members, connector=connector)

    def as_json(self) -> dict[str, Any]:
        members = Finding.as_json(self)
        return {**members, "connector": self.connector} if self.connector else members


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """The connectors and composite connectors as written, each with its path, in the file's order; and
    what the file itself deserves a warning for."""

    connectors: tuple[tuple[str, Any], ...]
    warnings: tuple[RegistryFinding, ...] = ()


def read_registry(document: Any) -> RegistryFile:
    """Take a parsed registry file apart.

    Raises DocumentInvalid when it is not an object or has no list of connectors."""
    if not isinstance(document, Mapping):
        raise _invalid("", "a registry file is a JSON object with a `connectors` list")
    connectors = document.get("connectors")
    if "connectors" not in document:
        raise _invalid("connectors", "`connectors` is required; write [] for a file without connectors")
    if not isinstance(connectors, list):
        raise _invalid("connectors", "`connectors` must be a list")
    composites = document.get("composite_connectors")
    if composites is not None and not isinstance(composites, list):
        raise _invalid("composite_connectors", "`composite_connectors` must be a list")
    entries = [(f"connectors.{index}", connector) for index, connector in enumerate(connectors)]
    for index, composite in enumerate(composites or ()):
        entries.append((f"composite_connectors.{index}", _with_steps(composite)))
    return RegistryFile(tuple(entries), tuple(_unknown_members(document)))


def name_of(connector: Any) -> str | None:
    """What to call a connector in a message: its name, else its permalink, else nothing."""
    members = connector if isinstance(connector, Mapping) else {}
    names = (members.get("name"), members.get("permalink"))
    return next((name for name in names if isinstance(name, str) and name), None)


def _unknown_members(document: Mapping[str, Any]) -> Iterator[RegistryFinding]:
    for name in document:
        if name not in MEMBERS:
            yield RegistryFinding(name, f"the field `{name}` is unknown here and is ignored")


def _with_steps(composite: Any) -> Any:
    """What stands in `composite_connectors` is judged as one, with or without `steps`."""
    return {"steps": [], **composite} if isinstance(composite, Mapping) else composite


def _invalid(path: str, message: str) -> DocumentInvalid:
    return DocumentInvalid(message, fields=[Finding(path, message)])
