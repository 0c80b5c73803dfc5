"""What a command prints: readable text, or with `--json` exactly one JSON document on standard output."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self

import typer

from sealgate.errors import SealgateError
from sealgate.findings import Finding

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What could steer a terminal; names and replies come from other people."""


class Output:
    """`with Output(as_json) as out:` around a command: errors in it are printed and end it with 1."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, SealgateError):
            if self.as_json:
                self.document({"success": False, "errors": error.as_json()})
            else:
                self.note(_error_text(error))
            raise typer.Exit(1) from None

    def document(self, value: Any) -> None:
        """One JSON document."""
        typer.echo(json.dumps(value, indent=2, ensure_ascii=False))

    def answer(self, value: Any, text: str) -> None:
        """The command's result: the document with `--json`, else the text."""
        if self.as_json:
            self.document(value)
        else:
            typer.echo(printable(text))

    def table(self, value: Any, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A list: the document with `--json`, else aligned columns."""
        lines = [list(heads), *([_cell(cell) for cell in row] for row in rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
        self.answer(
            value,
            "\n".join(
                "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
                for line in lines
            ),
        )

    def note(self, text: str) -> None:
        """Beside the result, on standard error."""
        typer.echo(printable(text), err=True)

    def warn(self, warnings: Iterable[Finding]) -> None:
        """Warnings beside a readable result; a JSON document holds them itself."""
        if not self.as_json:
            for warning in warnings:
                self.note(f"warning: {finding_text(warning)}")


def finding_text(finding: Finding) -> str:
    """One fault or warning on one line: where, what, and what to write instead."""
    connector = getattr(finding, "connector", None)
    place = finding.path or "the document"
    if connector:
        place += f" ({connector})"
    if finding.line is not None:
        place += f", line {finding.line}"
        place += f", column {finding.column}" if finding.column is not None else ""
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{place}: {finding.message}{hint}"


def printable(text: str) -> str:
    """The text without characters that steer a terminal."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def write_bytes(data: bytes) -> None:
    """Bytes as they are, for the next program in a pipe."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, (list, tuple, frozenset)):
        return ", ".join(str(item) for item in value) or "-"
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value)).replace("\n", " ")


def _error_text(error: SealgateError) -> str:
    lines = [f"{error.code}: {error.detail}" if error.detail else error.code]
    if error.field:
        lines.append(f"  at {error.field}")
    if error.params:
        lines.append(f"  parameters: {', '.join(error.params)}")
    if [finding.message for finding in error.fields] != [error.detail]:
        lines += [f"  {finding_text(finding)}" for finding in error.fields]
    elif error.fields[0].path:
        lines.append(f"  at {error.fields[0].path}")
    if error.hint:
        lines.append(f"  hint: {error.hint}")
    return "\n".join(lines)
