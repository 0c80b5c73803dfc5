"""SEALGATE_EGRESS_PROXY: what is a proxy, and what is said of what is none, without its password."""

import base64

import pytest

from sealgate.egress.proxy import Proxy
from sealgate.secret import Secret


@pytest.mark.parametrize(
    ("text", "origin", "basic"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128", None),
        ("https://10.0.0.1:8443/", "https://10.0.0.1:8443", None),
        ("http://[fd00::1]:3128", "http://[fd00::1]:3128", None),
        ("http://me:pw@proxy.example:3128", "http://proxy.example:3128", "me:pw"),
        ("http://me:p%40%2f%3Aw:x@proxy.example:3128", "http://proxy.example:3128", "me:p@/:w:x"),
        ("http://token@proxy.example:3128", "http://proxy.example:3128", "token:"),
        ("http://m%C3%A9:pw@proxy.example:3128", "http://proxy.example:3128", "mé:pw"),
    ],
)
def test_proxies(text, origin, basic):
    proxy = Proxy.parse(text)
    assert str(proxy) == origin
    expected = Secret("Basic " + base64.b64encode(basic.encode()).decode()) if basic else None
    assert proxy.authorization == expected
    assert "pw" not in repr(proxy) + str(proxy) + proxy.shown and ("(set)@" in proxy.shown) is bool(basic)


@pytest.mark.parametrize(
    "text",
    ["", "proxy.example:3128", "socks5://canary@proxy.example:1080", "http://me:canary", "http://canary:x/y@z:1",
     "http://me:can@ary@proxy.example:3128", "http://me:canary/x@proxy.example:3128", "http://canary:%zz@p:1",
     "http://me:canary@proxy.example:canary", "http://me:%ffcanary@proxy.example:1", "http://@proxy.example:1",
     "http://can%3Aary:x@proxy.example:1", "http://me:canary@", "http://proxy.example:3128/canary",
     "http://me:canary\r\n@proxy.example:1", "me:canary@proxy.example:3128"],
)  # fmt: skip
def test_what_is_no_proxy(text):
    with pytest.raises(ValueError, match="SEALGATE_EGRESS_PROXY") as raised:
        Proxy.parse(text)
    assert "can" not in str(raised.value).replace("cannot", "")
    assert raised.value.__cause__ is None
