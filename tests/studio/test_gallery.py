"""The macros that sections stand on, in Chromium under the real content security policy: they can be used by
everyone, by the keyboard alone, and what they show is escaped."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
from accessibility import assert_accessible
from playwright.async_api import Page
from running_studio import RunningStudio
from starlette.requests import Request

from sealgate.findings import Finding
from sealgate.stores.studio_ports import StudioSession
from sealgate.web.studio.app import CONTENT_SECURITY_POLICY
from sealgate.web.studio.forms import Form
from sealgate.web.studio.pages import TEMPLATES, Pages
from sealgate.web.studio.sections import SECTIONS
from sealgate.web.studio.statics import Statics
from sealgate.web.studio.visit import Visit

HOSTILE = "<img src=x onerror=alert(1)> \"quoted\" 'single' {{ 7*7 }} \u202egnissim\u202c &amp; " + "w" * 200
FINDINGS = [Finding("url", "must begin with https://", line=2, column=10, hint="write https")]


def rendered(template: str, folder: Path, **more: object) -> str:
    """A page of someone who is signed in, from a folder of the test's."""
    request = Request(
        {"type": "http", "method": "GET", "path": "/gallery", "query_string": b"", "headers": []}
    )
    session = StudioSession("1", "default", "ada", frozenset({"admin"}), "", 0, 0, 0)
    visit = Visit(request, None, session, Form(), "csrf-of-the-gallery", SECTIONS[0], SECTIONS)
    context = {"visit": visit, "csrf": visit.csrf, "theme": None, "toast": None}
    return Pages(Statics(), (TEMPLATES, folder)).render(template, {**context, **more})


def gallery(text: str) -> str:
    return rendered("gallery.html", Path(__file__).parent / "gallery", text=text, findings=FINDINGS)


@pytest_asyncio.fixture(loop_scope="session")
async def page(studio: RunningStudio) -> Page:
    page = await studio.signed_out()
    headers = {"content-security-policy": CONTENT_SECURITY_POLICY, "content-type": "text/html; charset=utf-8"}
    await page.route("**/gallery", lambda route: route.fulfill(body=gallery(HOSTILE), headers=headers))
    await page.goto(f"{studio.origin}/gallery")
    await page.locator("code-editor .cm-content").nth(2).wait_for()
    return page


async def test_it_can_be_used_by_everyone(page: Page) -> None:
    await assert_accessible(page)


async def test_what_people_wrote_is_text(page: Page) -> None:
    assert await page.locator("img").count() == 0
    assert await page.get_by_label("Name", exact=False).first.input_value() == HOSTILE
    assert await page.get_by_label("Notes").input_value() == HOSTILE


async def test_the_editor_writes_into_its_field(page: Page) -> None:
    editor = page.get_by_role("textbox", name="Template")
    await editor.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("{{ now() }}")
    assert await page.locator("textarea[name=template]").input_value() == "{{ now() }}"
    assert await page.locator("code-editor[language=jinja] .cm-template-word").inner_text() == "now"


async def test_the_editor_marks_faults_and_what_is_no_json(page: Page) -> None:
    marks = page.locator("code-editor[language=json] .cm-lintRange-error")
    await marks.first.wait_for()
    editor = page.get_by_role("textbox", name="Document")
    await editor.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.type('{"a": x')
    await page.locator(".cm-lintPoint-error").wait_for(state="attached")
    await page.keyboard.press("Backspace")
    await page.keyboard.type("1")
    await page.locator("code-editor[language=json] .cm-lint-marker-error").wait_for(state="detached")


async def test_a_label_leads_to_its_editor(page: Page) -> None:
    await page.locator("label", has_text="Document").click()
    assert await page.evaluate("document.activeElement.getAttribute('label')") == "Document"


async def test_the_editor_does_not_keep_the_keyboard(page: Page) -> None:
    await page.get_by_role("textbox", name="Template").focus()
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.getAttribute('label')") != "Template"


async def test_rows_are_added_and_removed_by_keyboard(page: Page) -> None:
    rows = page.locator("[data-row]")
    await page.get_by_role("button", name="Add a header").focus()
    await page.keyboard.press("Enter")
    assert await rows.count() == 3
    await page.keyboard.type("X-New")
    names = await page.evaluate(
        "[...document.querySelectorAll('[data-row] input.mono')].map(input => input.name + '=' + input.value)"
    )
    added = next(name for name in names if name.endswith("=X-New"))
    assert added.startswith("headers.") and added.split(".")[1] not in ("0", "1", "__index__")
    await page.get_by_role("button", name="Remove this row").first.focus()
    await page.keyboard.press("Enter")
    assert await rows.count() == 2
    assert await page.evaluate("document.activeElement.tagName") == "INPUT"


async def test_tabs_move_by_arrow_keys(page: Page) -> None:
    await page.get_by_role("tab", name="Body").focus()
    await page.keyboard.press("ArrowRight")
    assert await page.get_by_text("The headers").is_visible()
    assert not await page.get_by_text("The body", exact=True).is_visible()
    await page.keyboard.press("Home")
    assert await page.get_by_text("The body", exact=True).is_visible()


async def test_a_confirmation_opens_and_closes(page: Page) -> None:
    await page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog")
    assert await dialog.get_by_text("Callers get an error").is_visible()
    await page.keyboard.press("Escape")
    assert await dialog.count() == 0


@pytest.mark.parametrize(
    ("pairs", "rows"),
    [
        ((), []),
        ((("headers.0.key", "A"), ("headers.0.value", "1")), [{"key": "A", "value": "1"}]),
        ((("headers.7.key", "B"), ("headers.1001.key", "C")), [{"key": "B"}, {"key": "C"}]),
        ((("headers.0.key", ""), ("headers.0.value", "")), []),
        ((("headers", "x"), ("headers.", "x"), ("query.0.key", "x"), ("xheaders.0.key", "x")), []),
        ((("headers.0.value", "a\r\nb"),), [{"value": "a\nb"}]),
    ],
)
def test_rows_are_read(pairs: tuple[tuple[str, str], ...], rows: list[dict[str, str]]) -> None:
    assert Form(pairs).rows("headers") == rows


def test_the_frame_of_a_page_takes_no_name_from_it(tmp_path: Path) -> None:
    """What a page is handed may have any name: `base.html` defines none that the page could read instead."""
    page = '{% extends "base.html" %}{% block content %}{{ links }}/{{ account }}{% endblock %}'
    (tmp_path / "page.html").write_text(page)
    text = rendered("page.html", tmp_path, links="1", account="2")
    assert "1/2" in text and "Sign out" in text and 'aria-label="Sections"' in text
