"""What leaves is checked a last time, and a refusal shows no value."""

import pytest

from sealgate.egress.outgoing import header_fields, may_repeat, target_of
from sealgate.errors import RequestTemplateFailed, UrlInvalid
from sealgate.message import Origin, Request
from sealgate.secret import Secret

API = Origin("https", "api.example.com", 443)


def request(target="/", headers=(), method="GET", body=None):
    return Request(method, API, target, tuple(headers), body)


@pytest.mark.parametrize(
    "target",
    ["", "@evil.example/", ":81/", ".evil.example/", "x", "?q", "*", "https://evil.example/", "/a b",
     "/a\r\nX: y", "/a\tb", "/a#b", "/\x00", "/\x7f", "/é"],
)  # fmt: skip
@pytest.mark.parametrize("wrap", [str, Secret])
def test_targets_that_are_not_in_origin_form(target, wrap):
    with pytest.raises(UrlInvalid) as caught:
        target_of(request(wrap(target)))
    assert len(target) < 3 or target not in str(caught.value)


def test_a_target_stays_behind_its_origin():
    assert target_of(request("//evil.example/?a=@b")) == "//evil.example/?a=@b"


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\0b", "a\x1bb", "a\x7f", "é"])
@pytest.mark.parametrize("wrap", [str, Secret])
def test_header_values_that_would_break_out(value, wrap):
    with pytest.raises(RequestTemplateFailed, match="X-Key") as caught:
        list(header_fields(request(headers=[("X-Key", wrap(value))])))
    assert value not in str(caught.value)


@pytest.mark.parametrize("name", ["", "X Key", "X:", "X\r\nY", "é"])
def test_header_names_that_are_none(name):
    with pytest.raises(RequestTemplateFailed, match="header name"):
        list(header_fields(request(headers=[(name, "v")])))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], {"Accept": "*/*", "Accept-Encoding": "gzip, deflate"}),
        ([("accept", "text/csv")], {"accept": "text/csv"}),
        ([("ACCEPT-ENCODING", "identity")], {"ACCEPT-ENCODING": "identity"}),
        ([("User-Agent", "me")], {"User-Agent": "me"}),
        ([("X-Tab", "a\tb")], {"X-Tab": "a\tb"}),
    ],
)
def test_defaults_stand_only_where_nothing_is_written(rows, expected):
    fields = list(header_fields(request(headers=rows)))
    assert fields[0] == ("Host", "api.example.com")
    assert expected.items() <= dict(fields).items()
    names = [name.lower() for name, _ in fields]
    assert len(names) == len(set(names)) and {"accept", "accept-encoding", "user-agent"} <= set(names)


def test_what_may_be_repeated():
    async def chunks():
        yield b""

    assert may_repeat(request(method="PUT", body=b"x"))
    assert not may_repeat(request(method="PUT", body=chunks()))
    assert not may_repeat(request(method="POST", body=b"x"))
