"""Studio with 5,000 connectors: no page holds them all, and each is found by typing."""

from __future__ import annotations

import pytest
from accessibility import assert_accessible
from gateway import Gateway
from playwright.async_api import expect
from running_studio import RunningStudio

TENANT = "thousands"
OPTIONS = ("--tenant", TENANT)
MOST_BYTES = 300_000


@pytest.fixture(scope="module")
def gateway(filled_gateway: Gateway) -> Gateway:
    connectors = [
        {
            "name": f"Ledger {number} of the company",
            "permalink": f"ledger-{number}",
            "url": f"https://ledger{number}.example.com/v1/entries",
        }
        for number in range(5000)
    ]
    path = f"/t/{TENANT}/api/v1/sources/ledgers/registry"
    answer = filled_gateway.admin("PUT", path, {"connectors": connectors})
    assert answer.status == 200, answer.body
    filled_gateway.settle()
    return filled_gateway


@pytest.mark.parametrize("path", ["/connectors", "/runs", "/access/tokens/new"])
async def test_no_page_holds_them_all(studio: RunningStudio, gateway: Gateway, path: str) -> None:
    page = await studio.open(f"/t/{TENANT}{path}", options=OPTIONS)
    assert len(await page.content()) < MOST_BYTES
    await assert_accessible(page)


async def test_connectors_of_a_token_are_found_and_chosen_by_the_keyboard(
    studio: RunningStudio, gateway: Gateway
) -> None:
    page = await studio.open(f"/t/{TENANT}/access/tokens/new", options=OPTIONS)
    await page.get_by_label("Name").fill("ledgers")
    await page.get_by_role("checkbox", name="read").check()
    await page.get_by_label("Only these").check()
    found, chosen = page.locator("#picker-found"), page.locator("#picker-chosen")
    await expect(found.get_by_role("status")).to_have_text("20 of 5,000 are shown: type to find others.")
    for number in (4711, 42):
        await page.get_by_label("Filter connectors").fill(f"ledger-{number}")
        await expect(found.locator("li").first).to_contain_text(f"Ledger {number}")
        await page.keyboard.press("Tab")
        while not await page.evaluate("document.activeElement.closest('#picker-found') !== null"):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await expect(chosen.get_by_role("checkbox", name=f"ledger-{number}", exact=False)).to_be_focused()
    await expect(chosen.get_by_role("checkbox")).to_have_count(2)
    await page.get_by_label("Filter connectors").fill("ledger-42")
    await expect(found.get_by_role("checkbox", name="ledger-42", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="Create token").click()
    studio.gateway.canaries.add(await page.get_by_role("textbox", name="API token").input_value())
    listed = gateway.admin("GET", f"/t/{TENANT}/api/v1/tokens").json["tokens"]
    assert {tuple(sorted(token["permalinks"])) for token in listed} == {("ledger-42", "ledger-4711")}


async def test_runs_of_a_connector_are_found_by_a_part_of_its_name(
    studio: RunningStudio, gateway: Gateway
) -> None:
    page = await studio.open(f"/t/{TENANT}/runs", options=OPTIONS)
    await page.get_by_role("combobox", name="Connector").press_sequentially("ledger-471")
    options = page.locator("#connectors option")
    await expect(options).to_have_count(11)
    assert "ledger-4711" in await options.evaluate_all("all => all.map(each => each.value)")
    assert page.url.endswith(f"/t/{TENANT}/runs")
