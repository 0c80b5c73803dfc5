"""A draft changes its kind and the order of its steps, and loses nothing that was written."""

import pytest

from sealgate.errors import RequestInvalid
from sealgate.services.drafts import (
    as_composite,
    as_single,
    may_be_single,
    with_new_step,
    with_step_moved,
    without_step,
)

ONE = {"name": "Items", "permalink": "items", "url": "https://a.example/", "headers": [{"key": "A"}], "x": 1}
A, B, C = {"name": "a", "url": "1"}, {"name": "b", "url": "2", "note": 5}, {"name": "c"}
MANY = {"name": "All", "steps": [A, B, C], "x": 1}


def names(document):
    return [step["name"] for step in document["steps"]]


def test_what_is_written_of_one_request_becomes_the_first_step_and_back():
    composite = as_composite(ONE)
    assert composite == {
        "name": "Items",
        "permalink": "items",
        "steps": [{"name": "step-1", "method": "GET", "url": ONE["url"], "headers": ONE["headers"], "x": 1}],
    }
    assert as_single(composite) == ONE | {"method": "GET"}


@pytest.mark.parametrize("document", [{"name": "N", "steps": []}, {"name": "N", "steps": [{"name": "a"}]}])
def test_a_step_or_none_can_become_one_request(document):
    assert may_be_single(document)
    assert as_single(document) == {"name": "N", "url": ""}


@pytest.mark.parametrize("steps", [[A, B], 5, ["a"]])
def test_what_would_be_lost_is_refused(steps):
    assert not may_be_single({"steps": steps})
    with pytest.raises(RequestInvalid):
        as_single({"name": "N", "steps": steps})


@pytest.mark.parametrize(
    ("steps", "name"), [([], "step-1"), ([A], "step-2"), ([{"name": "step-2"}], "step-3"), (5, "step-1")]
)
def test_a_new_step_has_a_name_of_its_own(steps, name):
    assert names(with_new_step({"steps": steps}))[-1] == name


@pytest.mark.parametrize(
    ("index", "to", "expected"), [(1, 0, "bac"), (0, 1, "bac"), (2, 3, "abc"), (0, -1, "abc"), (2, 0, "cab")]
)
def test_a_moved_step_keeps_everything_else_in_order(index, to, expected):
    moved = with_step_moved(MANY, index, to)
    assert names(moved) == list(expected)
    assert (moved["x"], names(MANY)) == (1, ["a", "b", "c"])
    assert sorted(moved["steps"], key=str) == sorted(MANY["steps"], key=str)


def test_a_removed_step_is_gone():
    assert without_step(MANY, 1) == {"name": "All", "steps": [A, C], "x": 1}


@pytest.mark.parametrize("index", [3, -1])
def test_a_step_that_is_not_there_is_refused(index):
    with pytest.raises(RequestInvalid, match="there is no step"):
        without_step(MANY, index)
