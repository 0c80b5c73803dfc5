"""Content types, and the dialects that are not JSON."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealgate.errors import UrlInvalid
from sealgate.templates.writers import (
    MISSING,
    Dialect,
    Missing,
    Unwritable,
    UrlWriter,
    dialect_of,
    writer_for,
)


@pytest.mark.parametrize(
    ("content_type", "dialect"),
    [
        ("application/json", Dialect.JSON),
        ("Application/JSON; charset=utf-8", Dialect.JSON),
        ("text/json", Dialect.JSON),
        ("application/vnd.api+json", Dialect.JSON),
        ("text/html;charset=utf-8", Dialect.MARKUP),
        ("application/xml", Dialect.MARKUP),
        ("text/xml", Dialect.MARKUP),
        ("application/soap+xml", Dialect.MARKUP),
        ("image/svg+xml", Dialect.MARKUP),
        ("application/x-www-form-urlencoded", Dialect.FORM),
        ("text/plain", Dialect.PLAIN),
        ("application/octet-stream", None),
        ("application/jsonish", None),
        ("text/csv", None),
        ("json", None),
        ("", None),
        (None, None),
    ],
)
def test_dialect_of(content_type: str | None, dialect: Dialect | None) -> None:
    assert dialect_of(content_type) is dialect


@pytest.mark.parametrize(
    ("value", "plain", "markup", "form"),
    [
        ("O'Brien & <b>\"co\"</b>", "O'Brien & <b>\"co\"</b>",
         "O&#39;Brien &amp; &lt;b&gt;&#34;co&#34;&lt;/b&gt;", "O%27Brien+%26+%3Cb%3E%22co%22%3C%2Fb%3E"),
        ("a=b+c%", "a=b+c%", "a=b+c%", "a%3Db%2Bc%25"),
        ("ż\n", "ż\n", "ż\n", "%C5%BC%0A"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}", "\N{REPLACEMENT CHARACTER}", "%EF%BF%BD"),
        (None, "", "", ""),
        (MISSING, "", "", ""),
        (True, "True", "True", "True"),
        (12.5, "12.5", "12.5", "12.5"),
        ({"a": "b"}, "{'a': 'b'}", "{&#39;a&#39;: &#39;b&#39;}", "%7B%27a%27%3A+%27b%27%7D"),
        (b"raw", "b'raw'", "b&#39;raw&#39;", "b%27raw%27"),
    ],
)  # fmt: skip
def test_values(value: object, plain: str, markup: str, form: str) -> None:
    assert writer_for(Dialect.PLAIN).value(value) == plain
    assert writer_for(Dialect.MARKUP).value(value) == markup
    assert writer_for(Dialect.FORM).value(value) == form


@pytest.mark.parametrize("dialect", list(Dialect))
def test_literal_text_is_returned_unchanged(dialect: Dialect) -> None:
    text = 'a & <b> "c\\" %20 + {} [] ż'
    assert writer_for(dialect).literal(text) == text


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("value", [iter([1]), len, object()])
def test_what_has_no_text_is_refused(dialect: Dialect, value: object) -> None:
    with pytest.raises(Unwritable):
        writer_for(dialect).value(value)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_an_undefined_type_may_derive_from_missing(dialect: Dialect) -> None:
    class Undefined(Missing):
        __slots__ = ()

    assert writer_for(dialect).value(Undefined()) == ""


class _Structure(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment was added")

    handle_decl = handle_pi = unknown_decl = handle_comment


@given(double=st.text(), single=st.text(), text=st.text())
def test_markup_gains_no_element_and_no_attribute(double: str, single: str, text: str) -> None:
    writer = writer_for(Dialect.MARKUP)
    document = _Structure()
    document.feed(
        f"{writer.literal('<p title=')}\"{writer.value(double)}\" class='{writer.value(single)}'>"
        f"{writer.value(text)}</p>"
    )
    document.close()
    assert document.tags == [("p", [("title", double), ("class", single)])]
    assert document.text == text


@given(name=st.text(min_size=1), value=st.text())
def test_a_form_gains_no_pair(name: str, value: str) -> None:
    writer = writer_for(Dialect.FORM)
    body = f"a=1&{writer.value(name)}={writer.value(value)}&z=2"
    assert parse_qsl(body, keep_blank_values=True) == [("a", "1"), (name, value), ("z", "2")]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a/b", "a%2Fb"),
        ("a b+c&d=e#f%?", "a%20b%2Bc%26d%3De%23f%25%3F"),
        ("AZaz09-._~", "AZaz09-._~"),
        ("[x]", "%5Bx%5D"),
        ("ż", "%C5%BC"),
        ("\ud800", "%EF%BF%BD"),
        (42, "42"),
        (None, ""),
        (MISSING, ""),
    ],
)
def test_url_values(value: object, written: str) -> None:
    assert UrlWriter().value(value) == written


@pytest.mark.parametrize("pieces", [["/a%"], ["/a%2"], ["/a", "%"], ["%", "2"], ["%F"]])
def test_a_value_cannot_complete_a_percent_escape(pieces: list[str]) -> None:
    writer = UrlWriter()
    for piece in pieces:
        writer.literal(piece)
    with pytest.raises(UrlInvalid, match="%25"):
        writer.value("2e")


def test_a_complete_percent_escape_before_a_value_is_fine() -> None:
    writer = UrlWriter()
    assert (
        writer.literal("/a%2F") + writer.value("2e") + writer.value("%") + writer.value("41")
        == "/a%2F2e%2541"
    )


@given(segment=st.text(), name=st.text(min_size=1), value=st.text())
def test_a_url_gains_no_segment_and_no_pair(segment: str, name: str, value: str) -> None:
    writer = UrlWriter()
    url = urlsplit(f"https://h/a/{writer.value(segment)}/z?{writer.value(name)}={writer.value(value)}&z=2")
    assert [unquote(part) for part in url.path.split("/")] == ["", "a", segment, "z"]
    assert parse_qsl(url.query, keep_blank_values=True) == [(name, value), ("z", "2")]
    assert quote(segment, safe="") in url.path
