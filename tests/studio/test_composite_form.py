"""The form of a composite connector: its steps as cards, each with the fields of a connector."""

from __future__ import annotations

from typing import Any

import pytest
from test_editor_form import KEY, posted, with_changes

from sealgate.errors import DocumentInvalid
from sealgate.web.studio.forms import Form
from sealgate.web.studio.sections.editor_form import document_from_form, form_from_document, unfolded_steps

ROWS = [{"key": "A", "value": "1", "note": "kept"}]
FIND = {"name": "find", "url": "https://a.example/", "headers": ROWS, "x-owner": "team"}
SHOW = {"name": "show", "url": "https://b.example/{{ steps.find.body }}", "authentication": KEY}
DOCUMENT = {"name": "Both", "x-team": 1, "steps": [FIND, 5, SHOW]}
CHANGES = [
    pytest.param({"name": "Two"}, None, {"name": "Two"}, id="its own name"),
    pytest.param({"steps.0.name": "look"}, 0, {"name": "look"}, id="a step's name"),
    pytest.param({"steps.2.when": "request.body_text"}, 2, {"when": "request.body_text"}, id="a condition"),
    pytest.param({"steps.0.method": "POST"}, 0, {"method": "POST"}, id="a method"),
    pytest.param({"steps.0.request_body": "a\r\nb"}, 0, {"request_body": "a\nb"}, id="a body"),
    pytest.param({"steps.0.scrub_response": "true"}, 0, {"scrub_response": True}, id="a switch"),
    pytest.param(
        {"steps.0.headers.0.value": "2"},
        0,
        {"headers": [ROWS[0] | {"value": "2"}]},
        id="a row keeps a note",
    ),
    pytest.param(
        {"steps.2.query_parameters.1001.key": "q"}, 2, {"query_parameters": [{"key": "q"}]}, id="a new row"
    ),
    pytest.param(
        {"steps.2.authentication.config.key": "X-Other"},
        2,
        {"authentication": KEY | {"config": KEY["config"] | {"key": "X-Other"}}},
        id="a config field keeps the others",
    ),
    pytest.param(
        {"steps.0.authentication.type": "jwt"},
        0,
        {"authentication": {"type": "jwt", "config": {}}},
        id="an authentication type",
    ),
]


@pytest.mark.parametrize(("changes", "index", "members"), CHANGES)
def test_a_change_of_a_step_changes_that_member_alone(
    changes: dict[str, str | None], index: int | None, members: dict[str, Any]
) -> None:
    after = document_from_form(with_changes(posted(DOCUMENT), changes))
    if index is None:
        assert after == DOCUMENT | members
    else:
        steps = [*DOCUMENT["steps"]]
        steps[index] = steps[index] | members
        assert after == DOCUMENT | {"steps": steps}


def test_what_has_to_be_json_and_is_none_is_a_fault_at_its_step() -> None:
    jwt = {"type": "jwt", "config": {"claims": {"sub": "me"}}}
    document = DOCUMENT | {"steps": [FIND, FIND | {"authentication": jwt}]}
    path = "steps.1.authentication.config.claims"
    with pytest.raises(DocumentInvalid) as refused:
        document_from_form(with_changes(posted(document), {path: '{"sub": '}))
    assert [(fault.path, fault.line) for fault in refused.value.fields] == [(path, 1)]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], None),
        ([("steps.0.name", "a")], None),
        ([("steps.0.open", ""), ("steps.1.open", "1")], {2}),
        ([("steps.0.open", ""), ("steps.1.name", "a"), ("steps.x.open", "1")], set()),
    ],
)
def test_which_cards_were_unfolded_is_known(pairs: list[tuple[str, str]], expected: set[int] | None) -> None:
    assert unfolded_steps(Form(tuple(pairs))) == expected


@pytest.mark.parametrize(
    ("count", "unfolded", "expected"), [(2, None, [1, 2]), (3, None, []), (3, frozenset({2}), [2])]
)
def test_a_short_composite_is_shown_whole(
    count: int, unfolded: frozenset[int] | None, expected: list[int]
) -> None:
    shown = form_from_document({"name": "N", "steps": [FIND] * count}, unfolded=unfolded)
    assert [step.number for step in shown.steps or () if step.unfolded] == expected
