"""The rules for names and values of secrets and variables (REFERENCE section 5)."""

from __future__ import annotations

import re

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding

MAX_NAME = 255
MAX_VALUE_BYTES = 64 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check(kind: str, name: str, value: str, *, may_be_empty: bool) -> None:
    """Raises DocumentInvalid with every fault of the two; none of them quotes the value."""
    faults = [*_name_faults(name), *_value_faults(kind, value, may_be_empty)]
    if faults:
        raise DocumentInvalid(f"this {kind} cannot be saved", fields=faults)


def _name_faults(name: str) -> list[Finding]:
    if len(name) > MAX_NAME:
        return [Finding("name", f"is {len(name)} characters long", hint=f"at most {MAX_NAME} are allowed")]
    if not _NAME.fullmatch(name):
        return [
            Finding(
                "name",
                f"{name!r} is not an identifier",
                hint="letters, digits and underscores, the first no digit, such as api_key",
            )
        ]
    return []


def _value_faults(kind: str, value: str, may_be_empty: bool) -> list[Finding]:
    if not value and not may_be_empty:
        return [Finding("value", f"a {kind} may not be empty", hint=f"delete the {kind} if it is not needed")]
    try:
        length = len(value.encode())
    except UnicodeEncodeError:
        length = None
    if length is None or "\x00" in value:
        return [Finding("value", "holds characters that are no text", hint="base64 can carry binary values")]
    if length > MAX_VALUE_BYTES:
        return [Finding("value", f"is {length} bytes long", hint=f"at most {MAX_VALUE_BYTES} are allowed")]
    return []
