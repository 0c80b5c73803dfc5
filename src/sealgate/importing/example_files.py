"""Connectors to begin with: one for each way in which APIs want to be called."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_PLACEHOLDER = re.compile(r"https://[a-z0-9.-]+\.example\.com")


@dataclass(frozen=True, slots=True)
class Example:
    """`secrets` maps the names that the document reads to what to put there."""

    name: str
    title: str
    explanation: str
    secrets: dict[str, str]
    connector: dict[str, Any]

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The origins that stand for one's own: those below example.com, in the document's order."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(json.dumps(self.connector))))

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "explanation": self.explanation,
            "secrets": [{"name": name, "advice": advice} for name, advice in self.secrets.items()],
            "connector": self.connector,
        }


@cache
def examples() -> Sequence[Example]:
    """All examples, the simplest first: the files' names begin with their place."""
    folder = files("sealgate.importing").joinpath("examples")
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda f: f.name)
    return tuple(
        Example(name=file.name.removesuffix(".json").partition("-")[2], **json.loads(file.read_text("utf-8")))
        for file in found
    )
