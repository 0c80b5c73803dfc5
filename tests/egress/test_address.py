"""Every special-purpose range at both of its edges, and public neighbours outside."""

from ipaddress import ip_address, ip_network

import pytest

from sealgate.egress.address import classify, never_reachable

# The IANA registries of special-purpose addresses, written down a second time on purpose: a row lost from
# the product's table must be missed here.
REGISTRY = [
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "IETF"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "AS112"),
    ("192.52.193.0/24", "AMT"),
    ("192.88.99.0/24", "6to4"),
    ("192.168.0.0/16", "private"),
    ("192.175.48.0/24", "AS112"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/5", "reserved"),
    ("255.255.255.255/32", "broadcast"),
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("::7f00:0/104", "IPv4-compatible"),
    ("::ffff:10.0.0.0/104", "private"),
    ("::ffff:8.0.0.0/104", "IPv4-mapped"),
    ("::ffff:0:0:0/96", "IPv4-translated"),
    ("64:ff9b::/96", "NAT64"),
    ("64:ff9b:1::/48", "NAT64"),
    ("100::/64", "discard"),
    ("100:0:0:1::/64", "dummy"),
    ("2001::/32", "Teredo"),
    ("2001:1::1/128", "IETF"),
    ("2001:2::/48", "IETF"),
    ("2001:3::/32", "IETF"),
    ("2001:4:112::/48", "IETF"),
    ("2001:20::/28", "IETF"),
    ("2001:30::/28", "IETF"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("2620:4f:8000::/48", "AS112"),
    ("3fff::/20", "documentation"),
    ("5f00::/16", "segment routing"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
    ("200::/7", "outside"),
    ("4000::/2", "outside"),
]


@pytest.mark.parametrize(("network", "word"), REGISTRY)
def test_both_edges_of_each_range_are_special(network, word):
    assert word in classify(ip_network(network)[0])
    assert word in classify(ip_network(network)[-1])


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:200::1", "2a00::1",
        "2003::1", "2620:4f:8001::", "2000::", "3ffe:ffff::",
    ],
)  # fmt: skip
def test_public_addresses(address):
    assert classify(ip_address(address)) is None


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("::127.0.0.1", "IPv4-compatible"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:7f00:1::", "Teredo"),
        ("169.254.169.254", "metadata"),
        ("fd00:ec2::254", "private"),
        ("fe80::1", "link-local"),
    ],
)
def test_addresses_inside_others(address, word):
    assert word in classify(ip_address(address))


@pytest.mark.parametrize(
    ("address", "never"),
    [("0.0.0.0", True), ("224.0.0.1", True), ("255.255.255.255", True), ("::", True), ("ff02::1", True),
     ("::ffff:0.0.0.0", True), ("127.0.0.1", False), ("10.0.0.1", False), ("::1", False)],
)  # fmt: skip
def test_what_no_allowance_reaches(address, never):
    assert never_reachable(ip_address(address)) is never
