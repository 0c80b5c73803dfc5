"""Every special-purpose range at both of its edges, and public neighbours outside."""

from ipaddress import ip_address, ip_network

import pytest

from sealgate.egress.address import SPECIAL, classify, never_reachable


@pytest.mark.parametrize("network", [network for network, _ in SPECIAL])
def test_both_edges_of_each_range_are_special(network):
    assert classify(ip_network(network)[0])
    assert classify(ip_network(network)[-1])


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:200::1", "2a00::1",
        "2003::1", "2620:4f:8001::",
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
