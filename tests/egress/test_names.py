"""Names and addresses: resolved once, checked, and connected to exactly those."""

import asyncio
import ipaddress
import socket

import pytest

from sealgate.egress import Allowance, Egress, Trace, classify
from sealgate.egress.connecting import resolve_by_system
from sealgate.errors import (
    DestinationBlocked,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from sealgate.message import Origin, Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("addresses", "word"),
    [(["10.0.0.1"], "private"), (["169.254.169.254"], "metadata"), (["::1"], "loopback"),
     (["127.0.0.1", "::ffff:192.168.0.1"], "loopback"), (["64:ff9b::7f00:1"], "NAT64")],
)  # fmt: skip
async def test_a_name_that_resolves_to_a_private_address(resolver, addresses, word):
    resolve, _ = resolver(addresses)
    client = Egress(allow=Allowance(), resolve=resolve)
    with pytest.raises(DestinationBlocked, match=word):
        await client.send(Request("GET", Origin("https", "api.example.com", 443), "/"), timeout=3)
    await client.close()


@pytest.mark.parametrize(
    "url", [("http", "127.0.0.1"), ("https", "127.0.0.1"), ("https", "localhost"), ("https", "::1")]
)
async def test_literals_and_localhost(url):
    client = Egress(allow=Allowance())
    with pytest.raises(DestinationBlocked, match="SEALGATE_EGRESS_ALLOW"):
        await client.send(Request("GET", Origin(*url, 443), "/"), timeout=3)
    await client.close()


async def test_the_connection_goes_to_the_address_that_was_checked(resolver, upstream):
    """A second answer of the name server cannot matter: there is no second question."""
    resolve, calls = resolver(["127.0.0.1"], ["10.0.0.1"])
    client = Egress(allow=Allowance.parse(["http://rebinding.example:*"]), resolve=resolve)
    upstream.say(OK)
    request = Request("GET", Origin("http", "rebinding.example", upstream.port), "/")
    response = await client.send(request, timeout=3)
    assert await response.read() == b"ok" and calls == ["rebinding.example"]
    assert b"Host: rebinding.example" in upstream.heads[0]
    await client.close()


async def test_of_several_addresses_only_allowed_ones_are_used(resolver, upstream):
    resolve, _ = resolver(["0.0.0.0", "127.0.0.1"])
    client = Egress(allow=Allowance.parse(["http://both.example:*"]), resolve=resolve)
    upstream.say(OK)
    trace = Trace()
    request = Request("GET", Origin("http", "both.example", upstream.port), "/")
    await (await client.send(request, timeout=3, trace=trace)).read()
    assert trace.address == "127.0.0.1"
    await client.close()


async def test_an_allowed_address_that_does_not_answer_is_not_called_blocked(resolver, upstream):
    resolve, _ = resolver(["10.0.0.1", "127.0.0.1"])
    client = Egress(allow=Allowance.parse(["127.0.0.0/8"]), resolve=resolve)
    with pytest.raises(UpstreamUnreachable, match="refused"):
        await client.send(Request("GET", Origin("https", "both.example", 1), "/"), timeout=3)
    await client.close()


async def test_an_address_that_does_not_answer_leaves_time_for_the_next(resolver, upstream):
    """The first takes connections into a queue that is full, so that it never answers."""
    with socket.create_server(("127.0.0.2", upstream.port), backlog=0) as silent:
        silent.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.2", upstream.port))
        resolve, _ = resolver(["127.0.0.2", "127.0.0.1"])
        allow = Allowance.parse(["http://half.example:*"])
        client = Egress(allow=allow, resolve=resolve, connect_timeout=1.0)
        upstream.say(OK)
        trace = Trace()
        request = Request("GET", Origin("http", "half.example", upstream.port), "/")
        response = await client.send(request, timeout=5, trace=trace)
        assert await response.read() == b"ok" and trace.address == "127.0.0.1"
        assert 0.4 <= trace.connect_seconds < 1.0
        await client.close()
        for filler in fillers:
            filler.close()


async def test_the_time_to_connect_includes_the_name(upstream):
    async def resolve(host, port):
        await asyncio.sleep(0.2)
        return [ipaddress.ip_address("127.0.0.1")]

    client = Egress(allow=Allowance.parse(["http://slow.example:*"]), resolve=resolve)
    upstream.say(0.2, OK)
    trace = Trace()
    request = Request("GET", Origin("http", "slow.example", upstream.port), "/")
    await (await client.send(request, timeout=3, trace=trace)).read()
    assert trace.connect_seconds >= 0.2 and trace.connect_seconds + 0.2 <= trace.head_seconds
    await client.close()


async def test_a_slow_name_server_counts_into_the_timeout():
    async def resolve(host, port):
        await asyncio.sleep(60)

    client = Egress(allow=Allowance(), resolve=resolve)
    with pytest.raises(UpstreamTimeout):
        async with asyncio.timeout(10):
            await client.send(Request("GET", Origin("https", "slow.example", 443), "/"), timeout=0.3)
    await client.close()


async def test_a_name_without_addresses(resolver):
    resolve, _ = resolver([])
    client = Egress(allow=Allowance(), resolve=resolve)
    with pytest.raises(UpstreamUnreachable, match="does not resolve"):
        await client.send(Request("GET", Origin("https", "empty.example", 443), "/"), timeout=3)
    await client.close()


async def test_the_system_resolver_gives_every_address_once():
    found = await resolve_by_system("localhost", 80)
    assert found and len(found) == len(set(found))
    assert {classify(address) for address in found} == {"loopback"}


async def test_a_name_that_does_not_resolve():
    client = Egress(allow=Allowance())
    with pytest.raises(UpstreamUnreachable, match="does not resolve"):
        await client.send(Request("GET", Origin("https", "nowhere.invalid", 443), "/"), timeout=10)
    await client.close()
