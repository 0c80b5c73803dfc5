"""The plan and the requests of a composite connector, without running it and without any secret."""

import pytest

from sealgate.errors import UserRequired
from sealgate.execution.trial import TestRequest
from sealgate.secret import Secret
from sealgate.services.composite_preview import planned_steps, preview_steps
from sealgate.services.secrets import put_secret

CANARY = "canary-of-composite-preview-5d07b2"
HOST = "https://api.example.com"
ADA = {"sub": "7", "email": "ada@example.com"}


def step(name, path="/", **members):
    return {"name": name, "url": f"{HOST}{path}", **members}


def reading(*names, **members):
    rows = [{"key": f"X-{name}", "value": f"{{{{ steps.{name}.body }}}}"} for name in names]
    return {"headers": rows, **members}


PLANS = [
    pytest.param([step("a"), step("b")], [((), (), False), ((), (), False)], id="side by side"),
    pytest.param(
        [step("a"), step("b", **reading("a"))], [((), (), False), ((1,), ("a",), False)], id="reads"
    ),
    pytest.param(
        [step("a"), step("b", **reading("a")), step("c", **reading("a", "b"))],
        [((), (), False), ((1,), ("a",), False), ((2,), ("a", "b"), False)],
        id="what another waits for is not said twice",
    ),
    pytest.param(
        [step("a"), step("b", method="POST"), step("c")],
        [((), (), False), ((1,), (), True), ((2,), (), True)],
        id="a change keeps its place",
    ),
    pytest.param(
        [step("a"), step("b", when="steps.a.status_code == 200")],
        [((), (), False), ((1,), ("a",), False)],
        id="a condition reads",
    ),
]


@pytest.mark.parametrize(("steps", "expected"), PLANS)
def test_the_plan_says_what_each_step_waits_for_and_why(engine, steps, expected):
    plan = engine.check("default", {"name": "All", "steps": steps}).plan
    assert [(each.waits_for, each.reads, each.keeps_place) for each in planned_steps(plan)] == expected


def test_fifty_steps_in_a_row_are_planned_at_once(engine):
    plan = engine.check(
        "default", {"name": "All", "steps": [step(f"s{n}", method="POST") for n in range(50)]}
    )
    assert [each.waits_for for each in planned_steps(plan.plan)] == [(), *((n,) for n in range(1, 50))]


API_KEY = {"type": "api_key", "config": {"key": "X-Key", "value": "{{ get_secret('key') }}"}}
LATER_KEY = {"type": "api_key", "config": {"key": "X-Key", "value": "{{ steps.a.body }}"}}
SHOWN = [
    pytest.param({"url": f"{HOST}/{{{{ user.email }}}}"}, f"{HOST}/ada%40example.com", {}, None, id="user"),
    pytest.param({"authentication": API_KEY}, f"{HOST}/", {"X-Key": "$KEY"}, None, id="a secret"),
    pytest.param({"authentication": LATER_KEY}, f"{HOST}/", {"X-Key": "⟨a⟩"}, None, id="an answer as key"),
    pytest.param(
        {"url": f"{HOST}/{{{{ (steps.a.body | from_json).id }}}}?q={{{{ request.query_parameters.q }}}}"},
        f"{HOST}/⟨a⟩?q=tea",
        {},
        None,
        id="an answer in the path, the caller's query",
    ),
    pytest.param(
        {
            "method": "POST",
            "request_body": '{"i": {{ (steps.a.body | from_json).n }}, "b": {{ request.body_text }}}',
        },
        f"{HOST}/",
        {"Content-Type": "application/json"},
        '{"i": "⟨a⟩", "b": {"n": 1}}',
        id="a body of both",
    ),
    pytest.param(
        {"method": "POST", "request_body": "{% set a = steps.a.body | from_json %}{{ a.id }}"},
        f"{HOST}/",
        {},
        "⟨a⟩",
        id="a statement reads it",
    ),
]


@pytest.mark.parametrize(("members", "url", "headers", "body"), SHOWN)
async def test_each_request_is_shown_as_far_as_it_can_be_told(engine, members, url, headers, body):
    await put_secret(engine, "default", "key", Secret(CANARY), actor="test")
    await engine.refresh()
    checked = engine.check("default", {"name": "All", "steps": [step("a"), step("b", **members)]})
    assert not checked.faults
    request = TestRequest(query="q=tea", body='{"n": 1}', user=ADA)
    first, second = await preview_steps(engine, "default", checked, request)
    assert (first.request.url, first.problem) == (f"{HOST}/", None)
    assert (second.request.url, dict(second.request.headers), second.request.body) == (url, headers, body)
    assert CANARY not in repr((first, second))


async def test_a_step_that_cannot_be_rendered_says_why_and_the_others_are_shown(engine):
    steps = [step("a"), step("b", headers=[{"key": "A", "value": "{{ get_variable('absent') }}"}])]
    checked = engine.check("default", {"name": "All", "steps": steps})
    first, second = await preview_steps(engine, "default", checked, TestRequest())
    assert first.request is not None and second.request is None
    assert "absent" in second.problem


async def test_without_a_user_it_says_that_one_is_needed(engine):
    checked = engine.check("default", {"name": "All", "steps": [step("a", "/{{ user.id }}")]})
    with pytest.raises(UserRequired):
        await preview_steps(engine, "default", checked, TestRequest())


@pytest.mark.parametrize("document", [{"name": "N", "url": HOST}, {"name": "N", "steps": [{"name": "a"}]}])
async def test_a_connector_of_one_request_and_one_with_faults_have_none(engine, document):
    assert await preview_steps(engine, "default", engine.check("default", document), TestRequest()) == ()
