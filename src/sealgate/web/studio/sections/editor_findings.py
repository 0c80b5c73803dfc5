"""Findings as the editor marks them: at a field, or at a line of the JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sealgate.findings import Finding, Findings
from sealgate.web.studio.sections.editor_form import CODE
from sealgate.web.studio.sections.json_places import line_and_column, place_of, places


@dataclass(frozen=True, slots=True)
class Marked:
    """A finding, `error` or `warning`, and where it stands in Code Mode."""

    finding: Finding
    severity: str
    place: tuple[int, int] | None = None

    @property
    def path(self) -> str:
        return self.finding.path

    @property
    def line(self) -> int | None:
        """Of the JSON text in Code Mode, else of the template."""
        return self.place[0] if self.place else self.finding.line

    @property
    def anchor(self) -> str:
        return self.path.replace(".", "-") or "document"

    def as_json(self) -> dict[str, Any]:
        members = self.finding.as_json() | {"severity": self.severity}
        if self.place:
            members |= {"place_line": self.place[0], "place_column": self.place[1]}
        return members


def marked(findings: Findings, mode: str, text: str) -> list[Marked]:
    """Faults first. `text` is what Code Mode shows."""
    both = [(fault, "error") for fault in findings.faults] + [(each, "warning") for each in findings.warnings]
    if mode != CODE:
        return [Marked(finding, severity) for finding, severity in both]
    if any(finding.line and not finding.path for finding, _ in both):
        # The text is no JSON: the finding itself says where.
        return [Marked(each, severity, (each.line or 1, each.column or 1)) for each, severity in both]
    found = places(text)
    return [
        Marked(finding, severity, line_and_column(text, place_of(found, finding.path)))
        for finding, severity in both
    ]


class FaultsAt(dict[str, str]):
    """Messages of faults by path."""

    def under(self, path: str) -> dict[str, str]:
        """Those of the rows at a path, by the rest of their own (`0.key`)."""
        return {
            each.removeprefix(f"{path}."): text for each, text in self.items() if each.startswith(f"{path}.")
        }


def as_data(found: Iterable[Marked]) -> str:
    """For an attribute that the script reads."""
    return json.dumps([each.as_json() for each in found])
