"""Hosts and URLs: plain spellings are read, odd ones refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealgate.host import SplitUrl, UrlProblem, normalise_host, parse_origin, split_url
from sealgate.message import Origin


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("api.example.com", "api.example.com"),
        ("API.Example.COM", "api.example.com"),
        ("api.example.com.", "api.example.com"),
        ("under_score.example", "under_score.example"),
        ("localhost", "localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("1.example", "1.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:DB8:0::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[::ffff:127.0.0.1]", "::ffff:7f00:1"),
    ],
)
def test_plain_hosts(text, host):
    assert normalise_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "a..b", ".a", "-a.example", "a-.example", "a" * 64 + ".example", ".".join(["a" * 60] * 5),
        "0x7f.1", "0x7f000001", "2130706433", "127.1", "127.0.1", "0177.0.0.1", "0300.0.0.1", "1.2.3.4.5",
        "256.0.0.1", "127.0.0.1.", "1.2.3.0x4", "foo.0x4", "foo.9", "①②⑦.0.0.1", "127。0。0。1",
        "ｅｘａｍｐｌｅ.com",
        "exam℀ple.com", "a\\b", "a/b", "a?b", "a#b", "a@b", "a%41", "a b", "a\tb", "a\n",
        "a\x00b", "host:80", "[fe80::1%25eth0]", "fe80::1%eth0", "[v1.x]", "[::1", "::1]", "[]", "[1.2.3.4]",
        "\u212a.example", "\u212bngstrom.example", "bu\u0308cher.example", "ſ.example",
        "😀.example", "a\u200db.example", "a\u00adb",
    ],
)  # fmt: skip
def test_odd_hosts_are_refused(text):
    with pytest.raises(UrlProblem):
        normalise_host(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.example.com", SplitUrl(Origin("https", "api.example.com", 443), "/", None)),
        ("HTTPS://API.example.com:8443/a", SplitUrl(Origin("https", "api.example.com", 8443), "/a", None)),
        ("http://127.0.0.1:9000/?", SplitUrl(Origin("http", "127.0.0.1", 9000), "/", "")),
        ("https://[::1]:1/x?y", SplitUrl(Origin("https", "::1", 1), "/x", "y")),
        ("https://a.b?x=1", SplitUrl(Origin("https", "a.b", 443), "/", "x=1")),
        ("https://a.b//x/./%2F;p?f[a][]=1&p=a+b&s=%20",
         SplitUrl(Origin("https", "a.b", 443), "//x/./%2F;p", "f[a][]=1&p=a+b&s=%20")),
    ],
)  # fmt: skip
def test_urls(text, url):
    assert split_url(text) == url


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("api.example.com/x", "whole URL"),
        ("//api.example.com/x", "whole URL"),
        ("https:/api.example.com", "whole URL"),
        ("ftp://a.b", "http or https"),
        ("javascript://a.b", "http or https"),
        ("https://", "empty"),
        ("https:///x", "empty"),
        ("https://user@a.b", "user name"),
        ("https://user:pw@a.b", "user name"),
        ("https://a.b\\@c.d", "user name"),
        ("https://a.b\\c.d", "backslash"),
        ("https://a.b:0", "65535"),
        ("https://a.b:65536", "65535"),
        ("https://a.b:", "65535"),
        ("https://a.b:0443", "65535"),
        ("https://a.b:00000119999999999", "65535"),
        ("https://a.b:" + "1" * 5000, "65535"),
        ("https://a.b:8x", "no host"),
        ("https://a.b:80:90", "no host"),
        ("https://a.b/#f", "fragment"),
        ("https://a.b/a b", "' '"),
        ("https://a.b/a\r\nX: y", "path"),
        ("https://a.b/é", "path"),
        ("https://a.b/a[0]", "path"),
        ("https://a.b/a\\b", "path"),
        ("https://a.b/%zz", "%25"),
        ("https://a.b/?q=%2", "%25"),
        ('https://a.b/?q="x"', "query"),
        ("https://a.b/?q={x}", "query"),
        ("https://a.b/?q=<x>", "query"),
        ("https://a.b/?q=a|b", "query"),
    ],
)
def test_urls_that_could_be_read_in_two_ways(text, word):
    with pytest.raises(UrlProblem, match=word) as caught:
        split_url(text)
    assert len(str(caught.value)) < 400


def test_origins():
    assert str(parse_origin("https://A.example:443/")) == "https://a.example"
    assert str(parse_origin("http://[::1]:8080")) == "http://[::1]:8080"
    for text in ("https://a.example/x", "https://a.example/?"):
        with pytest.raises(UrlProblem, match="origin"):
            parse_origin(text)


@given(st.text())
def test_whatever_is_accepted_is_ascii_and_stays_the_same(text):
    try:
        host = normalise_host(text)
    except UrlProblem:
        return
    assert host.isascii() and host == normalise_host(host)
    assert not set(host) & set("\\/?#@% \t\r\n")
