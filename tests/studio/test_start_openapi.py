"""The first minutes: operations of an OpenAPI document become connectors."""

from __future__ import annotations

import json

import pytest
from accessibility import assert_accessible
from empty_tenant import HOSTILE, Empty, toast
from screens import PETSHOP


async def test_operations_are_searched_picked_and_created(empty: Empty) -> None:
    page = await empty.open("/start/openapi")
    await page.get_by_label("Document").fill(PETSHOP)
    await page.get_by_text("API key in the header X-Api-Key").wait_for()
    await page.get_by_label("Search the operations").fill("pet /pets")
    await page.get_by_text("4 shown, 0 picked").wait_for()
    await page.get_by_role("button", name="Tick all that are shown").click()
    await page.get_by_text("4 shown, 4 picked").wait_for()
    await page.get_by_role("checkbox", name="DELETE").uncheck()
    await page.get_by_label("Base URL").fill("https://pets.acme.com/v2")
    await page.get_by_role("button", name="Create connectors").click()
    await page.get_by_text("3 connectors created").first.wait_for()
    assert await page.locator("#operations .names a").count() == 3
    links = await page.locator("#operations .found a").all_inner_texts()
    assert "acme_api_key" in links
    documents = empty.read("connectors")["connectors"]
    assert len(documents) == 3
    assert all(each["url"].startswith("https://pets.acme.com/v2/") for each in documents)
    await assert_accessible(page)


async def test_one_operation_leads_to_its_connector(empty: Empty) -> None:
    page = await empty.open("/start/openapi")
    await page.get_by_label("Document").fill(PETSHOP)
    await page.get_by_role("checkbox", name="List all pets").check()
    await page.get_by_role("button", name="Create connectors").click()
    await page.wait_for_url("**/connectors/list-pets")
    assert await toast(page) == "Created. Set the secret petshop_api_key, then test it."
    assert empty.read("connectors/list-pets")["url"] == "https://eu.petshop.example/v1/pets"


async def test_nothing_picked_and_a_wrong_address_are_said(empty: Empty) -> None:
    page = await empty.open("/start/openapi")
    await page.get_by_label("Document").fill(PETSHOP)
    await page.get_by_role("button", name="Create connectors").click()
    await page.get_by_text("Pick at least one operation").wait_for()
    await page.get_by_role("checkbox").first.check()
    await page.get_by_label("Base URL").fill("pets.acme.com")
    await page.get_by_role("button", name="Create connectors").click()
    await page.get_by_text("write a whole URL").wait_for()
    assert empty.connectors() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("openapi: 3.1.0", "yq -o json"),
        ('{"swagger": "2.0"}', "swagger2openapi"),
        ('{"openapi": "3.1.0", "paths": {}}', "no operation"),
        ('{"openapi": ', "not valid JSON"),
    ],
)
async def test_a_document_that_is_not_read_is_said(empty: Empty, text: str, words: str) -> None:
    page = await empty.open("/start/openapi")
    await page.get_by_label("Document").fill(text)
    await page.locator("#operations .notice-bad").get_by_text(words).first.wait_for()


async def test_hostile_titles_are_text(empty: Empty) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": HOSTILE},
        "servers": [{"url": f'https://api.acme.com/"><script>{HOSTILE}'}],
        "components": {"securitySchemes": {HOSTILE: {"type": "apiKey", "in": "header", "name": HOSTILE}}},
        "paths": {
            f"/{HOSTILE}": {"get": {"summary": HOSTILE, "tags": [HOSTILE], "operationId": f'"{HOSTILE}'}},
            "/plain": {"get": {"summary": "'\"><svg onload=alert(1)>", "tags": ["w" * 300]}},
        },
    }
    page = await empty.open("/start/openapi")
    await page.get_by_label("Document").fill(json.dumps(document))
    await page.get_by_role("heading", name=HOSTILE).first.wait_for()
    assert await page.locator("main img, main script, main svg[onload]").count() == 0
    await assert_accessible(page)
