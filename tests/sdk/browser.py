"""The distribution's Chromium, one for the whole run.

Playwright's own thread and loop: its blocking interface leaves a running loop behind, which the asyncio tests
of the same process cannot have."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from playwright.async_api import Page as PlaywrightPage
from playwright.async_api import async_playwright

MISSING = "the SDK's tests need Chromium: run scripts/system-packages, or `apt-get install chromium` as root"
SECONDS = 30

T = TypeVar("T")


class Browser:
    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Browser:
        program = shutil.which("chromium")
        assert program, MISSING
        self._thread.start()
        self.run(self._start(program))
        return self

    async def _start(self, program: str) -> None:
        self._playwright = await async_playwright().start()
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        self._chromium = await self._playwright.chromium.launch(executable_path=program, args=arguments)

    def __exit__(self, *_: object) -> None:
        self.run(self._chromium.close())
        self.run(self._playwright.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SECONDS)

    def open(self, url: str) -> Page:
        """A page with no cookies of others."""
        return self.run(self._open(url))

    async def _open(self, url: str) -> Page:
        context = await self._chromium.new_context()
        opened = await context.new_page()
        page = Page(self, opened)
        await opened.goto(url)
        return page


class Page:
    def __init__(self, browser: Browser, page: PlaywrightPage) -> None:
        self._browser = browser
        self._page = page
        self.warnings: list[str] = []
        page.on("console", lambda line: line.type == "warning" and self.warnings.append(line.text))

    def run(self, script: str, argument: Any = None) -> Any:
        """What the body of an asynchronous function of `x` returns."""
        return self._browser.run(self._page.evaluate(f"async (x) => {{ {script} }}", argument))

    def attempt(self, script: str, argument: Any = None) -> Any:
        """The same, or `{"thrown": its class, "name", "message", …its fields}`."""
        return self.run(
            f"""try {{ return await (async () => {{ {script} }})(); }} catch (error) {{
                const {{ name, message }} = error;
                const isError = error instanceof Error;
                return {{ ...error, thrown: error.constructor.name, name, message, isError }};
            }}""",
            argument,
        )

    def wait(self, condition: str) -> None:
        self._browser.run(self._page.wait_for_function(condition, timeout=SECONDS * 1000))

    def screenshot(self, path: str) -> None:
        self._browser.run(self._page.screenshot(path=path))

    def close(self) -> None:
        self._browser.run(self._page.context.close())
