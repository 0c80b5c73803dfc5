"""Test Connection beside the editor: what is written there is run before it is saved."""

from __future__ import annotations

from gateway import Gateway
from playwright.async_api import expect
from running_studio import RunningStudio
from trying import run, save

from sealgate.testing import FakeApi


async def test_the_document_of_the_editor_is_tested_before_it_is_saved(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    save(filled_gateway, "trial-edit", url=f"{api.origin}/status/404")
    page = await studio.open("/connectors/trial-edit")
    await page.locator("#trial").wait_for()
    url = f"{api.origin}/right/{{{{ pathParams.id }}}}?x={{{{ nope }}}}"
    await page.locator("#editor [name=url]").fill(url)
    await page.get_by_role("button", name="Add a path parameter").click()
    await page.keyboard.type("id")
    await page.locator("#trial-path input").fill("42")
    await run(page)
    assert api.requests[-1].target == "/right/42?x="
    await page.locator("#trial-result .field-link", has_text="url").click()
    assert await page.evaluate("document.activeElement.name") == "url"
    stored = filled_gateway.admin("GET", "/api/v1/connectors/trial-edit").json
    assert stored["url"] == f"{api.origin}/status/404"


RUN_AT_ONCE = """new MutationObserver((_, observer) => {
  const trial = document.querySelector("form[data-trial]");
  if (!trial) return;
  observer.disconnect();
  trial.requestSubmit(trial.querySelector(".trial-run"));
}).observe(document, { childList: true, subtree: true })"""


async def test_a_run_in_the_moment_the_form_appears_waits_until_it_is_ready(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    save(filled_gateway, "trial-eager", url=f"{api.origin}/eager")
    page = await studio.open("/connectors")
    await page.add_init_script(RUN_AT_ONCE)
    await page.goto(studio.origin + "/connectors/trial-eager")
    await expect(page.locator("#trial-result")).to_contain_text("200")
    await expect(page.locator("#editor")).to_have_count(1)
    assert api.requests[-1].target == "/eager"


async def test_faults_of_the_editor_are_said_instead_of_a_run(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    save(filled_gateway, "trial-fault", url=f"{api.origin}/x")
    before = len(api.requests)
    page = await studio.open("/connectors/trial-fault")
    await page.locator("#trial").wait_for()
    await page.locator("#editor [name=url]").fill("ftp://files.example.com/")
    await run(page)
    await expect(page.locator("#trial-result")).to_contain_text("Nothing was sent")
    await page.locator("#trial-result .field-link", has_text="url").click()
    assert await page.evaluate("document.activeElement.name") == "url"
    assert len(api.requests) == before
