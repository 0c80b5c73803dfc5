"""What a check of a document found: faults refuse it, warnings load it and say what will happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or warning, at its place.

    `path` is dotted from the document's root (`headers.1.value`); `line` and `column` count from 1
    inside the template at that path; `expression` is the template text that caused it; `hint` says
    what to write instead.
    """

    path: str
    message: str
    line: int | None = None
    column: int | None = None
    expression: str | None = None
    hint: str | None = None

    def under(self, prefix: str) -> Finding:
        """The same finding seen from a document that holds this one at `prefix`."""
        return replace(self, path=f"{prefix}.{self.path}" if self.path else prefix)

    def as_json(self) -> dict[str, Any]:
        """`{"path", "message", …}` without the empty members."""
        members = {
            "path": self.path,
            "message": self.message,
            "line": self.line,
            "column": self.column,
            "expression": self.expression,
            "hint": self.hint,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Findings:
    """All faults and all warnings of one document."""

    faults: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    def strict(self) -> Findings:
        """Every warning as a fault (`?strict=true`)."""
        return Findings(faults=self.faults + self.warnings)

    def under(self, prefix: str) -> Findings:
        return Findings(_under(self.faults, prefix), _under(self.warnings, prefix))

    def __add__(self, other: Findings) -> Findings:
        return Findings(self.faults + other.faults, self.warnings + other.warnings)


def _under(findings: Sequence[Finding], prefix: str) -> tuple[Finding, ...]:
    return tuple(finding.under(prefix) for finding in findings)
