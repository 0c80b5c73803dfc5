"""A tenant with nothing in it, for the ways from there to a connector."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page
from running_studio import RunningStudio

HOSTILE = "<img src=x onerror=alert(1)>"
FAULTY = {
    "connectors": [
        {"name": "Rates", "url": "http://rates.example.org/latest"},
        {"name": f"Tickets {HOSTILE}", "url": "https://help.example.com/api", "headers": [{"value": "a"}]},
    ]
}
SOUND = {
    "connectors": [
        {"name": "Rates", "url": "https://rates.example.org/latest"},
        {"name": "Tickets", "url": "https://help.example.com/api", "headers": [{"key": "A", "value": "a"}]},
    ]
}


class Empty:
    """A tenant with nothing in it, and a page of its Studio."""

    def __init__(self, studio: RunningStudio, name: str) -> None:
        self.studio = studio
        self.name = name

    async def open(self, path: str, *options: str) -> Page:
        return await self.studio.open(f"/t/{self.name}{path}", options=("--tenant", self.name, *options))

    def read(self, path: str) -> Any:
        return self.studio.gateway.admin("GET", f"/t/{self.name}/api/v1/{path}").json

    def connectors(self) -> list[str]:
        return [connector["permalink"] for connector in self.read("connectors")["connectors"]]

    def secrets(self) -> dict[str, list[str]]:
        return {secret["name"]: secret["allowed_hosts"] for secret in self.read("secrets")["secrets"]}

    def canary(self, name: str) -> str:
        value = f"canary-of-{self.name}-{name}-8d1c7be04f52"
        self.studio.gateway.canaries.add(value)
        return value


async def toast(page: Page) -> str:
    return await page.locator(".toast").first.inner_text()
