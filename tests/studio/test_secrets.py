"""Secrets and key pairs in Studio: values go in, are not in a page again, and are not lost by a fault."""

from __future__ import annotations

import json
import re

import pytest
from accessibility import assert_accessible
from gateway import Answer, exchange
from playwright.async_api import Page
from running_studio import RunningStudio
from test_signing_in import csrf_of, post, signed_in

from sealgate.auth.key_pairs import KEY_PAIR_ALGORITHMS
from sealgate.testing import keys
from sealgate.web.studio.sections.public_keys import ALGORITHMS

VALUE = "typed-canary-8d2f4c6b1e90"
REPLACED = "typed-canary-second-55aa1c07"


def canary(studio: RunningStudio, *values: str) -> None:
    """From now on no answer may have them."""
    studio.gateway.canaries |= set(values)


def listed(studio: RunningStudio) -> dict[str, dict[str, str]]:
    """The JWKS of the data plane, by `kid`."""
    answer = exchange(studio.gateway.port, "GET", "/.well-known/jwks.json")
    return {key["kid"]: key for key in answer.json["keys"]}


def connector(
    studio: RunningStudio, permalink: str, header: str, url: str = "https://a.example.com/"
) -> None:
    document = {"name": permalink, "url": url, "headers": [{"key": "X-Key", "value": header}]}
    answer = studio.gateway.admin("PUT", f"/api/v1/connectors/{permalink}", document)
    assert answer.status in (200, 201), answer.body


async def assert_kept_nowhere(page: Page, *values: str) -> None:
    """Neither in the page, its address, its fields, what the browser keeps for it, nor its history."""
    stored = await page.evaluate(
        """() => JSON.stringify([location.href, document.documentElement.outerHTML, {...localStorage},
        {...sessionStorage}, document.cookie, history.state,
        [...document.querySelectorAll("input, textarea")].map((field) => field.value)])"""
    )
    stored += json.dumps(await page.context.storage_state())
    for value in values:
        assert value not in stored


async def create(page: Page, name: str, value: str, *hosts: str) -> None:
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Value", exact=True).fill(value)
    for index, host in enumerate(hosts):
        if index:
            await page.get_by_role("button", name="Add a host").click()
        await page.get_by_label("Host", exact=True).nth(index).fill(host)
    await page.get_by_role("button", name="Store the secret").click()


async def test_a_secret_is_stored_replaced_and_deleted(studio: RunningStudio) -> None:
    canary(studio, VALUE, REPLACED)
    page = await studio.open("/secrets")
    await page.get_by_role("link", name="New secret").click()
    await create(page, "typed", f"{VALUE}\n", "API.example.com", "*.example.org")
    await page.wait_for_url("**/secrets/typed")
    await page.get_by_text("The secret typed is stored").wait_for()
    assert await page.get_by_label("Host", exact=True).nth(0).input_value() == "api.example.com"
    await assert_kept_nowhere(page, VALUE)
    first = studio.gateway.admin("GET", "/api/v1/secrets/typed").json
    assert first["allowed_hosts"] == ["api.example.com", "*.example.org"]
    assert first["updated_by"].startswith("studio:")
    await page.get_by_role("link", name="Replace value").click()
    await page.get_by_label("New value").fill(REPLACED)
    await page.get_by_role("button", name="Replace the value").click()
    await page.get_by_text("typed has a new value: version 2").wait_for()
    second = studio.gateway.admin("GET", "/api/v1/secrets/typed").json
    assert (second["version"], second["allowed_hosts"]) == (2, first["allowed_hosts"])
    history = await page.locator("#secret-history li").all_text_contents()
    assert len(history) == 3 and "Version 2" in history[0] and "in force" in history[0]
    await page.go_back()
    await assert_kept_nowhere(page, VALUE, REPLACED)
    await page.goto(f"{studio.origin}/secrets/typed")
    await page.get_by_role("link", name="Delete").click()
    await page.get_by_text("Nothing uses it").wait_for()
    await page.get_by_role("button", name="Delete the secret").click()
    await page.get_by_text("The secret typed is deleted").wait_for()
    assert studio.gateway.admin("GET", "/api/v1/secrets/typed").status == 404
    await assert_kept_nowhere(page, VALUE, REPLACED)


async def test_the_one_line_end_of_a_copied_value_is_left_out(studio: RunningStudio) -> None:
    page = await studio.open("/secrets/new-secret")
    value = page.get_by_label("Value", exact=True)
    await value.fill("plain")
    assert await page.locator("#f-value-note").inner_text() == ""
    await value.fill("lines\nof a value\n")
    assert "The line end after the value is left out" in await page.locator("#f-value-note").inner_text()
    await value.fill(" blank")
    assert "is it a part of the value?" in await page.locator("#f-value-note").inner_text()
    fingerprints = {}
    for name, text in {"ends_one": "lines\nof a value\n", "ends_two": "lines\nof a value\n\n"}.items():
        await page.goto(f"{studio.origin}/secrets/new-secret")
        await create(page, name, text)
        await page.wait_for_url(f"**/secrets/{name}")
    studio.gateway.secret("ends_none", "lines\nof a value")
    for secret in studio.gateway.admin("GET", "/api/v1/secrets").json["secrets"]:
        fingerprints[secret["name"]] = secret["fingerprint"]
    assert fingerprints["ends_one"] == fingerprints["ends_none"] != fingerprints["ends_two"]


async def test_a_fault_keeps_what_was_typed_and_does_not_send_it_back(studio: RunningStudio) -> None:
    canary(studio, VALUE)
    studio.gateway.secret("taken", "canary-taken-41bd09")
    page = await studio.open("/secrets/new-secret")
    await page.get_by_role("button", name="Show").click()
    await create(page, "no-name", VALUE, "api.example.com", "a b")
    await page.get_by_text("cannot be a name").wait_for()
    assert await page.locator("[data-row] .error").count() == 1
    assert await page.get_by_label("Value", exact=True).input_value() == VALUE
    assert await page.evaluate("document.activeElement.name") == "name"
    await assert_accessible(page)
    await page.get_by_label("Name", exact=True).fill("taken")
    await page.get_by_label("Host", exact=True).nth(1).fill("b.example.com")
    await page.get_by_role("button", name="Store the secret").click()
    await page.get_by_text("There is a secret 'taken' already").wait_for()
    assert studio.gateway.admin("GET", "/api/v1/secrets/taken").json["version"] == 1
    await page.get_by_label("Name", exact=True).fill("kept_value")
    await page.get_by_role("button", name="Store the secret").click()
    await page.wait_for_url("**/secrets/kept_value")


async def test_a_value_is_masked_until_it_is_asked_for(studio: RunningStudio) -> None:
    page = await studio.open("/secrets/billing_key/value")
    value = page.get_by_label("New value")
    drawn = "getComputedStyle(document.querySelector('#f-value')).webkitTextSecurity"
    assert (await value.input_value(), await page.evaluate(drawn)) == ("", "disc")
    await page.get_by_role("button", name="Show").press("Enter")
    assert await page.evaluate(drawn) == "none"
    await page.get_by_role("button", name="Hide").press("Enter")
    assert await page.evaluate(drawn) == "disc"


async def test_what_is_used_is_deleted_only_when_one_says_so(studio: RunningStudio) -> None:
    studio.gateway.secret("used_twice", "canary-used-twice-11c0ffee")
    connector(studio, "uses-one", "{{ get_secret('used_twice') }}")
    connector(studio, "uses-two", "{{ get_secret('used_twice') }}")
    page = await studio.open("/secrets?q=used_twice")
    await page.get_by_text("2 connectors").click()
    link = page.get_by_role("link", name="uses-one")
    assert await link.get_attribute("href") == "/connectors/uses-one#f-headers-0-value"
    await page.get_by_role("link", name="used_twice").click()
    await page.get_by_role("link", name="Delete").click()
    await page.get_by_role("button", name="Delete the secret").click()
    await page.get_by_text("Nothing was deleted").wait_for()
    assert await page.locator(".use").all_inner_texts() == [
        "uses-one headers.0.value",
        "uses-two headers.0.value",
    ]
    assert studio.gateway.admin("GET", "/api/v1/secrets/used_twice").status == 200
    await page.get_by_label("Delete it although it is in use").check()
    await page.get_by_role("button", name="Delete the secret").click()
    await page.get_by_text("The secret used_twice is deleted").wait_for()
    assert studio.gateway.admin("GET", "/api/v1/secrets/used_twice").status == 404
    for permalink in ("uses-one", "uses-two"):
        studio.gateway.admin("DELETE", f"/api/v1/connectors/{permalink}")


async def test_a_computed_name_could_be_any(studio: RunningStudio) -> None:
    studio.gateway.secret("key_one", "canary-key-one-77b1c4")
    connector(studio, "computes", "{{ get_secret('key_' ~ 'one') }}")
    page = await studio.open("/secrets/key_one")
    await page.get_by_role("heading", name="Could be any secret").wait_for()
    await page.get_by_role("link", name="Delete").click()
    await page.get_by_role("button", name="Delete the secret").click()
    await page.get_by_text("Nothing was deleted").wait_for()
    await page.goto(f"{studio.origin}/secrets?state=unused")
    await page.get_by_text("1 place could use any of them").click()
    assert await page.get_by_role("link", name="computes").is_visible()
    studio.gateway.admin("DELETE", "/api/v1/connectors/computes")
    await page.goto(f"{studio.origin}/secrets/key_one/delete")
    await page.get_by_role("button", name="Delete the secret").click()
    await page.get_by_text("The secret key_one is deleted").wait_for()


async def test_hosts_change_without_the_value(studio: RunningStudio) -> None:
    studio.gateway.secret("hosted", "canary-hosted-90ffe1")
    connector(studio, "sends-it", "{{ get_secret('hosted') }}")
    page = await studio.open("/secrets/hosted")
    save = page.get_by_role("button", name="Save hosts")
    await page.get_by_label("Host", exact=True).fill("b.example.com")
    await save.click()
    await page.get_by_text("the connector 'sends-it' uses it").wait_for()
    await assert_accessible(page)
    await page.get_by_label("Host", exact=True).fill("*.example.com")
    await save.click()
    await page.get_by_text("The allowed hosts are saved").wait_for()
    shown = studio.gateway.admin("GET", "/api/v1/secrets/hosted").json
    assert (shown["allowed_hosts"], shown["version"]) == (["*.example.com"], 1)
    newest, first = await page.locator("#secret-history li").all_text_contents()
    assert "may go to *.example.com" in newest and "studio:" in newest
    assert "Version 1" in first
    await assert_accessible(page)
    studio.gateway.admin("DELETE", "/api/v1/connectors/sends-it")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=BILLING", ["billing_key"]),
        ("q=weather admin-token", ["weather_key"]),
        ("state=published&q=reporting", ["reporting_private_key"]),
        ("state=unused&q=weather", []),
    ],
)
async def test_secrets_are_found(studio: RunningStudio, query: str, found: list[str]) -> None:
    page = await studio.open(f"/secrets?{query}")
    assert await page.locator(".row-link").all_inner_texts() == found


async def test_a_key_pair_is_made_published_renewed_and_withdrawn(studio: RunningStudio) -> None:
    page = await studio.open("/secrets/new-key-pair")
    await page.get_by_label("Name of the secret").fill("made_here")
    await page.get_by_label("Algorithm").select_option("ES256")
    assert await page.get_by_label("Size of an RSA key").is_hidden()
    await page.get_by_role("button", name="Generate").click()
    await page.get_by_text("The key pair made_here is made").wait_for()
    assert not [kid for kid in listed(studio) if kid == await shown_kid(page)]
    assert "BEGIN PUBLIC KEY" in await page.get_by_label("Public key as PEM", exact=True).inner_text()
    assert "PRIVATE KEY--" not in await page.content()
    await page.get_by_role("button", name="Publish the public key").click()
    await page.get_by_text("The public key is published").wait_for()
    first = await shown_jwk(page)
    studio.gateway.settle()
    assert listed(studio)[first["kid"]] == first and "d" not in first
    address = f"http://127.0.0.1:{studio.gateway.port}/.well-known/jwks.json"
    assert await page.get_by_text(address).is_visible()
    await assert_accessible(page)
    await page.get_by_text("Generate a new key").click()
    await page.get_by_role("button", name="Generate and use it").click()
    await page.get_by_text("made_here signs with a new key: version 2").wait_for()
    second = await shown_jwk(page)
    studio.gateway.settle()
    assert first["kid"] != second["kid"] and {first["kid"], second["kid"]} <= set(listed(studio))
    await page.get_by_role("button", name="Withdraw the public key").click()
    await page.get_by_text("The public key is withdrawn").wait_for()
    studio.gateway.settle()
    assert not {first["kid"], second["kid"]} & set(listed(studio))


async def shown_kid(page: Page) -> str:
    return (await shown_jwk(page))["kid"]


async def shown_jwk(page: Page) -> dict[str, str]:
    await page.get_by_role("tab", name="JWK").click()
    return json.loads(await page.get_by_label("Public key as JWK", exact=True).inner_text())


async def test_the_snippet_signs_and_is_verified_by_the_jwks(studio: RunningStudio) -> None:
    """What the page says to put into a connector can be put into one."""
    page = await studio.open("/secrets/reporting_private_key")
    snippet = json.loads(await page.get_by_label("Authentication of a connector", exact=True).inner_text())
    document = {"name": "signs", "url": "https://reports.example.com/", **snippet}
    answer = studio.gateway.admin("PUT", "/api/v1/connectors/signs", document)
    assert answer.status == 201, answer.body
    studio.gateway.admin("DELETE", "/api/v1/connectors/signs")
    kid = snippet["authentication"]["config"]["jwt_headers"]["kid"]
    assert kid == "{{ key_id('reporting_private_key') }}"


async def test_an_rsa_key_from_elsewhere_says_what_it_is_for_when_it_is_published(
    studio: RunningStudio,
) -> None:
    pem = keys.rsa_key().private_pem
    canary(studio, pem)
    page = await studio.open("/secrets/new-secret")
    await create(page, "brought", pem)
    await page.get_by_text("any of RSA").wait_for()
    await page.locator("#key-pair form").get_by_label("Algorithm").first.select_option("PS384")
    await page.get_by_role("button", name="Publish the public key").click()
    await page.get_by_text("The public key is published").wait_for()
    assert (await shown_jwk(page))["alg"] == "PS384"
    await page.get_by_role("link", name="Replace value").click()
    await page.get_by_label("New value").fill(VALUE)
    await page.get_by_role("button", name="Replace the value").click()
    await page.get_by_text("withdraw its public key first").wait_for()
    assert await page.get_by_label("New value").input_value() == VALUE


def test_every_algorithm_is_explained() -> None:
    assert set(ALGORITHMS) == set(KEY_PAIR_ALGORITHMS)


async def test_who_may_only_read_sees_no_button(studio: RunningStudio) -> None:
    for path in ("/secrets", "/secrets/reporting_private_key", "/secrets/billing_key"):
        page = await studio.open(path, options=("--scope", "read"))
        assert not await page.locator("main form[method=post]").count()
        assert not await page.locator(
            "main a[href*='new-'], main a[href$='/value'], main a[href$='/delete']"
        ).count()


WRITES = [
    ("/secrets/new-secret", {"name": "forbidden", "value": VALUE}),
    ("/secrets/new-key-pair", {"name": "forbidden", "algorithm": "ES256"}),
    ("/secrets/billing_key/value", {"value": VALUE}),
    ("/secrets/billing_key/allowed-hosts", {}),
    ("/secrets/billing_key/delete", {"although_used": "true"}),
    ("/secrets/reporting_private_key/key-pair", {"algorithm": "RS256"}),
    ("/secrets/reporting_private_key/public-key", {"published": "false"}),
]


@pytest.mark.parametrize(("path", "fields"), WRITES)
def test_who_may_only_read_is_refused(filled_gateway, path, fields):
    cookie = signed_in(filled_gateway, "--scope", "read", "--scope", "write")
    csrf = csrf_of(filled_gateway, cookie)
    before = filled_gateway.admin("GET", "/api/v1/secrets").json
    answer = post(filled_gateway, path, {"csrf": csrf, **fields}, Cookie=cookie)
    assert answer.status == 403 and b"without the scope `secrets`" in answer.body
    assert VALUE.encode() not in answer.body
    assert filled_gateway.admin("GET", "/api/v1/secrets").json == before


def submit(gateway, path: str, **fields: str) -> Answer:
    """As a browser without scripts does."""
    cookie = signed_in(gateway)
    return post(gateway, path, {"csrf": csrf_of(gateway, cookie), **fields}, Cookie=cookie)


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/secrets/new-secret", {"name": "a-b"}, 422),
        ("/secrets/new-secret", {"name": "weather_key"}, 422),
        ("/secrets/new-secret", {"name": "region"}, 422),
        ("/secrets/new-secret", {"name": "fine", "allowed_hosts.0.host": "a b"}, 422),
        ("/secrets/new-secret", {"name": "x" * 300, "csrf": "wrong"}, 403),
        ("/secrets/nothing_here/value", {}, 404),
        ("/secrets/reporting_private_key/value", {}, 422),
    ],
)
def test_no_answer_to_a_fault_has_the_value(filled_gateway, path, fields, status):
    answer = submit(filled_gateway, path, value=VALUE, **fields)
    assert (answer.status, VALUE.encode() in answer.body) == (status, False)


def test_without_a_script_a_secret_is_stored_and_deleted(filled_gateway):
    answer = submit(filled_gateway, "/secrets/new-secret", name="scriptless", value="v\r\nw\r\n")
    assert (answer.status, answer.header("location")) == (303, "/secrets/scriptless")
    answer = submit(filled_gateway, "/secrets/scriptless/allowed-hosts", **{"allowed_hosts.0.host": "a b"})
    assert answer.status == 422 and re.search(rb'class="error"[^>]*>[^<]', answer.body)
    assert submit(filled_gateway, "/secrets/scriptless/delete").status == 303
