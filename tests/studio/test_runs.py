"""A call that failed is found by its request id and explained; runs are filtered; bodies are kept."""

from __future__ import annotations

import json
import secrets

import pytest
from accessibility import assert_accessible
from demo_operations import TENANT, admin, wait_for_run
from playwright.async_api import Page
from running_studio import RunningStudio

from sealgate.testing import FakeApi

OPTIONS = ("--tenant", TENANT)
RUNS = f"/t/{TENANT}/runs"
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
PASTED = ["{}", " '{}' ", '"request_id": "{}",', "X-Request-ID: {}\r\n", "failed ({}) at 12:00"]


def connector(studio: RunningStudio, permalink: str, url: str, **more: object) -> None:
    document = {"name": permalink, "permalink": permalink, "url": url, **more}
    admin(studio.gateway, "PUT", f"/connectors/{permalink}", document)
    studio.gateway.settle()


async def statuses(page: Page) -> list[str]:
    return await page.locator("#run-list tbody tr .badge").all_inner_texts()


async def test_the_id_of_a_failed_call_leads_to_why(studio: RunningStudio, api: FakeApi) -> None:
    key = secrets.token_hex(20)
    studio.gateway.canaries.add(key)
    admin(studio.gateway, "PUT", "/secrets/wrong_key", {"value": key})
    config = {"key": "X-Key", "value": "{{ get_secret('wrong_key') }}"}
    connector(
        studio, "refused", f"{api.origin}/status/401", authentication={"type": "api_key", "config": config}
    )
    answer = studio.gateway.call("refused", query=f"key={key}", tenant=TENANT)
    assert answer.status == 401
    request_id = wait_for_run(studio.gateway, answer, TENANT)
    for pasted in PASTED:
        page = await studio.open(RUNS, options=OPTIONS)
        await page.keyboard.press("/")
        await page.keyboard.insert_text(pasted.format(request_id).strip())
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/runs/{request_id}")
    await page.get_by_text("The API refused the key").wait_for()
    assert await page.get_by_text("$WRONG_KEY", exact=True).first.is_visible()
    link = page.get_by_role("link", name="Test connection")
    assert await link.get_attribute("href") == f"/t/{TENANT}/connectors/refused/test?run={request_id}"
    assert await page.get_by_role("heading", name="Bodies", exact=True).count() == 0
    await assert_accessible(page)


async def test_pasting_opens_at_once(studio: RunningStudio) -> None:
    runs = admin(studio.gateway, "GET", "/runs?limit=1").json["runs"]
    page = await studio.open(RUNS, options=OPTIONS)
    await page.get_by_role("searchbox", name="Request id").evaluate(
        """(field, text) => { field.focus(); field.value = text;
           field.dispatchEvent(new ClipboardEvent("paste", {bubbles: true})); }""",
        f"'{runs[0]['request_id']}'",
    )
    await page.wait_for_url(f"**/runs/{runs[0]['request_id']}")


async def test_what_is_no_request_id_is_said(studio: RunningStudio) -> None:
    page = await studio.open(f"{RUNS}/open?request_id=weather", options=OPTIONS)
    assert await page.get_by_text("There is no request id in that text").is_visible()


async def test_a_run_that_is_not_kept_says_why_it_may_be(studio: RunningStudio) -> None:
    page = await studio.open(f"{RUNS}/00000000-0000-4000-8000-000000000000", options=OPTIONS)
    assert await page.get_by_text("it was not sampled").is_visible()
    assert await page.get_by_text("10,000 are kept").is_visible()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("connector=invoice", {"200"}),
        ("connector=stock&status=401", {"401"}),
        ("connector=stock&status=5xx", {"503"}),
        ("connector=stock&outcome=failed&last=24h", {"401", "503"}),
        ("code=CONNECTOR_NOT_FOUND&connector=invioce", {"404"}),
        ("connector=orders&user=ada-7", {"200"}),
        ("connector=orders&user=nobody", set()),
        ("connector=orders&until=2020-01-01T00:00", set()),
        ("connector=orders&since=2020-01-01T00:00", {"200"}),
        ("connector=orders&since=2020-01-01T00:00:00%2B01:00", {"200"}),
    ],
)
async def test_filters(studio: RunningStudio, query: str, shown: set[str]) -> None:
    page = await studio.open(f"{RUNS}?{query}", options=OPTIONS)
    assert set(await statuses(page)) == shown


async def test_the_address_follows_the_filters(studio: RunningStudio) -> None:
    page = await studio.open(RUNS, options=OPTIONS)
    await page.get_by_label("Connector").fill("stock")
    await page.get_by_label("Status").fill("4xx")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**connector=stock&status=4xx*")
    await page.locator("#run-list").wait_for()
    assert set(await statuses(page)) == {"401"}
    await page.reload()
    assert await page.get_by_label("Status").input_value() == "4xx"
    assert set(await statuses(page)) == {"401"}


async def test_a_filter_that_does_not_work_says_which_and_why(studio: RunningStudio) -> None:
    page = await studio.open(RUNS, options=OPTIONS)
    await page.get_by_label("Status").fill("abc")
    await page.keyboard.press("Enter")
    await page.get_by_text("is a status such as 404").wait_for()
    assert await page.get_by_text("These filters do not work").is_visible()


async def test_older_runs_are_a_page_away(studio: RunningStudio, api: FakeApi) -> None:
    connector(studio, "many", f"{api.origin}/x")
    # A worker records fifty successes at once, then ten a second: failures have a budget of their own.
    for path in ["many"] * 30 + ["many-not-there"] * 10:
        last = studio.gateway.call(path, tenant=TENANT)
    wait_for_run(studio.gateway, last, TENANT)
    page = await studio.open(RUNS, options=OPTIONS)
    before = await page.locator("#run-list tbody tr").count()
    assert before == 50
    first = await page.locator(".row-link").first.get_attribute("href")
    await page.get_by_role("link", name="Older").click()
    await page.wait_for_url("**cursor=*")
    await page.get_by_role("link", name="Newest").wait_for()
    links = await page.locator(".row-link").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    assert links and first not in links
    await page.reload()
    assert await page.get_by_role("link", name="Newest").is_visible()


async def test_bodies_are_kept_while_it_is_switched_on(studio: RunningStudio, api: FakeApi) -> None:
    connector(studio, "bodies", f"{api.origin}/echo", method="POST", request_body="{{ body_text }}")
    body = json.dumps({"hostile": HOSTILE}).encode()
    page = await studio.open(f"{RUNS}?connector=bodies", options=OPTIONS)
    await page.get_by_text("Keep bodies for a time").click()
    assert await page.get_by_text("Bodies hold what users send and get.").is_visible()
    await page.get_by_role("button", name="For 15 minutes").click()
    await page.get_by_text("It ends in 14 min").wait_for()
    await assert_accessible(page)
    studio.gateway.settle()
    kept = wait_for_run(
        studio.gateway, studio.gateway.call("bodies", "POST", body=body, tenant=TENANT), TENANT
    )
    await page.get_by_role("button", name="Stop now").click()
    await page.get_by_text("are not kept with its runs").wait_for()
    studio.gateway.settle()
    later = wait_for_run(
        studio.gateway, studio.gateway.call("bodies", "POST", body=body, tenant=TENANT), TENANT
    )
    await page.goto(f"{studio.origin}{RUNS}/{kept}")
    sent = page.get_by_role("region", name="Body that the caller sent")
    assert await sent.inner_text() == body.decode()
    assert "hostile" in await page.get_by_role("region", name="Body of the reply").inner_text()
    await assert_accessible(page)
    await page.goto(f"{studio.origin}{RUNS}/{later}")
    assert await page.get_by_role("heading", name="Bodies", exact=True).count() == 0


async def test_who_may_only_read_cannot_keep_bodies(studio: RunningStudio) -> None:
    page = await studio.open(f"{RUNS}?connector=orders", options=(*OPTIONS, "--scope", "read"))
    assert await page.get_by_text("are not kept with its runs").is_visible()
    assert await page.get_by_text("Keep bodies for a time").count() == 0


async def test_what_callers_chose_is_text(studio: RunningStudio, api: FakeApi) -> None:
    connector(studio, "hostile", f"{api.origin}/x?v={{{{ get_variable('nowhere') }}}}")
    user = {"sub": HOSTILE, "tenant": TENANT}
    headers = {"Origin": f"https://{HOSTILE}"}
    answer = studio.gateway.call("hostile", query="a=%3Cb%3E", user=user, headers=headers, tenant=TENANT)
    wait_for_run(studio.gateway, answer, TENANT)
    missing = studio.gateway.call("%3Cimg%20src=x%20onerror=alert(1)%3E", user=user, tenant=TENANT)
    wait_for_run(studio.gateway, missing, TENANT)
    page = await studio.open(RUNS, options=OPTIONS)
    assert await page.get_by_text(HOSTILE).first.is_visible()
    for request_id in (answer.header("X-Request-ID"), missing.header("X-Request-ID")):
        assert await page.locator("main img, main script").count() == 0
        await page.goto(f"{studio.origin}{RUNS}/{request_id}")
        assert await page.get_by_text(HOSTILE).first.is_visible()
    assert await page.locator("main img, main script").count() == 0
    await assert_accessible(page)


async def test_the_list_of_connectors_shows_how_their_last_runs_went(studio: RunningStudio) -> None:
    page = await studio.open(f"/t/{TENANT}/connectors", options=OPTIONS)
    row = page.locator("tr", has_text="Stock of all shops")
    label = await row.get_by_role("img").get_attribute("aria-label")
    assert label is not None and label.startswith("The last 14 runs: 4 failed; typically")
    assert await row.locator(".spark-warn").count() == 3 and await row.locator(".spark-bad").count() == 1
    assert await page.locator("tr", has_text="Never called").locator("svg").count() == 0
    await row.get_by_role("link", name="The last 14 runs").click()
    await page.wait_for_url("**/runs?connector=stock")
