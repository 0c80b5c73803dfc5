"""The first minutes: each way from an empty database to a connector, and what is said on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accessibility import assert_accessible
from gateway import Gateway
from playwright.async_api import Page
from running_studio import RunningStudio
from screens import PETSHOP, write_document
from test_signing_in import csrf_of, post, signed_in

from sealgate.importing.example_files import examples

HOSTILE = "<img src=x onerror=alert(1)>"


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


@pytest.fixture
def empty(studio: RunningStudio, request: pytest.FixtureRequest) -> Empty:
    name = request.node.name.lower()
    return Empty(studio, "".join(each if each.isalnum() else "-" for each in name)[:60].strip("-"))


async def toast(page: Page) -> str:
    return await page.locator(".toast").first.inner_text()


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


# -- curl -------------------------------------------------------------------------------------------


async def test_a_curl_command_is_understood_while_it_is_typed_and_then_created(empty: Empty) -> None:
    token = empty.canary("token")
    page = await empty.open("/start/curl")
    await page.get_by_label("Command").fill(
        f"curl -X POST 'https://api.acme.com/v1/orders?limit=3' -H 'Authorization: Bearer {token}' "
        """-H 'Content-Type: application/json' -H 'Cookie: a=b' -d '{"sku": "A-1"}'"""
    )
    preview = page.locator("#preview")
    await preview.get_by_text("https://api.acme.com/v1/orders").first.wait_for()
    shown = await preview.inner_text()
    for words in ("POST", "API key in the header Authorization", "limit=3", "acme_token", "found", "Cookie"):
        assert words in shown
    assert token not in await page.locator("main").inner_html()
    await page.get_by_label("Name").fill("Place an order")
    await preview.get_by_text("place-an-order").first.wait_for()
    await page.get_by_role("button", name="Create connector").click()
    await page.wait_for_url("**/connectors/place-an-order")
    assert await toast(page) == "Created. Test it now."
    document = empty.read("connectors/place-an-order")
    assert document["authentication"]["config"]["value"] == "Bearer {{ get_secret('acme_token') }}"
    assert empty.secrets() == {"acme_token": ["api.acme.com"]}


async def test_a_shell_variable_is_a_secret_to_be_set(empty: Empty) -> None:
    page = await empty.open("/start/curl")
    await page.get_by_label("Command").fill('curl -H "X-Key: $WEATHER_KEY" https://api.acme.com/now')
    await page.get_by_text("to be set", exact=True).wait_for()
    await page.get_by_role("button", name="Create connector").click()
    await page.wait_for_url("**/connectors/*")
    assert await toast(page) == "Created. Set the secret weather_key, then test it."


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("curl", "URL"),
        ("curl 'https://api.acme.com", "quot"),
        ("curl -F a=@photo.jpg https://api.acme.com/", "-F"),
        (f"curl 'https://api.acme.com/' '--{HOSTILE}'", "<img"),
        (f"curl -X '{HOSTILE}' https://api.acme.com/", "method"),
    ],
)
async def test_what_cannot_be_taken_over_is_said_and_nothing_is_created(
    empty: Empty, command: str, words: str
) -> None:
    page = await empty.open("/start/curl")
    await page.get_by_label("Command").fill(command)
    await page.locator("#preview .notice-bad").wait_for()
    await page.get_by_role("button", name="Create connector").click()
    await page.wait_for_load_state("networkidle")
    assert words in await page.locator("#preview .notice-bad").inner_text()
    assert await page.locator("main img").count() == 0
    assert empty.connectors() == []


async def test_hostile_text_in_a_command_is_text(empty: Empty) -> None:
    page = await empty.open("/start/curl")
    header = f"X-Note: {HOSTILE} \"' {{{{ 7 * 7 }}}}"
    await page.get_by_label("Command").fill(
        "curl https://api.acme.com/ -d '<script>alert(1)</script>' "
        f"-H '{header.replace(chr(39), chr(39) + chr(92) + chr(39) + chr(39))}'"
    )
    await page.get_by_label("Name").fill(HOSTILE)
    preview = page.locator("#preview")
    await preview.locator("dd bdi").get_by_text(HOSTILE).wait_for()
    assert await page.locator("main img, main script").count() == 0
    assert "<script>alert(1)</script>" in await preview.inner_text()
    await assert_accessible(page)


async def test_who_may_not_set_secrets_stores_none(empty: Empty) -> None:
    page = await empty.open("/start/curl", "--scope", "read", "--scope", "write")
    command = f"curl -H 'X-Api-Key: {empty.canary('key')}' https://api.acme.com/"
    await page.get_by_label("Command").fill(command)
    await page.get_by_text("cannot store what was found").wait_for()
    await page.get_by_role("button", name="Create connector").click()
    await page.locator(".toast-bad").wait_for()
    assert "secrets" in await toast(page)
    assert (empty.connectors(), empty.secrets()) == ([], {})


# -- a registry file --------------------------------------------------------------------------------

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


# -- OpenAPI ----------------------------------------------------------------------------------------


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


# -- without a script -------------------------------------------------------------------------------


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
