"""Four people set up their first connector in an empty Studio, each to a call through the data plane, by its
pages alone and as those who read them find their way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from accessibility import assert_accessible
from gateway import Gateway, exchange
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from playwright.async_api import Page, expect
from running_studio import RunningStudio

from sealgate.testing import FakeApi, OAuthServer

WRONG, RIGHT = "canary-mistyped-key-0c41f6", "canary-of-the-api-9e27ab"
CLIENT_SECRET = "canary-client-secret-5b80d3"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with Gateway(tmp_path, SEALGATE_WORKERS="1") as running:
        running.canaries |= {WRONG, RIGHT, CLIENT_SECRET}
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def empty_studio(gateway: Gateway) -> AsyncIterator[RunningStudio]:
    async with RunningStudio(gateway) as running:
        yield running
        await running.finish()


async def run_test(page: Page) -> str:
    """Press Run and wait for the result: its first line."""
    result = page.locator("#trial-result")
    await page.locator("#trial-result .explained").evaluate_all("all => all.forEach(each => each.remove())")
    await page.get_by_role("button", name="Run", exact=True).click()
    await result.locator(".explained").wait_for()
    return await result.locator(".outcome-line").inner_text()


async def write(page: Page, editor: str, text: str) -> None:
    await page.get_by_role("textbox", name=editor, exact=True).and_(page.locator(".cm-content")).click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(text)


async def name_the_connector(page: Page, name: str, url: str) -> None:
    await page.get_by_role("textbox", name="Name", exact=True).fill(name)
    await page.get_by_role("textbox", name="URL", exact=True).fill(url)


async def choose_authentication(page: Page, kind: str, then: str) -> None:
    await page.get_by_role("combobox", name="Type", exact=True).select_option(kind)
    await page.locator(f'[name="authentication.config.{then}"]').first.wait_for(state="attached")


async def test_an_api_key_that_was_mistyped(empty_studio: RunningStudio) -> None:
    """401, the reason, the secret replaced, 200, a call."""
    with FakeApi(accepts=lambda token: token == RIGHT) as api:
        page = await empty_studio.open("/connectors")
        await page.get_by_role("link", name="Empty connector").click()
        await name_the_connector(page, "Weather", f"{api.origin}/protected/weather")
        await choose_authentication(page, "api_key", "key")
        await page.get_by_role("textbox", name="Key", exact=True).fill("Authorization")
        await page.get_by_role("button", name="New secret…").click()
        dialog = page.get_by_role("dialog", name="New secret")
        await dialog.get_by_label("Name").fill("weather_key")
        await dialog.get_by_label("Value").fill(WRONG)
        await dialog.get_by_role("button", name="Create secret").click()
        await dialog.wait_for(state="hidden")
        value = page.locator("#editor").get_by_role("textbox", name="Value", exact=True)
        await expect(value).to_have_value("{{ get_secret('weather_key') }}")
        await value.fill("Bearer {{ get_secret('weather_key') }}")
        await page.get_by_role("button", name="Create", exact=True).click()
        await page.wait_for_url("**/connectors/weather")

        assert "401" in await run_test(page)
        why = page.get_by_role("region", name="Why")
        await expect(why).to_contain_text("The API refused the key: check the secret's value")
        await assert_accessible(page)

        await page.get_by_role("link", name="Secrets").click()
        await page.get_by_role("link", name="weather_key").click()
        await page.get_by_role("link", name="Replace").click()
        await page.get_by_label("New value").fill(RIGHT)
        await page.get_by_role("button", name="Replace the value").click()
        await page.get_by_role("heading", name="weather_key").wait_for()

        await page.get_by_role("link", name="Connectors", exact=True).click()
        await page.get_by_role("link", name="Weather").click()
        assert "200" in await run_test(page)
        empty_studio.gateway.settle()
        assert empty_studio.gateway.call("weather").status == 200


async def test_an_oauth_connector_from_what_the_documentation_says_of_curl(
    empty_studio: RunningStudio,
) -> None:
    """A token request and a call, pasted together."""
    with OAuthServer() as oauth, FakeApi(accepts=oauth.accepts) as api:
        oauth.add_client("reporting", CLIENT_SECRET)
        command = (
            f"curl -X POST {oauth.token_url} -d grant_type=client_credentials "
            f"-d client_id=reporting -d client_secret={CLIENT_SECRET}\n"
            f'curl {api.origin}/protected/orders?limit=10 -H "Authorization: Bearer $ACCESS_TOKEN"'
        )
        page = await empty_studio.open("/connectors")
        await page.get_by_role("link", name="Paste a curl command").click()
        await page.get_by_label("Command").fill(command)
        await expect(page.get_by_label("Preview")).to_contain_text("OAuth")
        await page.get_by_label("Name").fill("Orders")
        await page.get_by_role("button", name="Create connector").click()
        await page.wait_for_url("**/connectors/orders")
        assert "200" in await run_test(page)
        empty_studio.gateway.settle()
        answer = empty_studio.gateway.call("orders")
        assert answer.status == 200, answer.body
        assert answer.json["query"] == [["limit", "10"]]


async def test_a_jwt_that_an_api_verifies_by_the_published_key(empty_studio: RunningStudio) -> None:
    """A key pair made here; the API fetches the JWKS of the data plane, as it would anywhere."""
    gateway = empty_studio.gateway

    def verifies(token: str) -> bool:
        keys = exchange(gateway.port, "GET", "/.well-known/jwks.json").json
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["ES256"]).claims
        except (JoseError, ValueError):
            return False
        return claims["sub"] == "sealgate-reports"

    with FakeApi(accepts=verifies) as api:
        page = await empty_studio.open("/connectors")
        await page.get_by_role("link", name="Secrets").click()
        await page.get_by_role("link", name="Generate a key pair").click()
        await page.get_by_label("Name of the secret").fill("reports_key")
        await page.get_by_label("Algorithm").select_option("ES256")
        await page.get_by_role("button", name="Generate", exact=True).click()
        await page.get_by_role("heading", name="Key pair").wait_for()
        kid = await page.get_by_text("key_id('reports_key')", exact=False).first.inner_text()

        await page.get_by_role("link", name="Connectors", exact=True).click()
        await page.get_by_role("link", name="Empty connector").click()
        await name_the_connector(page, "Reports", f"{api.origin}/protected/reports")
        await choose_authentication(page, "jwt", "claims")
        await page.get_by_label("Insert a secret into Private Key").select_option("reports_key")
        await page.locator("#editor").get_by_role("combobox", name="Algorithm").fill("ES256")
        await write(page, "Claims", json.dumps({"sub": "sealgate-reports", "exp": "{{ now(60) }}"}))
        await write(page, "JWT Headers", json.dumps({"kid": kid}))
        await page.get_by_role("button", name="Create", exact=True).click()
        await page.wait_for_url("**/connectors/reports")
        assert "401" in await run_test(page)  # nobody can verify it yet

        await page.get_by_role("link", name="Secrets").click()
        await page.get_by_role("link", name="reports_key").click()
        await page.get_by_role("button", name="Publish the public key").click()
        await page.get_by_text("/.well-known/jwks.json").first.wait_for()
        gateway.settle()
        await page.get_by_role("link", name="Connectors", exact=True).click()
        await page.get_by_role("link", name="Reports").click()
        assert "200" in await run_test(page)
        await expect(page.locator("#trial-result")).to_contain_text("sealgate-reports")
        assert gateway.call("reports").status == 200


async def test_a_registry_file_with_two_faults(empty_studio: RunningStudio) -> None:
    """Both are shown, nothing is changed, the file is corrected in its field, a connector of it is called."""
    gateway = empty_studio.gateway
    with FakeApi() as api:
        good = {"name": "Tickets", "permalink": "tickets", "url": f"{api.origin}/tickets"}
        bad = {"name": "Ticket", "permalink": "Not A Permalink", "url": "ftp://help.example.com/ticket"}
        page = await empty_studio.open("/connectors")
        await page.get_by_role("link", name="Import a registry file").click()
        await write(page, "Registry file", json.dumps({"connectors": [good, bad]}))
        await page.get_by_role("button", name="Apply").click()
        outcome = page.get_by_role("region", name="Outcome")
        await expect(outcome.get_by_role("heading", name="2 faults")).to_be_visible()
        for path in ("connectors.1.permalink", "connectors.1.url"):
            await expect(outcome.get_by_role("button", name=path)).to_be_visible()
        await assert_accessible(page)
        assert gateway.call("tickets").status == 404

        fixed = {**bad, "permalink": "ticket", "url": f"{api.origin}/ticket"}
        await write(page, "Registry file", json.dumps({"connectors": [good, fixed]}))
        await expect(outcome.get_by_role("heading", name="To be created")).to_be_visible()
        await page.get_by_role("button", name="Apply").click()
        await outcome.get_by_role("heading", name="Applied").wait_for()
        gateway.settle()
        assert [gateway.call(permalink).status for permalink in ("tickets", "ticket")] == [200, 200]
