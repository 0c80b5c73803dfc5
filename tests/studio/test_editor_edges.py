"""The editor where things are not as usual: no script, a connector called `new`, text that is no JSON yet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway import Gateway
from playwright.async_api import Page, expect
from running_studio import RunningStudio

LITERAL = "canary-literal-key-5d1f"


@pytest.fixture(scope="module")
def gateway(filled_gateway: Gateway) -> Gateway:
    return filled_gateway


def save(gateway: Gateway, permalink: str) -> None:
    document = {"name": permalink, "url": "https://api.example.com/x"}
    answer = gateway.admin("PUT", f"/api/v1/connectors/{permalink}", document)
    assert answer.status in (200, 201), answer.body
    gateway.settle()


async def post_as_without_script(studio: RunningStudio, page: Page, **changed: str) -> tuple[int, str]:
    """Send the editor's form as a browser does that runs no script."""
    fields: dict[str, Any] = await page.locator("#editor").evaluate(
        "form => Object.fromEntries(new FormData(form))"
    )
    action = await page.locator("#editor").get_attribute("action")
    answer = await page.request.post(
        f"{studio.origin}{action}",
        form={**fields, **changed},
        headers={"Origin": studio.origin},
        max_redirects=0,
    )
    return answer.status, await answer.text()


async def test_it_saves_and_says_faults_without_a_script(studio: RunningStudio, gateway: Gateway) -> None:
    save(gateway, "without-script")
    page = await studio.open("/connectors/without-script")
    status, text = await post_as_without_script(studio, page, url="ftp://files.example.com/")
    assert status == 422 and "<html" in text and 'value="ftp://files.example.com/"' in text
    stored = gateway.admin("GET", "/api/v1/connectors/without-script").json
    assert stored["url"] == "https://api.example.com/x"
    status, _ = await post_as_without_script(studio, page, url="https://api.example.com/y")
    assert status == 303
    stored = gateway.admin("GET", "/api/v1/connectors/without-script").json
    assert stored["url"] == "https://api.example.com/y"
    status, text = await post_as_without_script(studio, page, url="https://api.example.com/z")
    assert status != 303 and "https://api.example.com/z" in text  # someone saved meanwhile: both are shown
    stored = gateway.admin("GET", "/api/v1/connectors/without-script").json
    assert stored["url"] == "https://api.example.com/y"


async def test_a_connector_called_new_is_edited_at_its_own_address(
    studio: RunningStudio, gateway: Gateway
) -> None:
    save(gateway, "new")
    try:
        page = await studio.open("/connectors/new")
        await page.get_by_role("link", name="Open that connector").click()
        await page.wait_for_url("**/connectors/new/edit")
        await page.locator("#editor [name=url]").fill("https://api.example.com/of-new")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_text("Saved", exact=True).first).to_be_visible()
        assert page.url.endswith("/connectors/new/edit")
        stored = gateway.admin("GET", "/api/v1/connectors/new").json
        assert stored["url"] == "https://api.example.com/of-new"
    finally:
        gateway.admin("DELETE", "/api/v1/connectors/new")
        gateway.settle()


@pytest.mark.parametrize(
    "written",
    [
        '{"authentication": {"config": {"value": "LITERAL"}',
        '{"authentication": {"config": {"value": "LITERAL',
        '{"authentication": {"config": {"value" : "a\\"{LITERAL"}},}',
        '{"authentication": {"config": {"private_key": "-----BEGIN\nLITERAL\n-----END"}}}',
        "{authentication: {config: {value: LITERAL",
        "{authentication: {config: {value: LITERAL}}, url: {{ user.id }}",
    ],
)
async def test_a_literal_key_in_text_that_cannot_be_parsed_is_not_kept(
    studio: RunningStudio, gateway: Gateway, written: str
) -> None:
    save(gateway, "broken-text")
    page = await studio.open("/connectors/broken-text")
    await page.get_by_role("button", name="Code", exact=False).first.click()
    editor = page.locator("#field-document code-editor")
    await editor.locator(".cm-content").wait_for()
    kept_row = '"headers": [{"key": "X-A", "value": "row-stays"}], '
    text = written.replace("LITERAL", LITERAL).replace("{", "{" + kept_row, 1)
    await editor.evaluate("(element, text) => { element.value = text; }", text)
    await editor.evaluate("element => element.dispatchEvent(new Event('input', {bubbles: true}))")
    await page.wait_for_function(
        "Object.values({...sessionStorage}).some(each => each.includes('row-stays'))"
    )
    kept = json.dumps(await page.evaluate("({...sessionStorage})"))
    assert LITERAL not in kept
    await page.evaluate("onbeforeunload = null; sessionStorage.clear()")
