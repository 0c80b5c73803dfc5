"""Every screen of Studio: `make screenshots` takes them, test_accessibility.py visits them. A section
adds its own lines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page


@dataclass(frozen=True)
class Screen:
    """`steps` brings the page into the state to look at; `tenant` `empty` has nothing in it."""

    name: str
    path: str
    steps: Callable[[Page], Awaitable[object]] | None = None
    signed_in: bool = True
    tenant: str = "default"

    async def show(self, page: Page) -> None:
        if self.steps:
            await self.steps(page)


async def open_shortcuts(page: Page) -> None:
    await page.keyboard.press("?")
    await page.get_by_role("dialog").wait_for()


async def search(page: Page) -> None:
    await page.get_by_role("searchbox").fill("nothing like this")
    await page.get_by_text("Nothing fits").wait_for()


SCREENS = [
    Screen("sign-in", "/connectors", signed_in=False),
    Screen("sign-in-link", "/login?token=not-a-token", signed_in=False),
    Screen("connectors", "/connectors"),
    Screen("connectors-nothing-found", "/connectors", search),
    Screen("connectors-empty", "/t/empty/connectors", tenant="empty"),
    Screen("shortcuts", "/connectors", open_shortcuts),
    Screen("not-found", "/nothing-here"),
]
