"""The first minutes: a pasted curl command becomes a connector."""

from __future__ import annotations

import pytest
from accessibility import assert_accessible
from empty_tenant import HOSTILE, Empty, toast


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
