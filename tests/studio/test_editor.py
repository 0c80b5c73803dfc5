"""The connector editor in a browser: written as a form and as JSON, checked, saved, and never overwritten."""

from __future__ import annotations

from typing import Any

import pytest
from accessibility import assert_accessible
from playwright.async_api import Page, expect
from running_studio import RunningStudio

DEMO = ["weather", "opportunities", "create-invoice", "reports", "overview"]
HOSTILE = "<img src=x onerror=alert(1)> \"'`{{ 7 * 7 }} \u202eeman"
CANARY = "canary-of-the-new-secret-5be1a77c"


def stored(studio: RunningStudio, permalink: str) -> Any:
    return studio.gateway.admin("GET", f"/api/v1/connectors/{permalink}").json


def put(studio: RunningStudio, permalink: str, **members: Any) -> Any:
    document = {"name": permalink, "url": "https://api.example.com/", **members}
    answer = studio.gateway.admin("PUT", f"/api/v1/connectors/{permalink}", document)
    assert answer.status in (200, 201), answer.body
    return answer.json


async def code_of(page: Page) -> str:
    await page.locator("#field-document .cm-content").wait_for()
    return await page.evaluate("document.querySelector('#field-document code-editor').value")


async def write_code(page: Page, text: str) -> None:
    await page.locator("#field-document .cm-content").wait_for()
    await page.evaluate(
        "text => { document.querySelector('#field-document code-editor').value = text }", text
    )


async def choose(page: Page, proposed: str) -> None:
    """Take a proposal; asked for once more when a check that came back closed the list."""
    proposal = page.locator(".cm-tooltip-autocomplete li", has_text=proposed)
    await page.wait_for_load_state("networkidle")
    if not await proposal.is_visible():
        await page.keyboard.press("Control+Space")
    await proposal.click()


async def to_mode(page: Page, mode: str) -> None:
    button = page.get_by_role("group", name="Show as").get_by_role("button", name=mode)
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")


async def drafts(page: Page) -> list[str]:
    return await page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('sealgate-draft'))")


async def save(page: Page) -> None:
    await page.get_by_role("button", name="Save", exact=True).click()


async def saved(page: Page) -> None:
    await page.locator(".toast", has_text="Saved").wait_for()


@pytest.mark.parametrize("permalink", DEMO)
async def test_saved_in_another_mode_without_a_change_a_connector_is_the_same(
    studio: RunningStudio, permalink: str
) -> None:
    before = stored(studio, permalink)
    page = await studio.open(f"/connectors/{permalink}")
    await to_mode(page, "Code")
    await to_mode(page, "Form")
    await save(page)
    await saved(page)
    after = stored(studio, permalink)
    assert after["revision"] > before["revision"]
    for told in ("revision", "updated_at", "updated_by"):
        del before[told], after[told]
    assert after == before


async def test_a_connector_is_made_with_a_secret_that_is_created_in_place(studio: RunningStudio) -> None:
    studio.gateway.canaries.add(CANARY)
    page = await studio.open("/connectors/new")
    await page.get_by_label("Name", exact=True).first.fill("Forecast of tomorrow")
    await page.get_by_label("URL").fill("https://api.forecast.example.com/v1/{{ pathParams.city }}")
    await page.locator("#editor").get_by_role("button", name="Add a path parameter").click()
    await page.keyboard.type("city")
    await page.locator("#editor").get_by_role("button", name="Add a query parameter").click()
    await page.keyboard.type("days")
    await page.keyboard.press("Tab")
    await page.keyboard.type("3")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.get_by_label("Type", exact=True).select_option("api_key")
    await page.get_by_label("Key", exact=True).fill("X-API-Key")
    await page.get_by_role("button", name="New secret…").click()
    dialog = page.get_by_role("dialog", name="New secret")
    await dialog.get_by_label("Name").fill("forecast key")
    await dialog.get_by_label("Value").fill(CANARY)
    await dialog.get_by_role("button", name="Create secret").click()
    await dialog.locator(".error").wait_for()
    await dialog.get_by_label("Name").fill("forecast_key")
    await dialog.get_by_label("Value").fill(CANARY)
    await dialog.get_by_role("button", name="Create secret").click()
    await expect(
        page.get_by_label("Value").and_(page.locator("#f-authentication-config-value"))
    ).to_have_value("{{ get_secret('forecast_key') }}")
    preview = page.locator("#preview")
    await expect(preview).to_contain_text("https://api.forecast.example.com/v1/your-city?days=3")
    await expect(preview).to_contain_text("$FORECAST_KEY")
    await page.get_by_role("button", name="Create", exact=True).click()
    await page.wait_for_url("**/connectors/forecast-of-tomorrow")
    document = stored(studio, "forecast-of-tomorrow")
    assert document["query_parameters"] == [{"key": "days", "value": "3", "overridable": True}]
    assert document["authentication"]["config"]["value"] == "{{ get_secret('forecast_key') }}"
    assert CANARY not in await page.evaluate("JSON.stringify(sessionStorage)")


async def test_a_fault_is_shown_at_its_field_and_the_summary_leads_there(studio: RunningStudio) -> None:
    put(studio, "faulty")
    page = await studio.open("/connectors/faulty")
    await page.get_by_label("URL").fill("http://api.example.com/{{ user.email")
    await page.locator("#field-url .error").first.wait_for()
    await expect(page.get_by_label("URL")).to_have_attribute("aria-invalid", "true")
    await page.locator("#editor").get_by_role("button", name="Add a header").click()
    await page.keyboard.type("No header")
    await page.locator("#field-headers .error").wait_for()
    await assert_accessible(page)
    await page.locator("#check").get_by_role("link", name="headers.0.key").click()
    await expect(page.locator("#f-headers-1001-key, #f-headers-0-key").first).to_be_focused()
    await save(page)
    await page.locator("#editor-body[data-attempted]").wait_for()
    assert await page.get_by_label("URL").input_value() == "http://api.example.com/{{ user.email"
    assert stored(studio, "faulty")["url"] == "https://api.example.com/"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n  "name": "Lines",\n  "url": "nowhere"\n}', 3),
        ('{\n  "name": "Lines",\n  "url" "https://api.example.com"\n}', 3),
        (
            '{\n  "name": "Lines",\n  "url": "https://a.example.com",\n  "headers": [\n'
            '    {"key": "A", "value": "1"},\n    {"key": "B",\n     "value": "{{ nothing("}\n  ]\n}',
            7,
        ),
    ],
)
async def test_a_fault_is_shown_at_its_line(studio: RunningStudio, text: str, line: int) -> None:
    put(studio, "lines")
    page = await studio.open("/connectors/lines")
    await to_mode(page, "Code")
    await write_code(page, text)
    link = page.locator("#check").get_by_role("link", name=f"line {line}").first
    await link.wait_for()
    await page.locator("#field-document .cm-lint-marker-error").wait_for()
    await link.click()
    await expect(page.locator("#field-document .cm-lineNumbers .cm-activeLineGutter")).to_have_text(str(line))


async def test_changing_modes_keeps_what_the_form_does_not_know(studio: RunningStudio) -> None:
    put(studio, "unknown")
    page = await studio.open("/connectors/unknown")
    await to_mode(page, "Code")
    await write_code(
        page,
        '{"name": "Unknown", "url": "https://api.example.com/", "x-team": {"a": [1, null]}, '
        '"headers": [{"key": "A", "value": "1", "note": "kept"}]}',
    )
    await to_mode(page, "Form")
    await page.get_by_label("Name", exact=True).first.fill("Renamed")
    await to_mode(page, "Code")
    text = await code_of(page)
    assert '"x-team": {' in text
    assert '"note": "kept"' in text
    assert '"name": "Renamed"' in text


async def test_text_that_is_no_json_stays_in_code_mode(studio: RunningStudio) -> None:
    put(studio, "broken")
    page = await studio.open("/connectors/broken")
    await to_mode(page, "Code")
    await write_code(page, '{"name": ')
    await page.get_by_role("group", name="Show as").get_by_role("button", name="Form").click()
    await page.locator("#editor-body[data-attempted]").wait_for()
    assert await code_of(page) == '{"name": '


async def code_inside(studio: RunningStudio, text: str) -> Page:
    """Code Mode with this text, the cursor in its `{}`."""
    page = await studio.open("/connectors/weather")
    await to_mode(page, "Code")
    await page.locator("#field-document code-editor[data-proposes]").wait_for()
    await write_code(page, text)
    await page.evaluate(
        """at => { const editor = document.querySelector('#field-document code-editor');
        editor.view.dispatch({selection: {anchor: at}}); editor.focus(); }""",
        text.index("{}") + 1,
    )
    return page


async def test_code_mode_proposes_members_of_the_type(studio: RunningStudio) -> None:
    page = await code_inside(studio, '{"authentication": {"type": "jwt", "config": {}}}')
    await page.keyboard.type('"cl')
    await choose(page, "claims")
    await expect(page.locator("#field-document .cm-content")).to_contain_text('"config": {"claims": {}')


@pytest.mark.parametrize("kind", ["jwt", "oauth_jwt_bearer"])
async def test_code_mode_proposes_the_key_id_of_a_key_pair(studio: RunningStudio, kind: str) -> None:
    text = f'{{"authentication": {{"type": "{kind}", "config": {{"jwt_headers": {{}}}}}}}}'
    page = await code_inside(studio, text)
    await page.keyboard.type('"ki')
    await choose(page, "kid")
    await page.keyboard.press("Control+Space")
    await page.locator(".cm-tooltip-autocomplete li", has_text="key_id").click()
    kid = """"jwt_headers": {"kid": "{{ key_id('signing_key') }}"}"""
    await expect(page.locator("#field-document .cm-content")).to_contain_text(kid)


async def test_unsaved_changes_are_kept_shown_and_can_be_discarded(studio: RunningStudio) -> None:
    put(studio, "kept")
    page = await studio.open("/connectors/kept")
    await page.get_by_label("Name", exact=True).first.fill("Kept for later")
    await page.get_by_label("Type", exact=True).select_option("api_key")
    await page.locator("#f-authentication-config-value").fill("a-literal-credential")
    await page.locator("#editor").get_by_role("button", name="Add a header").click()
    await page.keyboard.type("X-One")
    await page.get_by_text("Unsaved", exact=True).wait_for()
    assert "a-literal-credential" not in await page.evaluate("JSON.stringify(sessionStorage)")
    await page.reload()
    await page.get_by_text("Your unsaved changes were restored").wait_for()
    assert await page.get_by_label("Name", exact=True).first.input_value() == "Kept for later"
    assert await page.locator("#f-headers-0-key").input_value() == "X-One"
    await page.get_by_role("button", name="Show changes").first.click()
    dialog = page.get_by_role("dialog", name="Unsaved changes")
    await dialog.locator(".diff-added", has_text="Kept for later").wait_for()
    await assert_accessible(page)
    await dialog.get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Discard them").click()
    await expect(page.get_by_label("Name", exact=True).first).to_have_value("kept")
    assert await drafts(page) == []


async def test_who_saves_second_sees_what_the_other_changed_and_decides(studio: RunningStudio) -> None:
    put(studio, "shared", name="Shared")
    mine = await studio.open("/connectors/shared")
    theirs = await studio.open("/connectors/shared", options=("--name", "grace"))
    await theirs.get_by_label("URL").fill("https://theirs.example.com/")
    await save(theirs)
    await saved(theirs)
    await mine.get_by_label("Name", exact=True).first.fill("Mine")
    await save(mine)
    await mine.get_by_role("heading", name="Someone else changed it meanwhile").wait_for()
    sides = mine.locator(".conflict-sides .panel")
    await sides.nth(0).locator(".diff-added", has_text="theirs.example.com").wait_for()
    await sides.nth(1).locator(".diff-added", has_text="Mine").wait_for()
    await assert_accessible(mine)
    assert stored(studio, "shared")["name"] == "Shared"
    await mine.get_by_role("button", name="Save mine over it…").click()
    dialog = mine.get_by_role("dialog", name="Save yours over theirs?")
    await dialog.locator(".diff-removed", has_text="theirs.example.com").wait_for()
    await dialog.get_by_role("button", name="Save mine over it").click()
    await saved(mine)
    document = stored(studio, "shared")
    assert (document["name"], document["url"]) == ("Mine", "https://api.example.com/")
    assert await drafts(mine) == []


async def test_who_goes_on_editing_after_a_conflict_saves_over_it_knowingly(studio: RunningStudio) -> None:
    put(studio, "continued", name="Continued")
    page = await studio.open("/connectors/continued")
    put(studio, "continued", name="Theirs")
    await page.get_by_label("Name", exact=True).first.fill("Mine")
    await save(page)
    await page.get_by_role("button", name="Go on editing mine").click()
    assert '"name": "Mine"' in await code_of(page)
    await page.get_by_text("Unsaved", exact=True).wait_for()
    await save(page)
    await saved(page)
    assert stored(studio, "continued")["name"] == "Mine"


async def test_taking_theirs_drops_mine(studio: RunningStudio) -> None:
    put(studio, "taken", name="Taken")
    page = await studio.open("/connectors/taken")
    put(studio, "taken", name="Theirs")
    await page.get_by_label("Name", exact=True).first.fill("Mine")
    await save(page)
    await page.get_by_role("link", name="Take theirs").click()
    await page.get_by_role("heading", level=1, name="Theirs").wait_for()
    await expect(page.get_by_label("Name", exact=True).first).to_have_value("Theirs")


async def test_a_revision_is_compared_and_restored(studio: RunningStudio) -> None:
    first = put(studio, "restored", name="First")["revision"]
    put(studio, "restored", name="Second")
    put(studio, "restored", name="Third", method="POST")
    page = await studio.open("/connectors/restored/history")
    await page.locator(".diff-added", has_text="Third").wait_for()
    await page.get_by_label(f"from revision {first}", exact=True).check()
    await page.get_by_role("button", name="Compare").click()
    await page.locator(".diff-removed", has_text="First").wait_for()
    await assert_accessible(page)
    await page.get_by_role("link", name=f"Revision {first}", exact=True).click()
    await page.get_by_role("button", name=f"Restore revision {first}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Restore", exact=True).click()
    await page.locator(".toast", has_text=f"Revision {first} was restored").wait_for()
    assert stored(studio, "restored")["name"] == "First"


async def test_a_deleted_connector_is_brought_back_from_its_history(studio: RunningStudio) -> None:
    revision = put(studio, "deleted", name="Gone")["revision"]
    page = await studio.open("/connectors/deleted")
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await page.wait_for_url("**/connectors")
    assert studio.gateway.admin("GET", "/api/v1/connectors/deleted").status == 404
    await page.goto(f"{studio.origin}/connectors/deleted/history?after={revision}")
    await page.get_by_role("button", name=f"Restore revision {revision}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Restore", exact=True).click()
    await page.get_by_role("heading", level=1, name="Gone").wait_for()


async def test_a_connector_of_a_source_is_read_only_and_can_be_duplicated(studio: RunningStudio) -> None:
    page = await studio.open("/connectors/update-ticket")
    await page.get_by_text("Comes from the registry source").wait_for()
    await expect(page.locator("#preview")).to_contain_text("api/v2/tickets/your-id.json")
    assert await page.get_by_label("URL").is_disabled()
    assert await page.get_by_role("button", name="Save", exact=True).count() == 0
    await page.get_by_role("link", name="Duplicate").click()
    await expect(page.get_by_label("Name", exact=True).first).to_have_value("Copy of Update ticket")
    await page.get_by_label("Permalink").fill("my-ticket")
    await page.get_by_role("button", name="Create", exact=True).click()
    await page.wait_for_url("**/connectors/my-ticket")
    copy = stored(studio, "my-ticket")
    assert (copy["method"], copy["source"]) == ("PUT", None)


async def test_who_may_only_read_sees_it_all_and_changes_nothing(studio: RunningStudio) -> None:
    page = await studio.open("/connectors/weather", options=("--scope", "read"))
    assert await page.get_by_label("URL").is_disabled()
    for name in ("Save", "Delete", "New secret…", "Duplicate"):
        assert await page.get_by_role("button", name=name, exact=True).count() == 0
    await to_mode(page, "Code")
    assert '"permalink": "weather"' in await code_of(page)


async def test_hostile_names_stay_text_on_every_page(studio: RunningStudio) -> None:
    row = [{"key": HOSTILE, "value": "<b>1</b>", "overridable": True}]
    put(
        studio,
        "hostile",
        name=HOSTILE,
        query_parameters=row,
        request_body="</textarea><b>x</b>",
        method="POST",
    )
    for path in ("", "/use", "/history"):
        page = await studio.open(f"/connectors/hostile{path}")
        await page.get_by_role("heading", level=1).wait_for()
        assert await page.get_by_role("heading", level=1).inner_text() == HOSTILE
        assert await page.locator("main img, main b").count() == 0
        await assert_accessible(page)
    page = await studio.open("/connectors/hostile")
    assert await page.locator("#f-query_parameters-0-key").input_value() == HOSTILE
    assert await page.locator("#f-request_body").input_value() == "</textarea><b>x</b>"
