"""Whom a test and the preview act as is one choice; a test opened from a run is filled with its call."""

from __future__ import annotations

from typing import Any

import pytest
from demo_operations import wait_for_run
from gateway import Gateway
from playwright.async_api import expect
from running_studio import RunningStudio

from sealgate.stores.run_ports import RecordedRun, RunHead
from sealgate.testing import FakeApi
from sealgate.web.studio.sections.trial_of_run import form_of_run, path_values


@pytest.fixture(scope="module")
def gateway(filled_gateway: Gateway) -> Gateway:
    return filled_gateway


def save(gateway: Gateway, permalink: str, **document: Any) -> None:
    answer = gateway.admin("PUT", f"/api/v1/connectors/{permalink}", {"name": permalink, **document})
    assert answer.status in (200, 201), answer.body
    gateway.settle()


async def test_the_preview_is_rendered_as_whom_the_test_acts(
    studio: RunningStudio, gateway: Gateway, api: FakeApi
) -> None:
    save(gateway, "acting", url=f"{api.origin}/of/{{{{ user.email }}}}")
    page = await studio.open("/connectors/acting")
    preview = page.locator("#preview")
    await expect(preview).to_contain_text("/of/ada%40example.com")
    await page.get_by_role("link", name="Act as someone else").click()
    await page.locator("#trial-user").get_by_label("Email").fill("grace@example.com")
    await expect(preview).to_contain_text("/of/grace%40example.com")
    await expect(page.locator("#preview-who")).to_have_text("grace@example.com")
    await page.keyboard.press("Control+Enter")
    await page.locator("#trial-result .explained").wait_for()
    assert api.requests[-1].target == "/of/grace%40example.com"
    await page.get_by_label("Anonymous").check()
    await expect(page.locator("#preview-who")).to_have_text("nobody who is signed in")
    await page.reload()
    await expect(page.get_by_label("Anonymous")).to_be_checked()
    await expect(page.locator("#preview-who")).to_have_text("nobody who is signed in")


async def test_a_test_opened_from_a_run_repeats_its_call(
    studio: RunningStudio, gateway: Gateway, api: FakeApi
) -> None:
    gateway.secret("acting_key", "canary-acting-key-4471")
    save(
        gateway,
        "acting-run",
        url=f"{api.origin}/orders/{{{{ pathParams.id }}}}",
        path_parameters=[{"key": "id"}],
        headers=[{"key": "X-Shop", "value": "1", "overridable": True}, {"key": "X-Fixed", "value": "2"}],
        query_parameters=[{"key": "fixed", "value": "3"}],
        authentication={
            "type": "api_key",
            "config": {"key": "key", "in": "query", "value": "{{ get_secret('acting_key') }}"},
        },
    )
    headers = {"X-Path-Params": "id=a.7", "X-Shop": "9"}
    user = {"sub": "grace-1", "email": "grace@example.com"}
    answer = gateway.call("acting-run", query="q=a%20b&q=2", headers=headers, user=user)
    request_id = wait_for_run(gateway, answer)
    page = await studio.open(f"/runs/{request_id}")
    first = api.requests[-1]
    await page.get_by_role("link", name="Test connection").click()
    await expect(page.locator(".trial-called")).to_contain_text("only the id is kept")
    await expect(page.locator("#trial-user").get_by_label("Id", exact=False).first).to_have_value("grace-1")
    await page.keyboard.press("Control+Enter")
    await page.locator("#trial-result .explained").wait_for()
    again = api.requests[-1]
    assert again is not first
    assert again.target.replace("+", "%20") == first.target.replace("+", "%20")
    assert (again.header("X-Shop"), again.header("X-Fixed")) == ("9", "2")


@pytest.mark.parametrize(
    ("template", "called", "expected"),
    [
        ("https://a.example/x/{{ pathParams.id }}", "https://a.example/x/7", {"id": "7"}),
        (
            "https://a.example/{{pathParams.a}}/{{pathParams.b}}?q=1",
            "https://a.example/1/2",
            {"a": "1", "b": "2"},
        ),
        ("https://{{ get_variable('h') }}/x/{{ pathParams.id }}", "https://b.example/x/7", {"id": "7"}),
        ("https://a.example/{{pathParams.a}}/{{pathParams.a}}", "https://a.example/1/1", {"a": "1"}),
        ("https://a.example/{{pathParams.a}}/{{pathParams.a}}", "https://a.example/1/2", {}),
        ("https://a.example/{% if user.id %}{{pathParams.a}}{% endif %}", "https://a.example/1", {}),
        ("https://a.example/(x)+{{ pathParams.id }}", "https://a.example/other/7", {}),
        ("https://a.example/x", "https://a.example/x", {}),
    ],
)
def test_path_parameters_are_read_back(template: str, called: str, expected: dict[str, str]) -> None:
    assert path_values({"url": template}, called) == expected


def test_what_came_from_a_secret_is_left_out() -> None:
    head = RunHead("r", "x", 0.0, "GET", 200, None, "succeeded", 1.0, 1.0, False, None, None, None, None)
    request = {
        "url": "https://a.example/x?a=$KEY&b=%5Bredacted%5D&c=1",
        "headers": {"X-A": "Bearer $KEY", "X-B": "2"},
    }
    document = {
        "url": "https://a.example/x",
        "headers": [{"key": "X-A", "overridable": True}, {"key": "X-B", "overridable": True}],
    }
    form = form_of_run(document, RecordedRun("default", head, {"request": request}))
    assert form.rows("trial-query") == [{"key": "c", "value": "1"}]
    assert form.rows("trial-headers") == [{"key": "X-B", "value": "2"}]
    assert form.get("trial-as") == "anonymous"
