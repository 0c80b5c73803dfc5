"""The query string: merge rules, exact bytes, and what a caller can never do."""

from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealgate.execution.query import Parameter, caller_pairs, merge_query
from sealgate.secret import Secret, reveal


def merged(own=None, own_names=(), rows=(), caller="", credential=None, forward=True):
    return merge_query(own, own_names, rows, caller_pairs(caller), credential, forward=forward)


FIXED = Parameter("visibility", "public")
OPEN = Parameter("location", "New York", overridable=True)
KEY = Parameter("key", Secret("W1"))


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"caller": "q=Warsaw", "credential": KEY}, "q=Warsaw&key=W1"),
        ({"rows": [FIXED], "caller": "visibility=all"}, "visibility=public"),
        ({"rows": [FIXED], "caller": "Visibility=all"}, "visibility=public"),
        ({"rows": [FIXED], "caller": "%76isibility=all"}, "visibility=public"),
        ({"rows": [FIXED], "caller": "a=1;visibility=all"}, "visibility=public"),
        ({"rows": [OPEN]}, "location=New%20York"),
        ({"rows": [OPEN], "caller": "location=Oslo"}, "location=Oslo"),
        ({"rows": [OPEN], "caller": "location=A&x=1&location=B"}, "location=A&location=B&x=1"),
        ({"rows": [OPEN], "caller": "location="}, "location="),
        ({"own": "a[b]=1", "own_names": ["a[b]"], "caller": "a%5Bb%5D=2"}, "a[b]=1"),
        (
            {"own": "limit=5", "own_names": ["limit"], "rows": [FIXED], "caller": "q=1"},
            "limit=5&visibility=public&q=1",
        ),
        ({"caller": "KEY=mine&key=mine&k=1", "credential": KEY}, "k=1&key=W1"),
        ({"rows": [Parameter("key", "row")], "credential": KEY}, "key=W1"),
        ({"caller": "a=%2F&b=x+y&c=%20&d=[]&e=%5b&f=1&f=2&g"}, "a=%2F&b=x+y&c=%20&d=[]&e=%5b&f=1&f=2&g"),
        ({"rows": [OPEN], "caller": "x=1&location=Oslo", "forward": False}, "location=Oslo"),
        ({"rows": [Parameter("module[]", "groups")]}, "module[]=groups"),
        ({"rows": [Parameter("fields", "name,capital")]}, "fields=name,capital"),
        ({"rows": [Parameter("empty", "")]}, "empty="),
        ({}, ""),
    ],
)
def test_merging(given_, expected):
    assert reveal(merged(**given_)) == expected


def test_a_query_with_a_secret_in_it_is_a_secret():
    assert isinstance(merged(credential=KEY), Secret)
    assert isinstance(merged(rows=[Parameter("t", Secret("s"))]), Secret)
    assert merged(rows=[FIXED]) == "visibility=public"


def test_bytes_that_no_query_may_hold_are_encoded():
    assert merged(caller="q=a b\r\nX: 1#\u00e9") == "q=a%20b%0D%0AX:%201%23%C3%A9"


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=6))
def test_rows_decode_to_what_was_written(rows):
    query = merged(rows=[Parameter(name, value) for name, value in rows])
    assert parse_qsl(reveal(query), keep_blank_values=True) == rows


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=6))
def test_what_the_caller_encoded_goes_out_as_it_is(pairs):
    query = urlencode(pairs, quote_via=quote)
    assert reveal(merged(caller=query)) == query


@given(st.text(alphabet="visblty=&;%+V7649 \u00fc"))
def test_a_caller_never_adds_to_a_fixed_row(caller):
    query = reveal(merged(rows=[FIXED], caller=caller))
    for separator in "&", ";":
        values = [v for k, v in parse_qsl(query, keep_blank_values=True, separator=separator)
                  if k.lower() == "visibility"]  # fmt: skip
        assert all(value.partition("&")[0] == "public" for value in values[:1]) and len(values) == 1
