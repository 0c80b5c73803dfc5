"""What people hand to a command: values on standard input, `name=value` pairs, JSON, files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from sealgate.errors import DocumentInvalid, RequestInvalid
from sealgate.findings import Finding
from sealgate.model.document import parse_json


def value_from_stdin(prompt: str, *, hidden: bool) -> str:
    """The whole of standard input without one trailing newline; a prompt on a terminal.

    Raises RequestInvalid when it is not UTF-8."""
    if sys.stdin.isatty():
        return str(typer.prompt(prompt, hide_input=hidden, confirmation_prompt=hidden))
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise RequestInvalid("the value on standard input is not UTF-8 text") from None
    return text.removesuffix("\n").removesuffix("\r")


def pairs(values: Sequence[str], option: str) -> list[tuple[str, str]]:
    """`name=value` texts as pairs, in their order. Ends with 2 when one has no `=`."""
    found = []
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"write name=value, not {text!r}", param_hint=option)
        found.append((name, value))
    return found


def header_pairs(values: Sequence[str]) -> list[tuple[str, str]]:
    """`Name: value` texts (as curl takes them) as pairs. Ends with 2 when one has no colon."""
    found = []
    for text in values:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            raise typer.BadParameter(f"write 'Name: value', not {text!r}", param_hint="--header")
        found.append((name.strip(), value.strip()))
    return found


def text_or_file(value: str | None, option: str) -> bytes | None:
    """The text itself, or with `@FILE` the file's bytes (`@-`: standard input). Ends with 2 when the
    file cannot be read."""
    if value is None or not value.startswith("@"):
        return None if value is None else value.encode()
    if value == "@-":
        return sys.stdin.buffer.read()
    try:
        return Path(value[1:]).read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{value[1:]}: {error.strerror}", param_hint=option) from None


def claims(value: str | None) -> dict[str, Any] | None:
    """Session claims as JSON or `@FILE`. Raises DocumentInvalid."""
    text = text_or_file(value, "--user")
    if text is None:
        return None
    parsed = parse_json(text)
    if not isinstance(parsed, dict):
        message = 'session claims are a JSON object such as {"sub": "42", "email": "ada@example.com"}'
        raise DocumentInvalid(message, fields=[Finding("user", message)])
    return parsed


def json_file(path: Path) -> Any:
    """The parsed JSON of a file. Raises DocumentInvalid."""
    return parse_json(path.read_bytes())
