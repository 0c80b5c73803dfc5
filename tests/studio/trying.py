"""Connectors that are tried in Studio."""

from __future__ import annotations

from typing import Any

from gateway import Gateway
from playwright.async_api import Page


def save(gateway: Gateway, permalink: str, **document: Any) -> None:
    """Save a connector and wait until Studio runs it."""
    path = f"/api/v1/connectors/{permalink}"
    answer = gateway.admin("PUT", path, {"name": permalink, **document})
    assert answer.status in (200, 201), answer.body


async def run(page: Page) -> None:
    await page.keyboard.press("Control+Enter")
    await page.locator("#trial-result .explained").wait_for()
