"""Composite connectors in a browser: built with the form alone, in any order, tested step by step."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accessibility import assert_accessible
from playwright.async_api import Page, expect
from running_studio import NARROW, WIDE, RunningStudio
from test_editor import code_of, save, saved, stored, to_mode, write_code
from test_stories import empty_studio, gateway, run_test, write

from sealgate.testing import FakeApi

__all__ = ["empty_studio", "gateway"]
KEY = "canary-of-the-shop-3d9b6c21"
LITERAL = "canary-literal-of-a-step-8821"


def put(studio: RunningStudio, permalink: str, *steps: str, **members: Any) -> None:
    written = [{"name": name, "url": f"https://{name}.example.com/"} for name in steps]
    document = {"name": permalink, "steps": written, **members}
    answer = studio.gateway.admin("PUT", f"/api/v1/connectors/{permalink}", document)
    assert answer.status in (200, 201), answer.body


async def titles(page: Page) -> list[str]:
    return await page.locator(".step-title").all_inner_texts()


async def unfold(page: Page, number: int) -> None:
    await page.locator(".step-card > details > summary").nth(number - 1).click()


async def document_of(page: Page) -> Any:
    await to_mode(page, "Code")
    return json.loads(await code_of(page))


async def test_two_requests_behind_one_call_built_with_the_form_alone(empty_studio: RunningStudio) -> None:
    """From nothing to a call: the second step fails, its answer says why, it is put right."""
    empty_studio.gateway.canaries.add(KEY)
    with FakeApi(accepts=lambda token: token == KEY) as api:
        api.reply_with(200, [("Content-Type", "application/json")], '{"id": 12}', path="/contacts", times=99)
        page = await empty_studio.open("/connectors")
        await page.get_by_role("link", name="Empty composite connector").click()
        await page.get_by_role("textbox", name="Name", exact=True).fill("Orders of mine")
        await page.locator("#f-steps-0-name").fill("contact")
        await page.locator("#f-steps-0-url").fill(f"{api.origin}/contacts?email={{{{ user.email }}}}")
        await page.get_by_role("button", name="Add a step").click()
        await expect(page.locator("#steps-said")).to_have_text("Step 2 was added.")
        second = page.locator("#field-steps-1")
        await expect(second.locator("summary").first).to_be_focused()
        await second.get_by_label("Step name").fill("orders")
        await second.get_by_label("Method").select_option("POST")
        await second.get_by_label("URL").fill(f"{api.origin}/protected/orders")
        body = second.get_by_role("textbox", name="Request body").and_(page.locator(".cm-content"))
        await body.click()
        await page.keyboard.insert_text('{"contact": {{ (steps.contact.body | from_json).id }}}')
        plan = page.get_by_role("list", name="Steps, and what each waits for")
        await expect(plan.get_by_role("listitem")).to_have_count(2)
        await expect(plan.get_by_role("listitem").nth(0)).to_contain_text("begins at once")
        await expect(plan.get_by_role("listitem").nth(0)).to_contain_text("email=ada%40example.com")
        await expect(plan.get_by_role("listitem").nth(1)).to_contain_text("after contact")
        await expect(plan.get_by_role("listitem").nth(1)).to_contain_text('{"contact": "⟨contact⟩"}')
        await page.get_by_role("button", name="Create", exact=True).click()
        await page.wait_for_url("**/connectors/orders-of-mine")

        assert "502" in await run_test(page)
        step = page.locator("#trial-result .steps > li").nth(1)
        await expect(step).to_contain_text("The API wants a credential and this connector has no")
        await expect(step.get_by_label("Body as a tree")).to_contain_text("invalid_token")
        await expect(step.locator(".waterfall")).to_contain_text("Wait")
        await assert_accessible(page)

        second = page.locator("#field-steps-1")
        await second.get_by_label("Type", exact=True).select_option("api_key")
        await second.get_by_label("Key", exact=True).fill("Authorization")
        await second.get_by_role("button", name="New secret…").click()
        dialog = page.get_by_role("dialog", name="New secret")
        await dialog.get_by_label("Name").fill("shop_key")
        await dialog.get_by_label("Value").fill(KEY)
        await dialog.get_by_role("button", name="Create secret").click()
        await dialog.wait_for(state="hidden")
        value = second.get_by_role("textbox", name="Value", exact=True)
        await expect(value).to_have_value("{{ get_secret('shop_key') }}")
        await value.fill("Bearer {{ get_secret('shop_key') }}")
        await expect(plan).to_contain_text("Bearer $SHOP_KEY")
        assert "200" in await run_test(page)
        await save(page)
        await saved(page)
        empty_studio.gateway.settle()
        user = {"sub": "7", "email": "ada@example.com"}
        answer = empty_studio.gateway.call("orders-of-mine", "POST", user=user)
        assert (answer.status, answer.json["body"]) == (200, '{"contact": 12}')


async def test_steps_are_moved_and_removed_with_the_keyboard_alone(studio: RunningStudio) -> None:
    put(studio, "in-order", "one", "two", "three")
    page = await studio.open("/connectors/in-order")
    await page.get_by_role("button", name="Move up: three").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#steps-said")).to_have_text("Step 3 is now step 2.")
    assert await titles(page) == ["one", "three", "two"]
    await expect(page.locator("#field-steps-1 summary").first).to_be_focused()
    await page.keyboard.press("Tab")
    await page.get_by_role("button", name="Move down: one").press("Enter")
    await expect(page.locator("#steps-said")).to_have_text("Step 1 is now step 2.")
    await page.get_by_role("button", name="Remove: two").press("Enter")
    await expect(page.locator("#steps-said")).to_have_text("Step 3 was removed.")
    assert await titles(page) == ["three", "one"]
    await expect(page.locator("#unsaved")).to_be_visible()
    await save(page)
    await saved(page)
    assert [step["name"] for step in stored(studio, "in-order")["steps"]] == ["three", "one"]


async def test_what_was_written_in_a_card_moves_with_it_and_its_card_stays_as_it_was(
    studio: RunningStudio,
) -> None:
    put(studio, "moving", "one", "two", "three")
    page = await studio.open("/connectors/moving")
    await unfold(page, 1)
    await page.locator("#f-steps-0-url").fill("https://changed.example.com/")
    await page.get_by_role("button", name="Move down: one").click()
    await expect(page.locator("#f-steps-1-url")).to_have_value("https://changed.example.com/")
    opened = page.locator(".step-card > details")
    assert [await opened.nth(number).get_attribute("open") is not None for number in range(3)] == [
        False, True, False,
    ]  # fmt: skip


async def test_one_request_becomes_several_and_one_again(studio: RunningStudio) -> None:
    page = await studio.open("/connectors/new")
    await page.locator("#f-name").fill("Growing")
    await page.locator("#f-url").fill("https://api.example.com/first")
    await page.get_by_role("button", name="Several requests").click()
    await expect(page.locator("#f-steps-0-url")).to_have_value("https://api.example.com/first")
    await page.get_by_role("button", name="Add a step").click()
    await expect(page.get_by_role("button", name="One request")).to_be_disabled()
    await page.get_by_role("button", name="Remove: step-2").click()
    await page.get_by_role("button", name="One request").click()
    await expect(page.locator("#f-url")).to_have_value("https://api.example.com/first")
    await expect(page.locator("#f-name")).to_have_value("Growing")


async def test_a_fault_is_said_at_its_step_and_at_its_field(studio: RunningStudio) -> None:
    put(studio, "faulty", "one", "two", "three")
    page = await studio.open("/connectors/faulty")
    await unfold(page, 2)
    await page.locator("#f-steps-1-url").fill("https://two.example.com/{{ user.id")
    await unfold(page, 2)
    card = page.locator("#field-steps-1")
    await expect(card.locator("[data-step-faults]")).to_have_text("1 to correct")
    await page.locator("#check").get_by_role("link", name="steps.1.url").click()
    await expect(page.locator("#f-steps-1-url")).to_be_focused()
    await expect(page.locator("#field-steps-1-url .error")).to_contain_text("does not parse")
    await assert_accessible(page)


async def test_members_that_the_form_does_not_know_survive_both_modes(studio: RunningStudio) -> None:
    put(studio, "unknown", "one", "two")
    page = await studio.open("/connectors/unknown")
    document = await document_of(page)
    document["steps"][1]["x-note"] = {"of": ["mine"]}
    document["steps"][0]["retries"] = 3
    await write_code(page, json.dumps(document))
    await to_mode(page, "Form")
    await page.get_by_role("button", name="Move up: two").click()
    await expect(page.locator("#steps-said")).to_have_text("Step 2 is now step 1.")
    document["steps"].reverse()
    assert await document_of(page) == document


async def test_a_literal_credential_of_a_step_is_in_no_draft(studio: RunningStudio) -> None:
    auth = {"type": "api_key", "config": {"key": "X-Key", "value": "{{ get_secret('billing_key') }}"}}
    steps = [{"name": "one", "url": "https://one.example.com/", "authentication": auth}]
    put(studio, "literal", steps=steps)
    page = await studio.open("/connectors/literal")
    await page.locator('[name="steps.0.authentication.config.value"]').fill(LITERAL)
    await page.get_by_role("button", name="Add a step").click()
    await page.locator("#f-steps-1-name").wait_for()
    drafts = await page.evaluate("JSON.stringify(Object.entries(sessionStorage))")
    assert "step-2" in drafts and LITERAL not in drafts


async def test_the_order_changes_without_a_script(studio: RunningStudio) -> None:
    put(studio, "plain", "one", "two")
    signed_in = await studio.open("/connectors/plain")
    browser = signed_in.context.browser
    assert browser
    context = await browser.new_context(
        java_script_enabled=False, storage_state=await signed_in.context.storage_state()
    )
    page = await context.new_page()
    await page.goto(f"{studio.origin}/connectors/plain")
    await page.get_by_role("button", name="Move up: two").click()
    await expect(page.locator(".step-title")).to_have_text(["two", "one"])
    await page.get_by_role("button", name="Save", exact=True).click()
    await page.wait_for_url("**/connectors/plain")
    await context.close()
    assert [step["name"] for step in stored(studio, "plain")["steps"]] == ["two", "one"]


async def test_a_response_template_of_a_step_is_tried_on_sample_answers(studio: RunningStudio) -> None:
    page = await studio.open("/playground")
    await page.get_by_role("link", name="a step of a composite").click()
    output = page.locator("#output")
    await expect(output).to_contain_text('{"name": "Ada King", "orders": 2}')
    await write(page, "Template", "{{ steps.contact.status_code }} {{ request.query_parameters.page }}")
    await expect(output).to_contain_text("200 1")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_who_may_only_read_sees_the_steps_and_the_plan(
    studio: RunningStudio, size: dict[str, int]
) -> None:
    put(studio, "to-read", "one", "two")
    page = await studio.open("/connectors/to-read", options=("--scope", "read"), size=size)
    await expect(page.locator("#f-steps-0-url")).to_be_disabled()
    await expect(page.get_by_role("button", name="Add a step")).to_have_count(0)
    await expect(page.locator(".plan .preview-line")).to_have_count(2)
    await assert_accessible(page)
