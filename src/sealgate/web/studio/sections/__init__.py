"""The sections of Studio, in the order of the navigation. A new one is an import and a line here."""

from __future__ import annotations

from sealgate.web.studio.section import Section
from sealgate.web.studio.sections import (
    access,
    connector_names,
    connectors,
    editor,
    editor_check,
    editor_steps,
    history,
    playground,
    runs,
    secrets,
    sources,
    start,
    start_curl,
    start_openapi,
    start_registry,
    trial,
    variables,
)

SECTIONS: tuple[Section, ...] = (
    connectors.section,
    connector_names.section,
    start.section,
    start_curl.section,
    start_openapi.section,
    start_registry.section,
    editor.section,
    editor_check.section,
    editor_steps.section,
    history.section,
    trial.section,
    runs.section,
    secrets.section,
    variables.section,
    sources.section,
    playground.section,
    access.section,
)
