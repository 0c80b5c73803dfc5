"""Whether a page can be used by everyone: axe's rules for WCAG 2 A and AA, in both themes and widths."""

from __future__ import annotations

from functools import cache

from playwright.async_api import Page
from running_studio import NARROW, WIDE, axe_source

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = [(theme, size) for theme in ("light", "dark") for size in (WIDE, NARROW)]

RUN = """tags => axe.run({
  runOnly: {type: 'tag', values: tags},
  resultTypes: ['violations'],
  selectors: false,
}).then(result => result.violations)"""
"""Every rule runs; what passed is not described node by node, which would take most of the time."""

source = cache(axe_source)


async def assert_accessible(page: Page) -> None:
    """Look at the page as it stands in every theme and width. Raises AssertionError with what is wrong."""
    found: list[str] = []
    before = page.viewport_size
    for theme, size in LOOKS:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        await page.set_viewport_size(size)
        found += [f"{theme}, {size['width']} px: {problem}" for problem in await _violations(page)]
        if overflow := await page.evaluate("document.documentElement.scrollWidth - innerWidth"):
            found += [f"{size['width']} px: the page is {overflow} px too wide"] if overflow > 0 else []
    if before:
        await page.set_viewport_size(before)
    assert not found, "\n".join(found)


async def _violations(page: Page) -> list[str]:
    if not await page.evaluate("'axe' in globalThis"):
        await page.evaluate(source() + "; undefined")
    violations = await page.evaluate(RUN, TAGS)
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for violation in violations
        for node in violation["nodes"][:3]
    ]
