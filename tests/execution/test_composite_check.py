"""What loads as a composite connector, with which warnings; what is refused; which steps wait for which."""

from __future__ import annotations

from typing import Any

import pytest

from sealgate.execution.check import Checked, check_document
from sealgate.execution.compiling import World
from sealgate.execution.plan import CompositePlan

URL = "https://api.example.com/x"


def check(*steps: Any, **members: Any) -> Checked:
    document = {"name": "Join", "steps": list(steps), **members}
    return check_document(document, World(refusal=lambda origin: None))


def step(name: str = "one", **members: Any) -> dict[str, Any]:
    return {"name": name, "url": URL, **members}


@pytest.mark.parametrize(
    ("steps", "path", "word"),
    [
        ([], "steps", "at least one step"),
        ([step()] * 51, "steps", "at most 50 steps"),
        (["text"], "steps.0", "must be an object"),
        ([{"name": "one"}], "steps.0.url", "required"),
        ([{"url": URL}], "steps.0.name", "required"),
        ([step("One")], "steps.0.name", "lower-case letters, digits and hyphens"),
        ([step("a b")], "steps.0.name", "lower-case letters, digits and hyphens"),
        ([step(), step()], "steps.1.name", "stands more than once (first in step 0)"),
        ([step(method="FETCH")], "steps.0.method", "must be"),
        ([step(headers=[{"key": "A"}, {"key": "a"}])], "steps.0.headers.1.key", "more than once"),
        ([step(url="https://api.example.com/{{")], "steps.0.url", "parse"),
        ([step(), step("two", request_body="{{ x | nope }}")], "steps.1.request_body", "no filter 'nope'"),
        ([step(when="a b")], "steps.0.when", "parse"),
        ([step(when="true %}{% if true")], "steps.0.when", "one expression"),
        ([step(when="x" * 1001)], "steps.0.when", "1000"),
        ([step(authentication={"type": "nope"})], "steps.0.authentication", "must be one of"),
        ([step(authentication={"type": "api_key", "config": {"key": "k", "value": "literal"}})],
         "steps.0.authentication.config.value", "plain text"),
    ],
)  # fmt: skip
def test_fault(steps: list[Any], path: str, word: str) -> None:
    checked = check(*steps)
    found = {fault.path: fault.message for fault in checked.faults}
    assert word in found.get(path, ""), found
    assert checked.plan is None and checked.document is None


@pytest.mark.parametrize(
    ("steps", "path", "word"),
    [
        ([step(note=1)], "steps.0.note", "unknown"),
        ([step(path_parameters=[])], "steps.0.path_parameters", "unknown"),
        (
            [step(url=URL + "{{ steps.two.body }}"), step("two")],
            "steps.0.url",
            "does not run before this one",
        ),
        ([step(when="steps['nope'].body")], "steps.0.when", "does not exist"),
        ([step(request_body="{{ body_text }}")], "steps.0.request_body", "prints nothing"),
        ([step(request_body="{{ get_secret('k') }}")], "steps.0.request_body", "a call fails"),
        ([step(response_body="{{ jwt_encode({}, 'k') }}")], "steps.0.response_body", "a call fails"),
        ([step(url=URL + "?{{ pathParams.id }}")], "steps.0.url", "prints nothing"),
        ([step(headers=[{"key": "Host", "value": "x"}])], "steps.0.headers.0.key", "written by the gateway"),
    ],
)
def test_warning(steps: list[Any], path: str, word: str) -> None:
    checked = check(*steps)
    found = {warning.path: warning.message for warning in checked.warnings}
    assert word in found.get(path, ""), found
    assert isinstance(checked.plan, CompositePlan)


READ_A, READ_B = URL + "?{{ steps.a.body }}", URL + "?{{ steps['b'].body }}"


@pytest.mark.parametrize(
    ("members", "after"),
    [
        ({"url": READ_A}, {0}),
        ({"url": READ_B}, {1}),
        ({"headers": [{"key": "X", "value": "{{ steps.a.body }}"}]}, {0}),
        ({"request_body": "{{ steps.a.body }}", "method": "POST"}, {0, 1, 2}),
        ({"response_body": "{{ steps.b.body }}"}, {1}),
        ({"when": "steps.a.status_code"}, {0}),
        ({"authentication": {"type": "jwt", "config": {"private_key": "{{ get_secret('k') }}",
                                                       "claims": {"sub": "{{ steps.b.body }}"}}}}, {1}),
        ({}, set()),
        ({"url": URL + "?{{ steps[request.body_text].body }}"}, {0, 1, 2}),
        ({"url": URL + "?{% set all = steps %}{{ all.a.body }}"}, {0, 1, 2}),
        ({"url": URL + "?{{ steps.items() | length }}"}, {0, 1, 2}),
        ({"url": URL + "?{{ steps.nope.body }}"}, {0, 1, 2}),
        ({"method": "DELETE"}, {0, 1, 2}),
        ({"method": "HEAD"}, set()),
    ],
)  # fmt: skip
def test_which_steps_wait_for_which(members: dict[str, Any], after: set[int]) -> None:
    plan = check(step("a"), step("b"), step("c"), {**step("d"), **members}).plan
    assert isinstance(plan, CompositePlan)
    assert plan.steps[3].after == after


def test_steps_after_one_that_writes_wait_for_it() -> None:
    plan = check(step("a"), step("b", method="PATCH"), step("c"), step("d")).plan
    assert isinstance(plan, CompositePlan)
    assert [set(each.after) for each in plan.steps] == [set(), {0}, {1}, {1}]


def test_the_stored_document_is_whole_and_checks_again() -> None:
    checked = check(
        step(authentication={"type": "apikey", "config": {"key": "k", "value": "{{ get_secret('s') }}"}})
    )
    assert checked.document is not None
    assert checked.document["permalink"] == "join"
    assert checked.document["steps"][0]["authentication"]["type"] == "api_key"
    again = check_document(checked.document, World(refusal=lambda origin: None))
    assert (again.document, again.faults, again.warnings) == (checked.document, (), ())
