"""Variables in Studio: created and changed in the list, deleted with a look at what uses them."""

from __future__ import annotations

import pytest
from accessibility import assert_accessible
from running_studio import RunningStudio
from test_signing_in import csrf_of, post, signed_in

HOSTILE = "</textarea><script>alert(1)</script>\n\"'&lt;"


def value_of(studio: RunningStudio, name: str) -> str:
    return studio.gateway.admin("GET", f"/api/v1/variables/{name}").json["value"]


async def test_a_variable_is_created_changed_and_deleted(studio: RunningStudio) -> None:
    page = await studio.open("/variables")
    await page.get_by_role("link", name="New variable").click()
    await page.get_by_label("Name", exact=True).fill("stage")
    await page.get_by_label("Value optional").fill("test")
    await page.get_by_role("button", name="Store the variable").click()
    await page.get_by_text("The variable stage is stored").wait_for()
    await page.get_by_role("link", name="Edit stage").click()
    field = page.get_by_label("Value of stage")
    assert await field.evaluate("field => field === document.activeElement")
    await field.fill(HOSTILE)
    await page.get_by_role("button", name="Save").click()
    await page.get_by_text("stage is saved").wait_for()
    assert value_of(studio, "stage") == HOSTILE
    assert await page.locator("#stage code.lines").text_content() == HOSTILE
    await page.get_by_role("link", name="Edit stage").click()
    assert await page.get_by_label("Value of stage").input_value() == HOSTILE
    await assert_accessible(page)
    await page.get_by_role("link", name="Delete stage").click()
    await page.get_by_text("Nothing uses it").wait_for()
    await page.get_by_role("button", name="Delete the variable").click()
    await page.get_by_text("The variable stage is deleted").wait_for()
    assert studio.gateway.admin("GET", "/api/v1/variables/stage").status == 404


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no-name", "cannot be a name"),
        ("region", "There is a variable 'region' already"),
        ("weather_key", "A secret is named 'weather_key'"),
    ],
)
async def test_a_name_that_cannot_be_taken_is_said_at_the_field(
    studio: RunningStudio, name: str, says: str
) -> None:
    page = await studio.open("/variables?new=")
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Value optional").fill("typed")
    await page.get_by_role("button", name="Store the variable").click()
    error = page.locator("#f-name-error")
    assert says.casefold() in (await error.inner_text()).casefold()
    assert await page.get_by_label("Value optional").input_value() == "typed"
    assert value_of(studio, "region") == "eu-west-1"


async def test_what_is_used_is_deleted_only_when_one_says_so(studio: RunningStudio) -> None:
    studio.gateway.variable("used_variable", "x")
    document = {"name": "reads", "url": "https://a.example.com/?r={{ get_variable('used_variable') }}"}
    studio.gateway.admin("PUT", "/api/v1/connectors/reads-variable", document)
    page = await studio.open("/variables?q=used_variable")
    await page.get_by_text("1 connector").click()
    assert await page.get_by_role("link", name="reads-variable").is_visible()
    await page.get_by_role("link", name="Delete used_variable").click()
    await page.get_by_role("button", name="Delete the variable").click()
    await page.get_by_text("Nothing was deleted").wait_for()
    assert value_of(studio, "used_variable") == "x"
    await page.get_by_label("Delete it although it is in use").check()
    await page.get_by_role("button", name="Delete the variable").click()
    await page.get_by_text("The variable used_variable is deleted").wait_for()
    studio.gateway.admin("DELETE", "/api/v1/connectors/reads-variable")


@pytest.mark.parametrize(("words", "found"), [("REGION", ["region"]), ("3mvg9", ["salesforce_client_id"])])
async def test_variables_are_found_by_name_and_value(
    studio: RunningStudio, words: str, found: list[str]
) -> None:
    page = await studio.open("/variables")
    await page.keyboard.press("/")
    await page.keyboard.type(words)
    await page.wait_for_url(f"**q={words}")
    assert await page.locator(".variable-name").all_inner_texts() == found


async def test_who_may_only_read_sees_no_button(studio: RunningStudio) -> None:
    for path in ("/variables", "/variables?new=", "/variables?edit=region"):
        page = await studio.open(path, options=("--scope", "read"))
        assert await page.get_by_text("eu-west-1").is_visible()
        assert not await page.locator("main form[method=post], main .row-buttons, main .primary").count()


@pytest.mark.parametrize("path", ["/variables/new-variable", "/variables/region", "/variables/region/delete"])
def test_who_may_only_read_is_refused(filled_gateway, path):
    cookie = signed_in(filled_gateway, "--scope", "read", "--scope", "secrets")
    fields = {"csrf": csrf_of(filled_gateway, cookie), "name": "x", "value": "y", "although_used": "true"}
    answer = post(filled_gateway, path, fields, Cookie=cookie)
    assert answer.status == 403 and b"without the scope `write`" in answer.body
    assert filled_gateway.admin("GET", "/api/v1/variables/region").json["value"] == "eu-west-1"


def test_a_variable_that_is_gone_is_not_made_anew(filled_gateway):
    cookie = signed_in(filled_gateway)
    fields = {"csrf": csrf_of(filled_gateway, cookie), "value": "y"}
    assert post(filled_gateway, "/variables/gone", fields, Cookie=cookie).status == 404
    assert filled_gateway.admin("GET", "/api/v1/variables/gone").status == 404
