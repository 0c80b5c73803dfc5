"""The list of connectors: found by words, method and authentication; hostile names are text."""

from __future__ import annotations

import pytest
from accessibility import assert_accessible
from demo_content import CONNECTORS, SOURCED
from running_studio import RunningStudio

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "\"><svg onload=alert(1)> ' `",
    "{{ 7 * 7 }} {% raw %}",
    "\u202eeman esrever",
    "w" * 255,
]
SEARCHES = [
    ("weather", 1),
    ("WEATHER example", 1),
    ("billing.example.com", 2),
    ("delete-draft", 1),
    ("contact orders", 1),
    ("weather invoice", 0),
]


async def names(page) -> list[str]:
    return await page.locator(".row-link").all_inner_texts()


@pytest.mark.parametrize(("words", "found"), SEARCHES)
async def test_words_find_connectors_as_one_types(studio: RunningStudio, words: str, found: int) -> None:
    page = await studio.open("/connectors")
    await page.keyboard.press("/")
    await page.keyboard.type(words)
    await page.wait_for_url(f"**q={words.split()[0]}*")
    assert len(await names(page)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("method=POST", {"Create invoice", "Customer overview"}),
        ("authentication=jwt", {"My reports"}),
        ("method=GET&authentication=api_key", {"Current weather"}),
        ("q=ticket&method=PUT", {"Update ticket"}),
        ("source=support-team", {"Ticket list", "Update ticket"}),
        ("source=:by-hand&method=DELETE", {"Delete draft"}),
        ("source=nowhere", set()),
    ],
)
async def test_an_address_with_filters_shows_what_fits(
    studio: RunningStudio, query: str, found: set[str]
) -> None:
    page = await studio.open(f"/connectors?{query}")
    # Other tests save connectors of their own beside these.
    assert set(await names(page)) & {document["name"] for document in (*CONNECTORS, *SOURCED)} == found


async def test_a_filter_is_kept_when_one_comes_back(studio: RunningStudio) -> None:
    page = await studio.open("/connectors")
    await page.get_by_label("Method").select_option("DELETE")
    await page.wait_for_url("**method=DELETE*")
    await page.reload()
    assert await names(page) == ["Delete draft"]
    assert await page.get_by_label("Method").input_value() == "DELETE"


async def test_a_connector_of_a_source_says_so(studio: RunningStudio) -> None:
    page = await studio.open("/connectors?q=tickets")
    assert await page.locator("tr", has_text="Ticket list").get_by_text("support-team").is_visible()


async def test_who_may_only_read_gets_no_button_to_create(studio: RunningStudio) -> None:
    page = await studio.open("/connectors", options=("--scope", "read"))
    assert await page.get_by_role("link", name="New connector").count() == 0


async def test_hostile_names_are_shown_as_they_are(studio: RunningStudio) -> None:
    for index, name in enumerate(HOSTILE):
        document = {"name": name, "url": "https://api.example.com/"}
        path = f"/t/hostile/api/v1/connectors/hostile-{index}"
        assert studio.gateway.admin("PUT", path, document).status in (200, 201)
    name = "--name=<b>ada</b> \"'"
    page = await studio.open("/t/hostile/connectors", options=("--tenant", "hostile", name))
    assert set(await names(page)) == set(HOSTILE)
    assert await page.locator("main img, main script, main svg[onload], b").count() == 0
    assert await page.locator(".who bdi").first.text_content() == "<b>ada</b> \"'"
    await assert_accessible(page)


async def test_the_chosen_theme_is_kept(studio: RunningStudio) -> None:
    page = await studio.open("/connectors")
    await page.get_by_role("button", name="Switch between light and dark").click()
    await page.reload()
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 16, 20)"


async def test_keys_lead_to_sections_and_list_themselves(studio: RunningStudio) -> None:
    page = await studio.open("/connectors?q=weather")
    await page.keyboard.press("?")
    await page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("c")
    await page.wait_for_url("**/connectors")


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/connectors", {"/ Search"}),
        ("/access", set()),
        ("/connectors/weather", {"Ctrl S Save", "Ctrl Enter Run"}),
    ],
)
async def test_the_list_of_keys_has_what_the_page_has(
    studio: RunningStudio, path: str, keys: set[str]
) -> None:
    page = await studio.open(path)
    if path == "/connectors/weather":
        await page.get_by_role("button", name="Run", exact=True).wait_for()
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    shown = await dialog.locator("dl > div").locator("visible=true").all_inner_texts()
    everywhere = {"? This list", "Esc Close"}
    assert {" ".join(text.split()) for text in shown if not text.startswith("g")} == keys | everywhere


async def test_a_secret_in_an_answer_that_the_page_did_not_stay_to_read_is_found(
    studio: RunningStudio,
) -> None:
    page = await studio.open("/access/you")
    secret = "Open opportunities of my accounts"
    studio.gateway.canaries.add(secret)
    try:
        async with page.expect_navigation():
            await page.evaluate("() => { fetch('/connectors?q=opp').then(() => location.reload()) }")
        with pytest.raises(AssertionError, match=r"a secret stands in .*q=opp"):
            await studio.finish()
    finally:
        studio.gateway.canaries.discard(secret)


async def test_when_the_session_has_ended_a_search_says_so_and_keeps_the_page(studio: RunningStudio) -> None:
    page = await studio.open("/connectors")
    await page.context.clear_cookies()
    await page.get_by_role("searchbox").fill("weather")
    await page.get_by_text("You are signed out").wait_for()
    assert await page.get_by_role("searchbox").input_value() == "weather"
