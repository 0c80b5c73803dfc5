"""An API answers 401: that one token is replaced, and no other."""

import asyncio


def value(obtained):
    return obtained.credential.value.reveal()


async def test_a_refused_token_is_replaced(broker, endpoint, client):
    first = await broker.credential(client(), "t1")
    assert await broker.refuse(first)
    assert value(await broker.credential(client(), "t1")) == "Bearer T2"


async def test_a_refused_token_is_not_taken_from_the_store_again(broker, endpoint, store, client):
    """The store forgets it a moment later than the process does."""
    first = await broker.credential(client(), "t1")
    store.drop_delay = 0.05
    refusing = asyncio.create_task(broker.refuse(first))
    await asyncio.sleep(0)
    assert await broker.refuse(first)
    assert value(await broker.credential(client(), "t1")) == "Bearer T2"
    await refusing
    assert value(await broker.credential(client(), "t1")) == "Bearer T2"
    assert len(endpoint.requests) == 2


async def test_a_refused_token_is_dropped_for_every_process(process, client):
    broker = process()
    await broker.refuse(await broker.credential(client(), "t1"))
    assert value(await process().credential(client(), "t1")) == "Bearer T2"


async def test_500_concurrent_refusals_of_one_token_one_new_token(broker, endpoint, client):
    endpoint.delay = 0.01

    async def call():
        obtained = await broker.credential(client(), "t1")
        if value(obtained) == "Bearer T1":
            assert await broker.refuse(obtained)
            obtained = await broker.credential(client(), "t1")
        return value(obtained)

    assert set(await asyncio.gather(*(call() for _ in range(500)))) == {"Bearer T2"}
    assert len(endpoint.requests) == 2


async def test_a_late_refusal_leaves_the_newer_token_alone(broker, endpoint, client):
    first = await broker.credential(client(), "t1")
    await broker.refuse(first)
    await broker.credential(client(), "t1")
    assert await broker.refuse(first)
    assert value(await broker.credential(client(), "t1")) == "Bearer T2"
    assert len(endpoint.requests) == 2


async def test_other_keys_keep_their_token(broker, endpoint, client):
    first = await broker.credential(client(), "t1")
    other = await broker.credential(client(scope="other"), "t1")
    await broker.refuse(first)
    assert value(await broker.credential(client(scope="other"), "t1")) == value(other)


async def test_an_api_that_refuses_every_token_costs_few_token_requests(broker, endpoint, clock, client):
    for _ in range(50):
        obtained = await broker.credential(client(), "t1")
        if await broker.refuse(obtained):
            await broker.credential(client(), "t1")
    assert len(endpoint.requests) == 4
    clock.advance(30)
    assert await broker.refuse(await broker.credential(client(), "t1"))
