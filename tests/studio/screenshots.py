"""Take every screen, light and dark, wide and narrow, into `screenshots/` of the project."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))
sys.path.insert(0, str(HERE))

from demo_content import fill  # noqa: E402
from demo_operations import fill_operations  # noqa: E402
from demo_trials import running_trials  # noqa: E402
from gateway import Gateway  # noqa: E402
from running_studio import NARROW, WIDE, RunningStudio  # noqa: E402
from screens import SCREENS  # noqa: E402

FOLDER = HERE.parents[1] / "screenshots"


async def take(gateway: Gateway, wanted: list[str]) -> None:
    async with RunningStudio(gateway) as studio:
        for screen in SCREENS:
            if wanted and screen.name not in wanted:
                continue
            for theme in ("light", "dark"):
                for width, size in (("wide", WIDE), ("narrow", NARROW)):
                    page = await studio.show(screen, theme=theme, size=size)
                    await page.evaluate("scrollTo(0, 0)")
                    path = FOLDER / f"{screen.name}-{theme}-{width}.png"
                    await page.screenshot(path=path, full_page=True)
                    print(path.relative_to(FOLDER.parent))
            await studio.finish()


def main() -> None:
    """Arguments are names of screens; without any all are taken."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as directory,
        Gateway(Path(directory), SEALGATE_WORKERS="1") as gateway,
    ):
        fill(gateway)
        fill_operations(gateway)
        with running_trials(gateway):
            asyncio.run(take(gateway, sys.argv[1:]))


if __name__ == "__main__":
    main()
