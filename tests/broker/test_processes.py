"""Several processes on one store: one token, one failure, one request at a time."""

import asyncio

import pytest

from sealgate.auth.base import TokenReply
from sealgate.errors import TokenRequestFailed
from sealgate.secret import Secret

BAD = TokenReply(503, {}, b"")


def value(obtained):
    return obtained.credential.value.reveal()


async def test_processes_share_one_token(process, endpoint, client):
    endpoint.delay = 0.05
    brokers = [process() for _ in range(4)]
    calls = (broker.credential(client(), "t1") for broker in brokers for _ in range(25))
    obtained = await asyncio.gather(*calls)
    assert {value(item) for item in obtained} == {"Bearer T1"}
    assert [item.origin for item in obtained].count("fetched") == 1
    assert len(endpoint.requests) == 1


async def test_a_token_stored_just_before_the_lease_is_granted_is_used(process, store, endpoint, client):
    one, two = process(), process()
    lease = store.lease

    async def lease_after_another_process(key, owner, now, seconds):
        store.lease = lease
        await one.credential(client(), "t1")
        return await lease(key, owner, now, seconds)

    store.lease = lease_after_another_process
    obtained = await two.credential(client(), "t1")
    assert (value(obtained), obtained.origin) == ("Bearer T1", "cache")
    assert len(endpoint.requests) == 1
    assert all(entry.leased_until == 0.0 for entry in store.entries.values())


async def test_a_token_survives_a_restart(process, endpoint, client):
    await process().credential(client(), "t1")
    assert (await process().credential(client(), "t1")).origin == "cache"
    assert len(endpoint.requests) == 1


async def test_processes_share_a_failure(process, endpoint, client):
    endpoint.answers, endpoint.delay = [BAD], 0.02
    errors = await asyncio.gather(
        *(process().credential(client(), "t1") for _ in range(4)), return_exceptions=True
    )
    assert {error.upstream_status for error in errors} == {503}
    assert len(endpoint.requests) == 1


async def test_a_refresh_in_one_process_serves_the_others(process, endpoint, clock, client, until):
    one, two = process(), process()
    await one.credential(client(), "t1")
    await two.credential(client(), "t1")
    clock.advance(3000)
    for broker in (one, two):
        await broker.credential(client(), "t1")
        await until(lambda broker=broker: not broker._flights)
    assert {value(await broker.credential(client(), "t1")) for broker in (one, two)} == {"Bearer T2"}
    assert len(endpoint.requests) == 2


async def test_a_token_refused_in_two_processes_is_replaced_once(process, endpoint, client):
    brokers = [process(), process()]
    obtained = [await broker.credential(client(), "t1") for broker in brokers]
    for broker, item in zip(brokers, obtained, strict=True):
        assert await broker.refuse(item)
        assert value(await broker.credential(client(), "t1")) == "Bearer T2"
    assert len(endpoint.requests) == 2


async def test_a_process_that_died_while_fetching_blocks_nobody_for_long(process, store, clock, client):
    one, two = process(), process()
    await one.credential(client(), "t1")
    (key,) = store.entries
    clock.advance(3600)
    await store.lease(key, "dead", clock(), 17)
    call = asyncio.create_task(two.credential(client(), "t1"))
    await asyncio.sleep(0.1)
    assert not call.done()
    clock.advance(17)
    assert value(await asyncio.wait_for(call, 5)) == "Bearer T2"


async def test_waiting_for_another_process_is_bounded(process, store, clock, endpoint, client):
    await process().credential(client(), "t1")
    (key,) = store.entries
    clock.advance(3600)
    await store.lease(key, "stuck", clock(), 3600)
    with pytest.raises(TokenRequestFailed, match="another process"):
        await asyncio.wait_for(process(fetch_seconds=0.05).credential(client(), "t1"), 5)
    assert len(endpoint.requests) == 1


async def test_close_ends_a_fetch_and_gives_the_lease_back(process, store, endpoint, client, until):
    broker = process()
    endpoint.delay = 60
    call = asyncio.create_task(broker.credential(client(), "t1"))
    await until(lambda: endpoint.requests)
    await broker.close()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert all(entry.leased_until == 0.0 for entry in store.entries.values())


async def test_no_secret_is_readable_in_what_the_broker_hands_out(broker, endpoint, store, client):
    obtained = await broker.credential(client(client_secret=Secret("canary-7")), "t1")
    shown = repr(obtained) + repr(store.entries) + repr(endpoint.requests)
    assert "canary-7" not in shown
    assert "T1" not in shown
