"""The demo's table: beautiful on a terminal, plain text elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import ASCII2, ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sealgate.cli.demo.gateway import Gateway
from sealgate.cli.demo.scene import CALLS, Check, Row
from sealgate.testing import FakeApi, OAuthServer

WIDTH = 100
EXAMPLE = "demo-api-key-header/execute?q=Warsaw"


def make_console() -> Console:
    """Standard output: as wide as it is up to 100 columns on a terminal, else exactly that."""
    console = Console(highlight=False)
    return Console(highlight=False, width=min(WIDTH, console.width) if console.is_terminal else WIDTH)


def print_places(console: Console, gateway: Gateway, api: FakeApi, oauth: OAuthServer) -> None:
    """Who listens where."""
    places = (
        ("Sealgate", gateway.origin),
        ("its admin API", f"{gateway.admin_origin}/api/v1"),
        ("demo API", api.origin),
        ("OAuth server", oauth.token_url),
    )
    for name, url in places:
        console.print(Text.assemble((f"{name:>14}  ", "bold"), url))


def print_rows(console: Console, rows: Sequence[Row]) -> None:
    """The table, and one sentence on it."""
    table = Table(
        box=ROUNDED if console.is_terminal else ASCII2,
        show_lines=True,
        expand=True,
        title=f"What the API received, for {CALLS} calls of each connector",
        title_style="bold",
        header_style="bold",
        border_style="dim",
    )
    table.add_column("", width=1)
    table.add_column("Type", style="bold cyan", width=12)
    table.add_column("The API received", ratio=1, overflow="fold")
    table.add_column("Checked", width=37, overflow="fold")
    for row in rows:
        table.add_row(_mark(row.right), row.title, _received(row.received), _checks(row.checks))
    console.print(table)
    wrong = [row.title for row in rows if not row.right]
    verdict = (
        Text(f"✗ wrong: {', '.join(wrong)}", "bold red")
        if wrong
        else Text(f"✓ all {len(rows)} rows are right", "bold green")
    )
    console.print(verdict)


def print_how_to_try(console: Console, gateway: Gateway, session: str) -> None:
    """Lines to copy; long ones are not wrapped."""
    lines = [
        ("\nCall a connector as Ada, a signed-in user:", "bold"),
        (f"curl -H 'Authorization: Bearer {session}' '{gateway.origin}/connectors/{EXAMPLE}'", ""),
        ("\nLook at the connectors through the admin API:", "bold"),
        (
            f"curl -H 'Authorization: Bearer {gateway.admin_token}' {gateway.admin_origin}/api/v1/connectors",
            "",
        ),
        ("\nThe keys are for this demo only; Ctrl-C stops it and removes its data.", "dim"),
    ]
    for line, style in lines:
        console.print(Text(line, style), soft_wrap=True)


def _received(lines: Sequence[str]) -> Text:
    text = Text()
    for index, line in enumerate(lines):
        style = "bold" if index == 0 else "dim" if line.startswith("  ") else ""
        text.append(f"{line}\n", style)
    text.rstrip()
    return text


def _checks(checks: Sequence[Check]) -> Text:
    lines = [
        Text.assemble(_mark(check.right), " ", (check.text, "" if check.right else "red")) for check in checks
    ]
    return Text("\n").join(lines)


def _mark(right: bool) -> Text:
    return Text("✓", "green") if right else Text("✗", "bold red")
