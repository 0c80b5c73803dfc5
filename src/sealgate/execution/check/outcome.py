"""What a check says of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sealgate.execution.plan import CompositePlan, Plan
from sealgate.findings import Finding, Findings


@dataclass(frozen=True, slots=True)
class Checked:
    """`document` (normalised, permalink set) and `plan` are there when it has no fault."""

    findings: Findings
    document: dict[str, Any] | None = None
    plan: Plan | CompositePlan | None = None

    @property
    def faults(self) -> tuple[Finding, ...]:
        return self.findings.faults

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return self.findings.warnings
