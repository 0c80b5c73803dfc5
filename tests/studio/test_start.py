"""The first minutes: the ways from an empty database, examples, and the forms without a script."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accessibility import assert_accessible
from empty_tenant import FAULTY, SOUND, Empty, toast
from gateway import Gateway
from playwright.async_api import Page
from screens import PETSHOP
from test_signing_in import csrf_of, post, signed_in

from sealgate.importing.example_files import examples


async def test_an_empty_studio_shows_the_ways_and_keys_follow_them(empty: Empty) -> None:
    page = await empty.open("/connectors")
    links = page.locator(".ways a")
    titles = await links.locator("strong").all_inner_texts()
    assert titles == [
        "Start from an example", "Paste a curl command", "Import an OpenAPI document",
        "Import a registry file", "Empty connector", "Empty composite connector",
    ]  # fmt: skip
    await page.get_by_role("link", name="New connector").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/start")
    await links.first.focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/start/curl")
    assert await page.evaluate("document.activeElement.name") == "command"


async def test_who_may_only_read_is_offered_nothing(empty: Empty) -> None:
    page = await empty.open("/connectors", "--scope", "read")
    assert await page.locator(".ways").count() == 0
    await page.goto(f"{empty.studio.origin}/t/{empty.name}/start")
    await page.get_by_text("without the scope `write`").wait_for()


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
async def test_an_example_becomes_a_connector_with_its_secrets(empty: Empty, example) -> None:
    page = await empty.open("/start/example")
    await page.get_by_role("link", name=example.title).click()
    await page.wait_for_url(f"**/start/example/{example.name}")
    for index, _ in enumerate(example.placeholders):
        await page.locator(f'[name="origin.{index}"]').fill("https://api.acme.com")
    for name in example.secrets:
        await page.locator(f'[name="secret.{name}"]').fill(empty.canary(name))
    await page.get_by_role("button", name="Create connector").click()
    (permalink,) = await created(page, empty)
    assert await toast(page) == "Created. Test it now."
    assert await page.evaluate("location.pathname") == f"/t/{empty.name}/connectors/{permalink}"
    document = empty.read(f"connectors/{permalink}")
    assert document["name"] == example.connector["name"]
    assert "example.com" not in json.dumps(document)
    assert set(empty.secrets()) == set(example.secrets)
    assert all(empty.secrets().values())


async def created(page: Page, empty: Empty) -> list[str]:
    await page.wait_for_url("**/connectors/**")
    return empty.connectors()


async def test_secrets_can_be_left_for_later_and_are_then_named(empty: Empty) -> None:
    page = await empty.open("/start/example/crm")
    await page.get_by_role("button", name="Create connector").click()
    await page.wait_for_url("**/connectors/crm-contact")
    assert await toast(page) == "Created. Set the secrets crm_client_id and crm_client_secret, then test it."
    assert empty.secrets() == {}


async def test_a_secret_that_is_there_is_not_asked_for(empty: Empty) -> None:
    path = f"/t/{empty.name}/api/v1/secrets/crm_client_id"
    assert empty.studio.gateway.admin("PUT", path, {"value": empty.canary("old")}).status == 201
    page = await empty.open("/start/example/crm")
    await page.get_by_text("exists already; the connector uses it").wait_for()
    assert await page.locator("input[type=password]").count() == 1


async def test_an_address_that_cannot_be_called_keeps_what_was_written(empty: Empty) -> None:
    page = await empty.open("/start/example/crm")
    await page.get_by_label("Address of the API").fill("crm.acme.com")
    secret = page.locator('[name="secret.crm_client_secret"]')
    await secret.fill(empty.canary("kept"))
    await page.get_by_role("button", name="Create connector").click()
    await page.get_by_text("write a whole URL").wait_for()
    assert await secret.input_value() == empty.canary("kept")
    assert (empty.connectors(), empty.secrets()) == ([], {})
    await assert_accessible(page)


async def test_who_may_not_set_secrets_creates_the_connector_alone(empty: Empty) -> None:
    page = await empty.open("/start/example/weather", "--scope", "read", "--scope", "write")
    assert await page.locator("input[type=password]").is_disabled()
    await page.get_by_role("button", name="Create connector").click()
    assert await created(page, empty) == ["weather"]


def submitted(gateway: Gateway, path: str, **fields: str) -> Any:
    cookie = signed_in(gateway, "--tenant", "no-script")
    csrf = csrf_of(gateway, cookie, "/t/no-script/start")
    return post(gateway, f"/t/no-script{path}", {"csrf": csrf, **fields}, Cookie=cookie)


def test_forms_work_without_a_script_and_repeat_no_secret(filled_gateway: Gateway) -> None:
    value = "canary-without-a-script-77ac01d2b9"
    filled_gateway.canaries.add(value)
    command = f"curl -H 'X-Api-Key: {value}' https://api.acme.com/ -F a=b"
    fields = {"origin.0": "nothing", "secret.crm_client_id": value}
    refused = [
        submitted(filled_gateway, "/start/curl", command=command),
        submitted(filled_gateway, "/start/example/crm", **fields),
        submitted(filled_gateway, "/start/registry", source="s", document=json.dumps(FAULTY)),
        submitted(filled_gateway, "/start/openapi", document=PETSHOP),
    ]
    for answer in refused:
        assert answer.status == 422 and b"<!doctype html>" in answer.body
        filled_gateway.search(answer.body, "a page")
    made = [
        submitted(filled_gateway, "/start/curl", command=command.replace(" -F a=b", "")),
        submitted(filled_gateway, "/start/example/crm", **{"secret.crm_client_id": value}),
        submitted(filled_gateway, "/start/openapi", document=PETSHOP, operations="listPets"),
    ]
    for answer in made:
        assert answer.status == 303 and "/t/no-script/connectors/" in answer.header("location")
    applied = submitted(filled_gateway, "/start/registry", source="s", document=json.dumps(SOUND))
    assert applied.status == 200 and b"Applied" in applied.body
    listed = submitted(filled_gateway, "/start/openapi/operations", document=PETSHOP)
    assert listed.status == 200 and b"showPet" in listed.body
