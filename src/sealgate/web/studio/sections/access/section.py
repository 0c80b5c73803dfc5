"""What the pages of this section share."""

from __future__ import annotations

from collections.abc import Mapping

from sealgate.services.studio_sessions import STUDIO_SCOPES
from sealgate.web.studio.section import Section
from sealgate.web.studio.visit import Visit

EVERYONE = STUDIO_SCOPES
"""Whoever is signed in has one of these."""

section = Section("Access", "/access", key="a", icon="access", scopes=EVERYONE)

SCOPE_LINES: Mapping[str, str] = {
    "execute": "Call connectors through the data plane. It manages nothing.",
    "read": "See connectors, variables, sources, runs and the names of secrets.",
    "write": "Change connectors, variables and sources, and test them.",
    "secrets": "Set and delete secrets. Nobody can read their values.",
    "admin": "Everything, API tokens and who may sign in too.",
}
"""What each scope allows, in a line (docs/admin.md)."""


def tabs(visit: Visit) -> list[tuple[str, str, str]]:
    """Key, words and address of each page of the section that the visitor may see."""
    yourself = ("you", "You", visit.url("/access/you"))
    if not visit.may("admin"):
        return [yourself]
    return [
        ("tokens", "API tokens", visit.url("/access")),
        ("people", "Sign-ins", visit.url("/access/people")),
        yourself,
    ]
