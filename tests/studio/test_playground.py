"""Templates are tried under the guards of their field; the reference is at hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from accessibility import assert_accessible
from playwright.async_api import Page
from running_studio import RunningStudio

OUTPUT = "#output"


async def play(page: Page, template: str, *, field: str = "", sample: Any = None) -> str:
    """Write them as one does, and give what is then shown."""
    await page.locator("#play .cm-content").nth(1).wait_for()
    if field:
        await page.get_by_label("Field").select_option(field)
    texts = {"template": template} if sample is None else {"sample": json.dumps(sample), "template": template}
    async with page.expect_response(
        lambda answer: answer.request.method == "POST" and template in form_of(answer)["template"]
    ):
        for name, text in texts.items():
            await page.evaluate(
                "([name, text]) => document.getElementById(`f-${name}`).closest('code-editor').value = text",
                [name, text],
            )
    await page.wait_for_load_state("networkidle")
    return await page.locator(OUTPUT).inner_text()


def form_of(answer: Any) -> dict[str, str]:
    return answer.request.post_data_json or {"template": ""}


@pytest.mark.parametrize(
    ("field", "template", "sample", "words"),
    [
        ("header", "Hello {{ user.first_name }}", {"user": {"sub": "7", "given_name": "Ada"}}, "Hello Ada"),
        ("header", "Bearer {{ get_secret('k') }}", {}, "Bearer [k]"),
        (
            "url",
            "https://a.example/{{ pathParams.x }}",
            {"path_params": {"x": "a/b"}},
            "https://a.example/a%2Fb",
        ),
        ("query", "{{ get_variable('v') }}", {"variables": {"v": "one"}}, "one"),
        ("request_body", '{"n": "{{ body_text }}"}', {"body": 'a"b'}, '{"n": "a\\"b"}'),
        ("request_body", "{{ (body_text | from_json).a }}", {"body": {"a": [1]}}, "[1]"),
        ("response_body", "<b>{{ response.body }}</b>", {"response_body": "<i>"}, "<b>&lt;i&gt;</b>"),
    ],
)
async def test_the_output_is_that_of_the_field(
    studio: RunningStudio, field: str, template: str, sample: Any, words: str
) -> None:
    page = await studio.open("/playground")
    assert words in await play(page, template, field=field, sample=sample)
    assert await page.locator("#output b, #output i").count() == 0


@pytest.mark.parametrize(
    ("template", "line", "words"),
    [
        ("a\nb {{ 1 / 0 }}\nc", 2, "RESPONSE_TEMPLATE_FAILED"),
        ("a\n\n{{ oops", 3, "Line 3"),
        ("{{ get_secret('k') }}", 1, "RESPONSE_TEMPLATE_FAILED"),
        ("x\n{{ 'y' * 10 ** 9 }}", 2, "TEMPLATE_LIMIT_EXCEEDED"),
        ("{% for i in range(10 ** 9) %}{% for j in range(10 ** 9) %}{% endfor %}{% endfor %}", 1, "LIMIT"),
    ],
)
async def test_an_error_shows_its_line(studio: RunningStudio, template: str, line: int, words: str) -> None:
    page = await studio.open("/playground")
    assert words in await play(page, template)
    wrong = page.locator(".excerpt .wrong")
    assert (await wrong.inner_text()).strip() == template.splitlines()[line - 1]
    await page.locator(".cm-lint-marker-error").first.wait_for()
    await assert_accessible(page)


async def test_a_loop_without_an_end_does_not_hold_up_the_rest(studio: RunningStudio) -> None:
    page = await studio.open("/playground")
    loop = "{% for i in range(1000000) %}{% for j in range(1000000) %}{{ j }}{% endfor %}{% endfor %}"
    assert "TEMPLATE_LIMIT_EXCEEDED" in await play(page, loop)
    assert "done" in await play(page, "{{ 'do' ~ 'ne' }}")


async def test_what_is_not_there_is_a_warning(studio: RunningStudio) -> None:
    page = await studio.open("/playground")
    shown = await play(page, "{{ user.nothing }}", field="header")
    assert "The output is empty" in shown and "Warnings" in shown


@pytest.mark.parametrize(
    ("sample", "words"),
    [([1], "is a JSON object"), ({"usr": {}}, "usr"), ({"variables": {"a": 1}}, "variables.a")],
)
async def test_a_sample_that_cannot_be_used_is_said(studio: RunningStudio, sample: Any, words: str) -> None:
    page = await studio.open("/playground")
    assert words in await play(page, "a", sample=sample)


async def test_the_reference_has_what_the_field_has_and_fills_the_playground(studio: RunningStudio) -> None:
    page = await studio.open("/playground?field=request_body")
    assert not await page.get_by_role("heading", name="get_secret").is_visible()
    await page.get_by_label("Field").select_option("header")
    assert await page.get_by_role("heading", name="get_secret").is_visible()
    await page.keyboard.press("Escape")
    await page.get_by_label("Search functions and filters").fill("base64")
    names = await page.locator("[data-entry]:visible h3 code").all_inner_texts()
    assert names == ["base64_decode", "base64_encode"]
    await page.get_by_role("link", name="Try it: base64_encode").focus()
    await page.keyboard.press("Enter")
    await page.locator(OUTPUT).get_by_text("YWRh").wait_for()


async def test_without_a_script_an_example_is_a_link(studio: RunningStudio) -> None:
    page = await studio.open("/playground")
    address = await page.get_by_role("link", name="Try it: upper").get_attribute("href")
    await page.goto(studio.origin + address)
    assert "ADA" in await page.locator(OUTPUT).inner_text()


async def test_a_link_carries_template_and_sample_and_the_server_never_sees_them(
    studio: RunningStudio,
) -> None:
    page = await studio.open("/playground")
    await play(
        page,
        "Grüße {{ user.first_name }}",
        field="request_body",
        sample={"user": {"sub": "1", "given_name": "Éva"}},
    )
    await page.get_by_role("button", name="Copy a link").click()
    await page.wait_for_url("**#p=*")
    address = page.url
    other = await studio.open("/connectors")
    await other.goto(address)
    await other.locator(OUTPUT).get_by_text("Grüße Éva").wait_for()
    assert await other.get_by_label("Field").input_value() == "request_body"


async def test_a_link_that_is_cut_off_is_said(studio: RunningStudio) -> None:
    page = await studio.open("/playground#p=abc")
    await page.get_by_text("The link is cut off").wait_for()
