"""The first minutes: a registry file is checked, mended and applied."""

from __future__ import annotations

import json

import pytest
from accessibility import assert_accessible
from empty_tenant import FAULTY, SOUND, Empty
from screens import write_document


async def test_a_registry_file_with_two_faults_is_fixed_and_applied(empty: Empty) -> None:
    page = await empty.open("/start/registry")
    await write_document(page, FAULTY)
    await page.get_by_role("heading", name="2 faults").wait_for()
    await page.get_by_role("button", name="Apply").click()
    await page.wait_for_load_state("networkidle")
    places = await page.locator("#outcome .fault-path").all_inner_texts()
    assert places == ["connectors.0.url", "connectors.1.headers.0.key"]
    assert "is plain http" in await page.locator("#outcome").inner_text()
    assert await page.locator("main img").count() == 0
    assert empty.connectors() == []
    await assert_accessible(page)

    await write_document(page, SOUND)
    await page.get_by_role("heading", name="To be created").wait_for()
    assert empty.connectors() == []
    await page.get_by_label("Source").fill("partners")
    await page.get_by_role("button", name="Apply").click()
    await page.get_by_role("heading", name="Applied").wait_for()
    assert await page.locator("#outcome .names a").all_inner_texts() == ["rates", "tickets"]
    assert {each["source"] for each in empty.read("connectors")["connectors"]} == {"partners"}


async def test_a_faults_place_is_a_line_of_the_file_and_leads_there(empty: Empty) -> None:
    page = await empty.open("/start/registry")
    await write_document(page, FAULTY)
    await page.locator(".cm-lint-marker-error").first.wait_for()
    place = page.get_by_role("button", name="connectors.1.headers.0.key")
    await place.click()
    line = await page.evaluate(
        "(({view}) => view.state.doc.lineAt(view.state.selection.main.head).text)"
        "(document.querySelector('code-editor'))"
    )
    assert line.strip() == "{", "the row that has no key"


async def test_a_newer_file_says_what_it_will_delete(empty: Empty) -> None:
    path = f"/t/{empty.name}/api/v1/sources/partners/registry"
    assert empty.studio.gateway.admin("PUT", path, SOUND).status == 200
    page = await empty.open("/start/registry")
    await page.get_by_label("Source").fill("partners")
    await write_document(page, {"connectors": [{"name": "Rates", "url": "https://rates.example.org/all"}]})
    await page.get_by_role("heading", name="To be deleted").wait_for()
    names = await page.locator("#outcome .names").all_inner_texts()
    assert names == ["rates", "tickets"]
    assert empty.connectors() == ["rates", "tickets"]


@pytest.mark.parametrize("way", ["chosen", "dropped"])
async def test_a_file_can_be_chosen_or_dropped(empty: Empty, way: str) -> None:
    page = await empty.open("/start/registry")
    await page.locator("code-editor .cm-content").wait_for()
    if way == "chosen":
        content = {
            "name": "registry.json",
            "mimeType": "application/json",
            "buffer": json.dumps(SOUND).encode(),
        }
        await page.locator("input[type=file]").set_input_files(content)
    else:
        transfer = await page.evaluate_handle(
            "text => { const data = new DataTransfer(); data.items.add(new File([text], 'registry.json'));"
            " return data }",
            json.dumps(SOUND),
        )
        for event in ("dragover", "drop"):
            await page.dispatch_event("code-editor", event, {"dataTransfer": transfer})
    await page.get_by_role("heading", name="To be created").wait_for()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1, column 2"),
        ("[]", "connectors"),
        ('{"connectors": [], "connectors": []}', "more than once"),
    ],
)
async def test_what_is_no_registry_file_is_said(empty: Empty, text: str, words: str) -> None:
    page = await empty.open("/start/registry")
    await write_document(page, text)
    await page.locator("#outcome").get_by_text(words).first.wait_for()


async def test_a_name_that_no_source_can_have_is_said(empty: Empty) -> None:
    page = await empty.open("/start/registry")
    await page.get_by_label("Source").fill("a/b")
    await write_document(page, SOUND)
    await page.locator("#outcome").get_by_text("letters, digits, dots").wait_for()
