"""The rules of RFC 9111 and REFERENCE section 9, with a clock of our own."""

from email.utils import formatdate

import pytest

from sealgate.egress.cache_rules import CacheRequest, directives, preconditions, storable, updated
from sealgate.egress.stored import Stored, whole_response

NOW = 1_800_000_000.0
GET = CacheRequest("default", "c", "GET", "key", "target", headers={"accept": "a"})

WITH_CREDENTIAL = CacheRequest("t", "c", "GET", "k", "t", headers={"authorization": "x"})


def date(seconds):
    return formatdate(NOW + seconds, usegmt=True)


def store(*headers, status=200, request=GET, took=0.0, shared=False):
    response = whole_response(status, tuple(headers), b"")
    return storable(request, response, NOW - took, NOW, shared=shared)


def cc(value):
    return ("cache-control", value)


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ([cc("max-age=60")], 60),
        ([cc("MAX-AGE=60")], 60),
        ([cc('max-age="60"')], 60),
        ([cc("public, max-age=60")], 60),
        ([cc("max-age=60"), cc("max-age=90")], 60),
        ([cc("max-age=1, s-maxage=60")], 60),
        ([cc('extension="max-age=5", max-age=60')], 60),
        ([cc("max-age=99999999999999")], 2**31),
        ([cc("max-age=60"), ("expires", date(-10))], 60),
        ([("expires", date(60)), ("date", date(0))], 60),
        ([("expires", date(60))], 60),
        ([cc("max-age=60"), ("date", date(-20))], 40),
        ([cc("max-age=60"), ("date", date(20))], 60),
        ([cc("max-age=60"), ("date", "yesterday")], 60),
        ([cc("max-age=60"), ("age", "20")], 40),
        ([cc("max-age=60"), ("age", "20"), ("date", date(-30))], 30),
        ([cc("max-age=60"), ("age", "-20")], 60),
    ],
)
def test_freshness(headers, left):
    stored = store(*headers)
    assert stored.is_fresh(NOW + left - 1)
    assert not stored.is_fresh(NOW + left)


def test_the_time_that_the_request_took_counts_as_age():
    stored = store(cc("max-age=60"), ("age", "10"), took=5.0)
    assert (stored.is_fresh(NOW + 44), stored.is_fresh(NOW + 45)) == (True, False)


@pytest.mark.parametrize(
    ("headers", "more"),
    [
        ([], {}),
        ([cc("max-age=0")], {}),
        ([cc("max-age=-1")], {}),
        ([cc("max-age=1.5")], {}),
        ([cc("max-age = 60")], {}),
        ([cc("max-age=60, no-store")], {}),
        ([cc("max-age=60, no-store=x")], {}),
        ([cc("max-age=60, No-Cache")], {}),
        ([cc('max-age=60, no-cache="set-cookie"')], {}),
        ([cc("private, max-age=60")], {}),
        ([cc('private="x-user", max-age=60')], {}),
        ([cc("max-age=60"), cc("no-store")], {}),
        ([cc("max-age=60"), ("vary", "*")], {}),
        ([cc("max-age=60"), ("vary", "accept, *")], {}),
        ([("expires", "0")], {}),
        ([("expires", date(-1))], {}),
        ([("expires", date(60).replace("GMT", "CET"))], {}),
        ([cc("max-age=60"), ("age", "60")], {}),
        *[([cc("max-age=60")], {"status": status}) for status in (201, 204, 206, 302, 304, 307, 404, 500)],
        ([cc("max-age=60")], {"request": CacheRequest("t", "c", "POST", "k", "t")}),
        (
            [cc("max-age=60")],
            {
                "request": CacheRequest("t", "c", "GET", "k", "t", headers={"authorization": "x"}),
                "shared": True,
            },
        ),
    ],
)
def test_never_stored(headers, more):
    assert store(*headers, **more) is None


@pytest.mark.parametrize("status", [200, 301, 308])
def test_the_stored_statuses(status):
    assert store(cc("max-age=60"), status=status).status == status


def test_last_modified_alone_gives_no_lifetime_but_can_be_asked_about():
    stored = store(("last-modified", date(-1_000_000)))
    assert not stored.is_fresh(NOW)
    assert preconditions(stored) == (("If-Modified-Since", date(-1_000_000)),)


@pytest.mark.parametrize(
    ("control", "revalidating", "error"),
    [
        ("max-age=10", 10, 10),
        ("max-age=10, stale-while-revalidate=30", 40, 10),
        ("max-age=10, stale-if-error=30", 10, 40),
        ("s-maxage=10, stale-while-revalidate=30", 40, 10),
        ("max-age=10, stale-while-revalidate=30, stale-if-error=30, must-revalidate", 10, 10),
        ("max-age=10, stale-if-error=30, proxy-revalidate", 10, 10),
        ("max-age=10, stale-if-error=x", 10, 10),
    ],
)
def test_stale(control, revalidating, error):
    stored = store(cc(control))
    assert stored.serves_while_revalidating(NOW + revalidating - 1)
    assert not stored.serves_while_revalidating(NOW + revalidating)
    assert stored.serves_after_error(NOW + error - 1)
    assert not stored.serves_after_error(NOW + error)


@pytest.mark.parametrize(
    ("vary", "headers", "selected"),
    [
        ("Accept", {"accept": "a"}, True),
        ("Accept", {"accept": "b"}, False),
        ("accept , X-Other", {"accept": "a"}, True),
        ("X-Other", {"x-other": "1"}, False),
        ("", {"accept": "b"}, True),
    ],
)
def test_vary(vary, headers, selected):
    assert store(cc("max-age=60"), ("vary", vary)).selected_by(headers) is selected


def update(stored, *headers, later=100.0):
    return updated(GET, stored, whole_response(304, tuple(headers), b""), NOW + later, NOW + later)


def test_a_304_renews_the_header_and_keeps_body_and_type():
    stored = store(cc("max-age=60"), ("etag", '"1"'), ("content-type", "text/plain"), ("x", "old"))
    renewed = update(stored, ("etag", '"1"'), cc("max-age=90"), ("content-type", "text/html"), ("x", "new"))
    assert renewed.keep and renewed.stored.is_fresh(NOW + 189) and not renewed.stored.is_fresh(NOW + 190)
    assert [renewed.stored.header(name) for name in ("content-type", "x")] == ["text/plain", "new"]


def test_a_304_of_another_response_is_none_of_ours():
    assert update(store(cc("max-age=60"), ("etag", '"1"')), ("etag", '"2"')) is None


def test_a_304_can_end_the_storing():
    assert not update(store(cc("max-age=60"), ("etag", '"1"')), cc("no-store")).keep


def test_age_goes_out_with_a_hit():
    response = store(cc("max-age=60"), ("age", "7")).response(NOW + 5)
    assert [value for name, value in response.headers if name == "age"] == ["12"]


def test_stored_responses_survive_as_bytes():
    stored = Stored(200, (("a", "ü"), ("a", "2")), b"{}\n\x00", NOW, 5.0, 1.0, 2.0, ("accept",), (None,))
    assert Stored.from_bytes(stored.to_bytes()) == stored


def test_the_first_of_a_repeated_directive_counts():
    fields = (cc('a=1, B, a=2, c="x,y"'),)
    assert dict(directives(fields)) == {"a": "1", "b": None, "c": '"x,y"'}
