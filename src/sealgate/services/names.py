"""Names of secrets and variables (REFERENCE section 5): what a template can write as `get_secret('…')`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MAX_LENGTH = 255


def require_name(name: str) -> None:
    """Raises DocumentInvalid when the name cannot be one of a secret or a variable."""
    for fault in name_faults(name):
        raise DocumentInvalid(fault.message, fields=[fault])


def name_faults(name: str) -> Iterator[Finding]:
    """Why the name cannot be one of a secret or a variable."""
    if not NAME.fullmatch(name) or len(name) > MAX_LENGTH:
        yield Finding(
            "name",
            f"{name[:MAX_LENGTH]!r} cannot be a name: letters, digits and underscores only, "
            f"not beginning with a digit, at most {MAX_LENGTH} characters",
        )


def names_in(document: Any, function: Literal["get_secret", "get_variable"]) -> set[str]:
    """The names that a connector document writes as `get_secret('name')`. Read from the text of its
    templates, without compiling them; a computed name is not seen."""
    use = re.compile(rf"""\b{function}\(\s*(['"])(\w+)\1""")
    return {match[2] for text in strings(document) for match in use.finditer(text)}


def strings(tree: Any) -> Iterator[str]:
    """Every string of a JSON tree."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from strings(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from strings(item)
