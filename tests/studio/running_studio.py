"""A running Sealgate with a browser that is signed in to its Studio.

Every page is watched: an error on the console, a script that fails or a violation of the content security
policy fails the test that opened it, and so does a secret in what the server sent."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from gateway import Gateway, exchange
from playwright.async_api import Browser, BrowserContext, Error, Page, Playwright, Response, async_playwright
from screens import Screen

MISSING = "Studio's tests need Chromium: run scripts/system-packages, or `apt-get install chromium` as root"
HTTP_ERRORS = ("Failed to load resource: the server responded with a status of", "Response Status Error Code")
"""What Chromium and htmx say of every 4xx and 5xx, wanted ones too."""

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 360, "height": 740}


def login_link(gateway: Gateway, *options: str) -> dict[str, Any]:
    """What `sealgate login-link --json` prints, run beside the server as an operator does."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEALGATE_")}
    done = subprocess.run(
        [sys.executable, "-m", "sealgate", "login-link", "--json", *options],
        env={**inherited, **gateway.environment},
        cwd=gateway.directory,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    link: dict[str, Any] = json.loads(done.stdout)
    gateway.canaries.add(link["url"].partition("token=")[2])
    return link


class RunningStudio:
    """`async with RunningStudio(gateway) as studio:`"""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.complaints: list[str] = []
        self._states: dict[tuple[str, ...], Any] = {}
        self._contexts: list[BrowserContext] = []
        self._searches: list[asyncio.Task[None]] = []
        self._playwright: Playwright
        self._browser: Browser

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.gateway.admin_port}"

    async def __aenter__(self) -> RunningStudio:
        program = shutil.which("chromium")
        assert program, MISSING
        self._playwright = await async_playwright().start()
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        self._browser = await self._playwright.chromium.launch(executable_path=program, args=arguments)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._browser.close()
        await self._playwright.stop()

    async def open(
        self,
        path: str,
        *,
        options: tuple[str, ...] = (),
        theme: str = "light",
        size: dict[str, int] = WIDE,
    ) -> Page:
        """A page of someone who is signed in by a link made with these options of `login-link`."""
        page = await self.signed_out(theme=theme, size=size, state=await self._signed_in(options))
        await page.goto(self.origin + path)
        return page

    async def show(self, screen: Screen, *, theme: str = "light", size: dict[str, int] = WIDE) -> Page:
        """A page with one of the screens of the table."""
        if screen.signed_in:
            options = () if screen.tenant == "default" else ("--tenant", screen.tenant)
            page = await self.open(screen.path, options=options, theme=theme, size=size)
        else:
            page = await self.signed_out(theme=theme, size=size)
            await page.goto(self.origin + screen.path)
        await screen.show(page)
        return page

    async def signed_out(
        self, *, theme: str = "light", size: dict[str, int] = WIDE, state: Any = None
    ) -> Page:
        """An empty page of a browser that is new here."""
        context = await self._browser.new_context(color_scheme=theme, viewport=size, storage_state=state)
        self._contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda line: self._console(line.type, line.text))
        page.on("pageerror", lambda error: self.complaints.append(f"a script failed: {error}"))
        page.on("response", partial(self._begin_search, _cookie_of(state)))
        return page

    async def _signed_in(self, options: tuple[str, ...]) -> Any:
        if options not in self._states:
            page = await self.signed_out()
            await page.goto(login_link(self.gateway, *options)["url"])
            await page.get_by_role("button", name="Sign in").click()
            await page.wait_for_url("**/connectors")
            state = await page.context.storage_state()
            self.gateway.canaries |= {
                cookie["value"]
                for cookie in state["cookies"]
                if cookie["httpOnly"] and len(cookie["value"]) > 40
            }
            self._states[options] = state
        return self._states[options]

    def _console(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith(HTTP_ERRORS):
            self.complaints.append(f"console: {text}")

    def _begin_search(self, cookie: str, response: Response) -> None:
        """The canary. What becomes one later may be in this answer: a token is shown once. The page of a
        login link alone holds its token, to post it."""
        if "/static/" in response.url or "/login?token=" in response.url or 300 <= response.status < 400:
            return
        search = self._search(response, cookie, frozenset(self.gateway.canaries))
        self._searches.append(asyncio.create_task(search))

    async def _search(self, response: Response, cookie: str, canaries: frozenset[str]) -> None:
        try:
            body = await response.body()
        except Error:  # the page was left before it was read: it is asked for once more
            body = await self._again(response, cookie)
        try:
            self.gateway.search(body, response.url, canaries)
        except AssertionError as error:
            self.complaints.append(str(error))

    async def _again(self, response: Response, cookie: str) -> bytes:
        request = response.request
        if request.method != "GET" or not response.url.startswith(self.origin):
            return b""
        try:
            headers = await request.all_headers()
        except Error:  # the page is closed: what it was opened with is known
            headers = {**request.headers, "cookie": cookie}
        for name in ("host", "accept-encoding", "connection"):
            headers.pop(name, None)
        target = response.url.removeprefix(self.origin)
        return (await asyncio.to_thread(exchange, self.gateway.admin_port, "GET", target, headers)).body

    async def finish(self) -> None:
        """Read what is still to be read, and close every page. Raises AssertionError when one of them
        complained."""
        searches, self._searches = self._searches, []
        try:
            await asyncio.gather(*searches)
        finally:
            contexts, self._contexts = self._contexts, []
            for context in contexts:
                await context.close()
            complaints, self.complaints = self.complaints, []
        assert not complaints, "\n".join(complaints)


def _cookie_of(state: Any) -> str:
    """The `Cookie` field of a browser that was opened with this state."""
    return "; ".join(f"{each['name']}={each['value']}" for each in state["cookies"]) if state else ""


def axe_source() -> str:
    """The script of axe-core, installed when it is absent."""
    here = Path(__file__).parent
    script = here / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=here, check=True, capture_output=True)
    return script.read_text()
