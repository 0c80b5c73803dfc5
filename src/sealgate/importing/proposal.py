"""What an import proposes: a document without a credential in it, and the secrets that it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.secret import Secret


@dataclass(frozen=True, slots=True)
class ProposedSecret:
    """A secret that the document names. `place` is the path of the field that reads it, `advice` what to
    put there; `value` is what stood in the input, `None` when it has to be given."""

    name: str
    place: str
    advice: str
    value: Secret[str] | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ()
    """The only hosts that it may be sent to; empty when they are not known."""

    def as_json(self) -> dict[str, Any]:
        """Never the value: `found` says whether there is one."""
        return {
            "name": self.name,
            "place": self.place,
            "advice": self.advice,
            "found": self.value is not None,
            "allowed_hosts": list(self.hosts),
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """A connector document to look at, or to save as it is."""

    document: dict[str, Any]
    secrets: tuple[ProposedSecret, ...] = ()
    warnings: tuple[Finding, ...] = ()


class Notes:
    """Collects what is wrong with an input, so that everything is said at once."""

    def __init__(self) -> None:
        self.faults: list[Finding] = []
        self.warnings: list[Finding] = []

    def fault(self, path: str, message: str, **more: Any) -> None:
        self.faults.append(Finding(path, message, **more))

    def warn(self, path: str, message: str, **more: Any) -> None:
        self.warnings.append(Finding(path, message, **more))

    def refuse(self, detail: str) -> None:
        """Raises DocumentInvalid when there is a fault."""
        if self.faults:
            raise DocumentInvalid(detail, fields=tuple(self.faults))


def literal(text: str) -> str:
    """A template that prints exactly this text."""
    if not any(mark in text for mark in ("{{", "{%", "{#")):
        return text
    parts = [_ESCAPED.get(character, character) for character in text]
    return "".join(parts)


_ESCAPED = {"{": "{{ '{' }}", "\r": "{{ '\\r' }}"}
