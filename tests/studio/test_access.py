"""API tokens, sessions and login links in a browser: what is shown once is shown once, what is revoked is
refused, and who may not manage them sees only oneself."""

from __future__ import annotations

import re

import pytest
from accessibility import assert_accessible
from gateway import exchange
from playwright.async_api import Page, expect
from running_studio import RunningStudio, login_link

HOSTILE = "<img src=x onerror=alert(1)>\"' {{ 7*7 }} " + "w" * 120


def status_of(studio: RunningStudio, token: str, path: str = "/api/v1/connectors") -> int:
    return exchange(studio.gateway.admin_port, "GET", path, {"Authorization": f"Bearer {token}"}).status


async def sign_in(studio: RunningStudio, url: str) -> Page:
    page = await studio.signed_out()
    await page.goto(url)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/connectors")
    return page


async def create(page: Page, name: str, *scopes: str) -> str:
    await page.get_by_role("link", name="New token").click()
    await page.get_by_label("Name").fill(name)
    for scope in scopes:
        await page.get_by_role("checkbox", name=scope).check()
    await page.get_by_role("button", name="Create token").click()
    return await page.get_by_role("textbox", name="API token").input_value()


async def test_a_token_is_shown_once_and_works_until_it_is_revoked(studio: RunningStudio) -> None:
    page = await studio.open("/access")
    token = await create(page, "shown once", "read")
    assert status_of(studio, token) == 200
    assert status_of(studio, token, "/api/v1/tokens") == 403
    studio.gateway.canaries.add(token)  # from now on no page may hold it
    await page.reload()
    await page.wait_for_url("**/access")
    row = page.get_by_role("row", name="shown once")
    await expect(row).to_contain_text("studio:")
    await row.get_by_role("button", name="Revoke").click()
    await page.get_by_role("button", name="Revoke the token").click()
    await page.get_by_text("Token revoked").wait_for()
    assert await page.get_by_role("row", name="shown once").count() == 0
    assert status_of(studio, token) == 401


async def test_a_token_is_created_by_the_keyboard_alone(studio: RunningStudio) -> None:
    page = await studio.open("/connectors")
    await page.keyboard.press("g")
    await page.keyboard.press("a")
    await page.wait_for_url("**/access")
    await page.get_by_role("link", name="New token").focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("Name").focus()
    await page.keyboard.type("keys")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Copy")).to_be_focused()


async def test_limits_and_expiry_hold(studio: RunningStudio) -> None:
    page = await studio.open("/access/tokens/new")
    await page.get_by_label("Name").fill("for rates alone")
    await page.get_by_role("checkbox", name="read").check()
    await page.get_by_label("Expires").select_option("date")
    await page.get_by_label("Day (UTC)").fill("2099-05-31")
    await page.get_by_label("Only these").check()
    await page.get_by_label("Filter connectors").fill("exch rates")
    await expect(page.locator("#picker-found li")).to_have_text(["Exchange ratesrates", "1 found."])
    await page.get_by_role("checkbox", name="Exchange rates").check()
    await page.get_by_role("button", name="Add an origin").click()
    await page.keyboard.type("https://App.example.com")
    await page.get_by_role("button", name="Create token").click()
    text = await page.get_by_role("textbox", name="API token").input_value()
    studio.gateway.canaries.add(text)
    listed = studio.gateway.admin("GET", "/api/v1/tokens").json["tokens"]
    (token,) = [token for token in listed if token["name"] == "for rates alone"]
    assert token["permalinks"] == ["rates"]
    assert token["origins"] == ["https://app.example.com"]
    assert token["expires_at"] == "2099-05-31T23:59:59Z"


async def test_every_fault_is_shown_at_its_field_and_nothing_typed_is_lost(studio: RunningStudio) -> None:
    before = len(studio.gateway.admin("GET", "/api/v1/tokens").json["tokens"])
    page = await studio.open("/access/tokens/new")
    await page.get_by_label("Name").fill("  ")
    await page.get_by_label("Only these").check()
    await page.get_by_label("Expires").select_option("date")
    await page.get_by_role("button", name="Add an origin").click()
    await page.keyboard.type("app.example.com")
    await page.get_by_role("button", name="Create token").click()
    await page.get_by_text("The token was not created").wait_for()
    errors = await page.locator(".error").all_inner_texts()
    for words in (
        "what the token is for",
        "at least one of",
        "choose the day",
        "connector",
        "such as https://app.example.com",
    ):
        assert any(words in error for error in errors), (words, errors)
    assert await page.get_by_label("Origin").input_value() == "app.example.com"
    assert await page.get_by_label("Only these").is_checked()
    await assert_accessible(page)
    assert len(studio.gateway.admin("GET", "/api/v1/tokens").json["tokens"]) == before


async def test_hostile_names_of_tokens_and_people_are_text(studio: RunningStudio) -> None:
    page = await studio.open("/t/hostile/access", options=("--tenant", "hostile", f"--name={HOSTILE}"))
    await create(page, HOSTILE, "admin")
    for path in ("/t/hostile/access", "/t/hostile/access/people", "/t/hostile/access/you"):
        await page.goto(studio.origin + path)
        await page.get_by_text(HOSTILE).locator("visible=true").first.wait_for()
        assert await page.locator("main img").count() == 0
        await assert_accessible(page)


async def test_a_colleague_signs_in_by_a_link_and_is_signed_out(studio: RunningStudio) -> None:
    page = await studio.open("/access/people")
    await page.get_by_role("link", name="New login link").click()
    await page.get_by_label("For whom").fill("hedy")
    await page.get_by_role("checkbox", name="read").check()
    await page.get_by_role("button", name="Make the link").click()
    url = await page.get_by_role("textbox", name="Login link").input_value()
    studio.gateway.canaries.add(url.partition("token=")[2])
    await page.get_by_role("link", name="Done").click()
    await page.get_by_role("button", name="Withdraw the link for hedy").wait_for()
    hedy = await sign_in(studio, url)
    await page.reload()
    assert await page.get_by_role("button", name="Withdraw the link for hedy").count() == 0
    row = page.get_by_role("table", name="Sessions").get_by_role("row", name="hedy")
    await expect(row).to_contain_text(re.compile(r"read\s+Chrome \d+ on Linux"))
    await row.get_by_role("button", name="Sign out hedy").click()
    await page.get_by_text("Signed out").wait_for()
    await hedy.goto(f"{studio.origin}/connectors")
    await hedy.get_by_role("heading", name="Sign in to Studio").wait_for()


async def test_a_withdrawn_link_signs_nobody_in(studio: RunningStudio) -> None:
    url = login_link(studio.gateway, "--name", "mallory")["url"]
    page = await studio.open("/access/people")
    await page.get_by_role("button", name="Withdraw the link for mallory").click()
    await page.get_by_text("Link withdrawn").wait_for()
    other = await studio.signed_out()
    await other.goto(url)
    await other.get_by_role("button", name="Sign in").click()
    await other.get_by_text("used already, or has expired").wait_for()


async def test_all_others_are_signed_out_at_once(studio: RunningStudio) -> None:
    tenant = ("--tenant", "signing-out")
    others = [await sign_in(studio, login_link(studio.gateway, *tenant)["url"]) for _ in range(2)]
    page = await sign_in(studio, login_link(studio.gateway, *tenant)["url"])
    await page.goto(f"{studio.origin}/t/signing-out/access/people")
    await page.get_by_role("button", name="Sign all others out").click()
    await page.get_by_role("button", name="Sign them out").click()
    await page.get_by_text("2 sessions signed out").wait_for()
    assert await page.get_by_role("button", name="Sign all others out").count() == 0
    for other in others:
        await other.reload()
        await other.get_by_role("heading", name="Sign in to Studio").wait_for()
    await page.reload()
    await page.get_by_text("this browser").wait_for()


async def test_who_has_no_admin_scope_sees_oneself_alone(studio: RunningStudio) -> None:
    page = await studio.open("/access", options=("--scope", "read", "--name", "ada"))
    await page.wait_for_url("**/access/you")
    facts = page.locator(".facts")
    await expect(facts).to_contain_text("studio:ada")
    await expect(facts).to_contain_text("a login link")
    assert await page.get_by_role("navigation", name="Pages of this section").inner_text() == "You"
    for path in ("/access/people", "/access/tokens/new", "/access/links/new"):
        await page.goto(studio.origin + path)
        await page.get_by_text("without the scope `admin`").wait_for()


@pytest.mark.parametrize("way", ["token", "bootstrap"])
async def test_one_sees_with_what_one_signed_in(studio: RunningStudio, way: str) -> None:
    words, token = "SEALGATE_ADMIN_TOKEN", studio.gateway.admin_token
    if way == "token":
        body = {"name": "operations", "scopes": ["admin"]}
        words, token = (
            "the API token operations",
            studio.gateway.admin("POST", "/api/v1/tokens", body).json["token"],
        )
    page = await studio.signed_out()
    await page.goto(f"{studio.origin}/access/you")
    await page.get_by_text("Use an API token instead").click()
    await page.get_by_label("API token").fill(token)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_text(words).wait_for()
