"""What the operator allows, and why the rest is refused."""

from ipaddress import ip_address

import pytest

from sealgate.egress import Allowance
from sealgate.host import parse_origin


@pytest.mark.parametrize(
    ("entries", "url", "allowed"),
    [
        ([], "https://api.example.com", True),
        ([], "http://api.example.com", False),
        ([], "https://localhost", False),
        ([], "https://a.localhost", False),
        ([], "https://127.0.0.1", False),
        ([], "https://[::1]", False),
        ([], "https://[::ffff:10.0.0.1]", False),
        ([], "https://8.8.8.8", True),
        (["http://127.0.0.1:9000"], "http://127.0.0.1:9000", True),
        (["http://127.0.0.1:9000"], "http://127.0.0.1:9001", False),
        (["http://127.0.0.1:9000"], "https://127.0.0.1:9000", False),
        (["http://127.0.0.1:*"], "http://127.0.0.1:1", True),
        (["http://127.0.0.1"], "http://127.0.0.1", True),
        (["https://internal.example"], "https://internal.example", True),
        (["https://localhost:*"], "https://localhost:8443", True),
        (["http://[::1]:*"], "http://[::1]:5", True),
        (["10.0.0.0/8"], "https://10.1.2.3", True),
        (["10.0.0.0/8"], "http://10.1.2.3", False),
        (["10.0.0.0/8"], "https://[::ffff:10.1.2.3]", True),
        (["10.0.0.0/8"], "https://192.168.0.1", False),
        (["0.0.0.0/0"], "https://0.0.0.0", False),
        (["::/0"], "https://[ff02::1]", False),
    ],
)
def test_origins(entries, url, allowed):
    refusal = Allowance.parse(entries).origin_refusal(parse_origin(url))
    assert (refusal is None) is allowed, refusal
    if not allowed and "no connection" not in refusal:
        assert "SEALGATE_EGRESS_ALLOW" in refusal


@pytest.mark.parametrize(
    ("entries", "address", "allowed"),
    [
        ([], "8.8.8.8", True),
        ([], "10.0.0.1", False),
        (["https://internal.example"], "10.0.0.1", True),
        (["https://other.example"], "10.0.0.1", False),
        (["10.0.0.0/8"], "10.0.0.1", True),
        (["https://internal.example"], "0.0.0.0", False),
    ],
)
def test_addresses_that_a_name_resolved_to(entries, address, allowed):
    origin = parse_origin("https://internal.example")
    assert (Allowance.parse(entries).address_refusal(ip_address(address), origin) is None) is allowed


def test_every_wrong_entry_is_named():
    with pytest.raises(ValueError, match=r"'ftp://x'.*'10.0.0.1/8'.*'nonsense'"):
        Allowance.parse(["ftp://x", "10.0.0.1/8", "http://127.0.0.1:*", "nonsense"])
