"""Test Connection: a failed run says why, nothing from outside
is markup, everything is bounded, and no secret is on the page (the canary of `RunningStudio`)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from accessibility import assert_accessible
from gateway import Gateway
from playwright.async_api import expect
from running_studio import RunningStudio
from trying import run, save

from sealgate.testing import FakeApi, OAuthServer, keys
from sealgate.web.studio.explained.words import ERRORS

GOOD, WRONG = "canary-right-key-7f21c9", "canary-wrong-key-55ab01"
PAGE = "/connectors/{}/test"


def key(secret: str) -> dict[str, Any]:
    value = f"Bearer {{{{ get_secret('{secret}') }}}}"
    return {"type": "api_key", "config": {"key": "Authorization", "value": value, "in": "header"}}


async def test_a_wrong_key_is_found_and_fixed(studio: RunningStudio, filled_gateway: Gateway) -> None:
    with FakeApi(accepts=lambda token: token == GOOD) as api:
        filled_gateway.secret("trial_key", WRONG)
        save(filled_gateway, "trial-key", url=f"{api.origin}/protected/x", authentication=key("trial_key"))
        page = await studio.open(PAGE.format("trial-key"))
        await run(page)
        result = page.locator("#trial-result")
        await expect(result.locator(".outcome-line")).to_contain_text("401 Unauthorized")
        await expect(result.locator(".why")).to_contain_text(
            "The API refused the key: check the secret's value"
        )
        titles = await result.locator("h3").all_inner_texts()
        assert titles[:3] == ["Why it failed", "What was sent", "What came back"]
        await expect(result.get_by_text("Bearer $TRIAL_KEY", exact=True)).to_be_visible()
        await expect(result.locator(".json-tree")).to_contain_text("invalid_token")
        await assert_accessible(page)
        doubted = result.locator(".doubted li")
        await expect(doubted).to_contain_text("trial_key begins with c, fingerprint ")
        fingerprint = await doubted.locator("code").nth(2).inner_text()
        await page.get_by_role("link", name="Replace the value of trial_key").click()
        await expect(page.locator("main")).to_contain_text(fingerprint)
        await page.get_by_label("New value").fill(GOOD)
        filled_gateway.canaries.add(GOOD)
        await page.get_by_role("button", name="Replace the value").click()
        await page.wait_for_url("**/connectors/trial-key/test")
        await run(page)
        await expect(result.locator(".outcome-line")).to_contain_text("200 OK")
        await expect(page.locator("#trial-said")).to_have_text("200")


async def test_the_curl_line_is_copied(studio: RunningStudio, filled_gateway: Gateway, api: FakeApi) -> None:
    filled_gateway.secret("trial_curl", GOOD)
    save(filled_gateway, "trial-curl", url=f"{api.origin}/v1", authentication=key("trial_curl"))
    page = await studio.open(PAGE.format("trial-curl"))
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await run(page)
    await page.get_by_role("tab", name="curl").click()
    await page.get_by_role("button", name="Copy as curl").click()
    await page.get_by_text("Copied").wait_for()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl {api.origin}/v1 -H ") and '"Authorization: Bearer $TRIAL_CURL"' in copied


async def test_a_refused_token_request_shows_what_the_endpoint_said(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    filled_gateway.secret("trial_client_secret", WRONG)
    with OAuthServer() as oauth:
        oauth.add_client("me", GOOD)
        config = {
            "client_id": "me",
            "client_secret": "{{ get_secret('trial_client_secret') }}",
            "token_url": oauth.token_url,
        }
        authentication = {"type": "oauth_client_credentials", "config": config}
        save(filled_gateway, "trial-token", url=f"{api.origin}/x", authentication=authentication)
        page = await studio.open(PAGE.format("trial-token"))
        await run(page)
    result = page.locator("#trial-result")
    await expect(result.locator(".outcome-code")).to_have_text(
        "TOKEN_REQUEST_FAILED (what it means, in a new tab)"
    )
    await expect(result.locator(".why")).to_contain_text("invalid_client")
    answer = result.locator(".facts-boxed")
    await expect(answer).to_contain_text("invalid_client")
    await expect(result.locator(".doubted li")).to_contain_text("trial_client_secret")
    asked = result.get_by_role("region", name="Parameters of the token request")
    await expect(asked.get_by_role("row", name="client_secret")).to_contain_text("••••••")
    await expect(result.get_by_text("Nothing was sent to the API.")).to_be_visible()
    await expect(result.locator(".waterfall")).to_contain_text("Get a token")
    await assert_accessible(page)


@pytest.mark.parametrize("allowed", [True, False])
async def test_the_assertion_and_the_answer_of_a_token_request_are_shown(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi, allowed: bool
) -> None:
    pair = keys.rsa_key(name="trial-assertion")
    filled_gateway.secret("trial_assertion_key", pair.private_pem)
    permalink = f"trial-assertion-{allowed}".lower()
    with OAuthServer() as oauth:
        oauth.add_key("the-client", pair.public_pem)
        oauth.allow_subject("ada@example.com" if allowed else "somebody@else.example")
        config = {
            "client_id": "the-client",
            "private_key": "{{ get_secret('trial_assertion_key') }}",
            "token_url": oauth.token_url,
            "subject": "ada@example.com",
            "audience": oauth.origin,
        }
        authentication = {"type": "oauth_jwt_bearer", "config": config}
        save(filled_gateway, permalink, url=f"{api.origin}/x", authentication=authentication)
        page = await studio.open(PAGE.format(permalink))
        await run(page)
        filled_gateway.canaries |= {request.form["assertion"] for request in oauth.token_requests}
    result = page.locator("#trial-result")
    await expect(result.get_by_role("heading", name="The assertion that was sent, decoded")).to_be_visible()
    await expect(result.locator(".claims").nth(1)).to_contain_text("ada@example.com")
    await expect(result.locator(".facts-boxed")).to_contain_text("Bearer" if allowed else "invalid_grant")
    await expect(result.locator(".doubted")).to_have_count(0 if allowed else 1)
    await assert_accessible(page)


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/connectors/../logout", "/connectors/x/delete"]
)
async def test_the_way_back_from_a_secret_leads_to_a_connector_only(
    studio: RunningStudio, filled_gateway: Gateway, back: str
) -> None:
    filled_gateway.secret("trial_way_back", WRONG)
    page = await studio.open(f"/secrets/trial_way_back/value?back={back}")
    assert await page.locator("[name=back]").count() == 0
    await page.evaluate(
        """back => document.querySelector("[data-secret-form]").insertAdjacentHTML(
            "beforeend", `<input type="hidden" name="back" value="${back}">`)""",
        back,
    )
    await page.get_by_label("New value").fill(GOOD)
    await page.get_by_role("button", name="Replace the value").click()
    await page.wait_for_url("**/secrets/trial_way_back")


async def test_a_jwt_is_shown_decoded_with_its_times_in_words(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    filled_gateway.secret("trial_private_key", keys.rsa_key(name="trial").private_pem)
    config = {
        "private_key": "{{ get_secret('trial_private_key') }}",
        "algorithm": "RS256",
        "claims": {
            "sub": "{{ user.email }}",
            "role": "{{ user.profile_fields.by_id('7') }}",
            "exp": "{{ now() }}",
        },
    }
    save(
        filled_gateway,
        "trial-jwt",
        method="POST",
        url=f"{api.origin}/reports/{{{{ pathParams.id }}}}",
        path_parameters=[{"key": "id"}],
        authentication={"type": "jwt", "config": config},
    )
    page = await studio.open(PAGE.format("trial-jwt"))
    await page.get_by_label("A signed-in user").check()
    await page.get_by_label("Email").fill("ada@example.com")
    await page.get_by_role("button", name="Add a profile field").click()
    await page.keyboard.type("7")
    await page.keyboard.press("Tab")
    await page.keyboard.type("editor")
    await page.locator("#trial-path input").fill("42")
    await page.get_by_role("button", name="Add a parameter").click()
    await page.keyboard.type("q")
    await page.keyboard.press("Tab")
    await page.keyboard.type("a b")
    await page.get_by_role("textbox", name="Body").click()
    await page.keyboard.type('{"a": 1')
    await run(page)
    result = page.locator("#trial-result")
    await expect(result.locator(".sent-line")).to_contain_text(f"{api.origin}/reports/42?q=a+b")
    claims = result.locator(".claims").nth(1)
    await expect(claims).to_contain_text("ada@example.com")
    await expect(claims).to_contain_text("editor")
    await expect(result.locator(".claims").first).to_contain_text("RS256")
    sent = api.requests[-1]
    assert (sent.method, sent.target, json.loads(sent.body)) == ("POST", "/reports/42?q=a+b", {"a": 1})
    assert sent.header("Content-Type") == "application/json"
    await page.reload()
    assert await page.locator("#trial-path input").input_value() == "42"
    assert await page.get_by_label("Email").is_visible()
    assert await page.get_by_role("textbox", name="Body").inner_text() == '{"a": 1}'
    assert await page.locator('[data-rows="trial-query"] input').nth(1).input_value() == "a b"


async def test_values_named_like_credentials_are_not_remembered(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    save(filled_gateway, "trial-memory", url=f"{api.origin}/m")
    page = await studio.open(PAGE.format("trial-memory"))
    for name, value in (("Authorization", "Bearer mine"), ("X-Api-Key", "mine"), ("Accept", "text/csv")):
        await page.get_by_role("button", name="Add a header").click()
        await page.keyboard.type(name)
        await page.keyboard.press("Tab")
        await page.keyboard.type(value)
    kept = await page.evaluate("JSON.stringify({...sessionStorage})")
    assert "mine" not in kept and "text/csv" in kept


async def test_a_composite_connector_is_shown_step_by_step(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    steps = [
        {"name": "first", "url": f"{api.origin}/first"},
        {"name": "left-out", "url": f"{api.origin}/no", "when": "false"},
        {"name": "second", "url": f"{api.origin}/status/403?v={{{{ steps.nope.body }}}}"},
        {"name": "third", "url": f"{api.origin}/x?v={{{{ steps.second.body }}}}"},
    ]
    save(filled_gateway, "trial-steps", steps=steps)
    page = await studio.open(PAGE.format("trial-steps"))
    await run(page)
    result = page.locator("#trial-result")
    await expect(result.locator(".why-detail")).to_have_text("Step second: The API answered 403.")
    shown = await result.locator(".step-name").all_inner_texts()
    assert shown == ["first", "left-out", "second", "third"]
    entries = result.locator(".steps > li")
    await expect(entries.nth(1)).to_contain_text("skipped")
    await expect(entries.nth(3)).to_contain_text("not reached")
    assert await entries.nth(0).locator("details").get_attribute("open") is None
    await expect(entries.nth(2).locator(".sent-line")).to_contain_text("/status/403?v=")
    assert await result.locator(".field-link").first.inner_text() == "steps.2.url"
    await entries.nth(0).locator("summary").press("Enter")
    await expect(entries.nth(0).locator(".waterfall")).to_contain_text("Wait for the API")
    await assert_accessible(page)


async def test_what_an_api_sends_is_text_and_bounded(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    script = "</script></pre><script>alert(1)</script><img src=x onerror=alert(1)>"
    items = [{"id": number, "text": script, "half": "\ud800", script: "x" * 100} for number in range(9000)]
    body = json.dumps({"long": "y" * 300_000, "items": items})
    assert len(body) > 2_000_000
    headers = [("Content-Type", "application/json"), ("X-Script", script)]
    api.reply_with(200, headers, body, path="/hostile")
    save(filled_gateway, "trial-hostile", url=f"{api.origin}/hostile")
    page = await studio.open(PAGE.format("trial-hostile"))
    await run(page)
    result = page.locator("#trial-result")
    await expect(result.locator(".json-tree")).to_contain_text(script)
    await expect(result.locator(".json-tree")).to_contain_text("(300,000 characters)")
    await page.get_by_role("tab", name="Raw").click()
    await expect(page.get_by_role("tabpanel", name="Raw")).to_contain_text("The first 64 KiB of 2.")
    await page.get_by_role("tab", name="API headers").click()
    await expect(page.get_by_role("region", name="Headers of the API's answer")).to_contain_text(script)
    assert await result.locator("script, img").count() == 0
    assert len(await page.content()) < 1_500_000


@pytest.mark.parametrize(
    ("count", "shown"), [(110, "more headers are not shown."), (1000, "UPSTREAM_PROTOCOL_ERROR")]
)
async def test_many_headers_are_shown_in_part(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi, count: int, shown: str
) -> None:
    api.reply_with(200, [(f"X-{number}", "v" * 20) for number in range(count)], "{}", path="/many")
    save(filled_gateway, "trial-many", url=f"{api.origin}/many")
    page = await studio.open(PAGE.format("trial-many"))
    await run(page)
    await expect(page.locator("#trial-result")).to_contain_text(shown)
    assert await page.locator(".fields tr").count() < 150


@pytest.mark.parametrize(
    ("media_type", "body", "shown"),
    [
        ("application/json", b'{"a": "\xff\xfe"}', "This is no valid UTF-8"),
        (
            "application/octet-stream",
            bytes(range(256)) * 8,
            "This is no text. The first 512 bytes of 2.0 KiB",
        ),
        ("application/json", b"<html>", "The content type says JSON, and this is none"),
        ("application/json", b"[" * 100_000, "The content type says JSON, and this is none"),
        ("text/plain", b"line\n" * 40_000, "The first 64 KiB of 195.3 KiB are shown"),
        ("text/plain", b"", "The body is empty"),
    ],
)
async def test_bodies_that_are_not_what_they_say(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi, media_type: str, body: bytes, shown: str
) -> None:
    api.reply_with(200, [("Content-Type", media_type)], body, path="/odd")
    save(filled_gateway, "trial-odd", url=f"{api.origin}/odd")
    page = await studio.open(PAGE.format("trial-odd"))
    await run(page)
    await expect(page.locator("#trial-result")).to_contain_text(shown)


async def test_inputs_that_cannot_be_run_say_so(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    save(
        filled_gateway,
        "trial-path",
        url=f"{api.origin}/p/{{{{ pathParams.id }}}}",
        path_parameters=[{"key": "id"}],
    )
    page = await studio.open(PAGE.format("trial-path"))
    await run(page)
    result = page.locator("#trial-result")
    await expect(result.locator(".outcome-code")).to_contain_text("MISSING_PATH_PARAMETERS")
    await expect(result.locator(".why code")).to_have_text(["id"])


async def test_each_error_code_is_explained_as_in_the_docs(studio: RunningStudio) -> None:
    page = await studio.open("/help/errors")
    calling = (Path(__file__).parents[2] / "docs" / "calling.md").read_text()
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| \d+ \| (.*) \|$", calling, re.MULTILINE))
    assert {code: re.sub(r"\[([^]]+)]\([^)]*\)", r"\1", text) for code, text in rows.items()} == ERRORS
    assert await page.get_by_role("table", name="Error codes").locator("[id]").count() == len(ERRORS)


async def test_who_may_not_write_may_not_test(studio: RunningStudio) -> None:
    page = await studio.open(PAGE.format("weather"), options=("--scope", "read"))
    await expect(page.get_by_role("heading", name="You may not do this")).to_be_visible()


async def test_it_works_without_a_script(
    studio: RunningStudio, filled_gateway: Gateway, api: FakeApi
) -> None:
    save(filled_gateway, "trial-plain", url=f"{api.origin}/plain")
    page = await studio.open(PAGE.format("trial-plain"))
    form = {"csrf": await page.locator("meta[name=csrf-token]").get_attribute("content") or ""}
    form |= {"trial-query.0.key": "q", "trial-query.0.value": "<b>"}
    answer = await page.request.post(
        studio.origin + PAGE.format("trial-plain"), form=form, headers={"Origin": studio.origin}
    )
    text = await answer.text()
    assert answer.status == 200 and "200" in text and 'value="&lt;b&gt;"' in text
    assert api.requests[-1].target == "/plain?q=%3Cb%3E"
