"""What callers get while the token endpoint works."""

import asyncio

import pytest

from sealgate.auth.api_key import ApiKey
from sealgate.auth.base import TokenReply
from sealgate.auth.jwt import Jwt
from sealgate.auth.none import NoAuthentication
from sealgate.errors import DestinationBlocked, SigningFailed
from sealgate.secret import Secret

BAD = TokenReply(503, {}, b"")


def value(obtained):
    return obtained.credential.value.reveal()


@pytest.mark.parametrize(
    ("authentication", "origin"),
    [
        (NoAuthentication.from_rendered({}), "none"),
        (ApiKey.from_rendered({"key": "K", "value": Secret("v")}), "static"),
        (
            Jwt.from_rendered({"private_key": "x" * 32, "algorithm": "HS256", "claims": {"a": 1}}),
            "signed",
        ),
    ],
)
async def test_credentials_that_need_no_token(broker, endpoint, store, authentication, origin):
    obtained = await broker.credential(authentication, "t1")
    assert (obtained.origin, obtained.key, obtained.fetch) == (origin, None, None)
    assert not await broker.refuse(obtained)
    assert (endpoint.requests, store.entries) == ([], {})


async def test_signing_errors_reach_the_caller_each_time(broker):
    weak = Jwt.from_rendered({"private_key": "short", "algorithm": "HS256", "claims": {"a": 1}})
    for _ in range(2):
        with pytest.raises(SigningFailed):
            await broker.credential(weak, "t1")


async def test_a_token_is_fetched_once_and_used_again(broker, endpoint, client):
    first = await broker.credential(client(), "t1")
    second = await broker.credential(client(), "t1")
    assert (value(first), value(second)) == ("Bearer T1", "Bearer T1")
    assert (first.origin, second.origin) == ("fetched", "cache")
    assert (first.fetch.status, first.fetch.token_type, first.fetch.expires_in) == (200, "Bearer", 3600)
    assert set(first.fetch.as_json()) == {"status", "token_type", "expires_in", "scope", "ms", "request"}
    assert second.fetch is None
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("expires_in", "usable"),
    [(3600, 3540), (7200, 7140), (120, 60), (100, 50), (10, 5), ("600", 540), (None, 3540)],
)
async def test_margin(broker, endpoint, clock, client, expires_in, usable, until):
    endpoint.expires_in = expires_in
    await broker.credential(client(), "t1")
    clock.advance(usable - 0.01)
    assert value(await broker.credential(client(), "t1")) == "Bearer T1"
    await until(lambda: len(endpoint.requests) == 2)
    clock.advance(0.01)
    assert value(await broker.credential(client(), "t1")) == "Bearer T2"


async def test_an_expired_token_is_never_used(broker, endpoint, clock, client, refused):
    await broker.credential(client(), "t1")
    clock.advance(3540)
    endpoint.answers = [BAD]
    await refused()
    clock.advance(1)
    assert value(await broker.credential(client(), "t1")) == "Bearer T3"


@pytest.mark.parametrize("expires_in", [0, -1, "0"])
async def test_a_token_for_one_use_is_not_kept(broker, endpoint, store, client, expires_in):
    endpoint.expires_in = expires_in
    obtained = [await broker.credential(client(), "t1") for _ in range(2)]
    assert [value(item) for item in obtained] == ["Bearer T1", "Bearer T2"]
    assert not await broker.refuse(obtained[0])
    assert all(entry.token is None for entry in store.entries.values())


async def test_concurrent_callers_do_not_share_a_token_for_one_use(broker, endpoint, client):
    endpoint.expires_in, endpoint.delay = 0, 0.01
    obtained = await asyncio.gather(*(broker.credential(client(), "t1") for _ in range(5)))
    assert len({value(item) for item in obtained}) == 5


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "other"},
        {"client_secret": Secret("rotated")},
        {"scope": "more"},
    ],
)
async def test_another_rendered_value_gets_another_token(broker, endpoint, client, other):
    await broker.credential(client(), "t1")
    assert value(await broker.credential(client(**other), "t1")) == "Bearer T2"


async def test_tenants_never_share(broker, client):
    assert value(await broker.credential(client(), "t1")) == "Bearer T1"
    assert value(await broker.credential(client(), "t2")) == "Bearer T2"


async def test_two_subjects_two_tokens(broker, endpoint, subject):
    ada, bob, again = [
        value(await broker.credential(subject(email), "t1"))
        for email in ("ada@example.com", "bob@example.com", "ada@example.com")
    ]
    assert ada == again != bob
    assert len(endpoint.requests) == 2


async def test_the_cache_in_the_process_is_bounded(process, endpoint, client):
    broker = process(memory_size=2)
    for name in ("a", "b", "c", "a"):
        await broker.credential(client(scope=name), "t1")
    assert len(broker._memory) == 2
    assert len(endpoint.requests) == 3  # the store still knew "a"


async def test_500_concurrent_callers_one_token_request(broker, endpoint, clock, client):
    await broker.credential(client(), "t1")
    clock.advance(3600)
    endpoint.delay = 0.02
    obtained = await asyncio.gather(*(broker.credential(client(), "t1") for _ in range(500)))
    assert {value(item) for item in obtained} == {"Bearer T2"}
    assert [item.origin for item in obtained].count("fetched") == 1
    assert len(endpoint.requests) == 2


async def test_a_caller_that_leaves_does_not_take_the_others_down(broker, endpoint, client, until):
    endpoint.delay = 0.02
    calls = [asyncio.create_task(broker.credential(client(), "t1")) for _ in range(3)]
    await until(lambda: endpoint.requests)
    calls[0].cancel()
    assert [value(item) for item in await asyncio.gather(*calls[1:])] == ["Bearer T1"] * 2
    with pytest.raises(asyncio.CancelledError):
        await calls[0]
    assert len(endpoint.requests) == 1


async def test_when_every_caller_leaves_the_token_is_kept(broker, endpoint, client, until):
    endpoint.delay = 0.02
    call = asyncio.create_task(broker.credential(client(), "t1"))
    await until(lambda: endpoint.requests)
    call.cancel()
    await asyncio.sleep(0.05)
    assert (await broker.credential(client(), "t1")).origin == "cache"


async def test_a_slow_endpoint_is_given_up_and_left_alone(process, endpoint, client, refused):
    broker = process(fetch_seconds=0.05)
    endpoint.delay = 60
    async with asyncio.timeout(5):
        errors = await asyncio.gather(
            *(broker.credential(client(), "t1") for _ in range(50)), return_exceptions=True
        )
        errors.append(await refused())
    assert {error.detail for error in errors} == {"the token endpoint did not answer within 0.05 s"}
    assert len(endpoint.requests) == 1


async def test_a_token_is_renewed_before_its_end_while_callers_keep_using_it(
    broker, endpoint, clock, client, until
):
    await broker.credential(client(), "t1")
    clock.advance(3540 * 0.8)
    endpoint.delay = 0.02
    meanwhile = [value(await broker.credential(client(), "t1")) for _ in range(20)]
    assert meanwhile == ["Bearer T1"] * 20
    await until(lambda: not broker._flights)
    assert value(await broker.credential(client(), "t1")) == "Bearer T2"
    assert len(endpoint.requests) == 2


async def test_a_failed_refresh_keeps_the_valid_token(broker, endpoint, clock, client, refused, until):
    await broker.credential(client(), "t1")
    clock.advance(3000)
    endpoint.answers = [BAD] * 9
    for asked in (2, 3, 4):
        for _ in range(10):
            assert value(await broker.credential(client(), "t1")) == "Bearer T1"
            await until(lambda: not broker._flights)
        assert len(endpoint.requests) == asked
        clock.advance(10)
    clock.advance(3540)
    error = await refused()
    assert error.upstream_status == 503


async def test_a_failed_refresh_is_not_tried_on_every_call(broker, endpoint, store, clock, client, until):
    await broker.credential(client(), "t1")
    clock.advance(3000)
    endpoint.answers = [TokenReply(503, {"retry-after": "60"}, b"")]
    await broker.credential(client(), "t1")
    await until(lambda: not broker._flights)
    before = store.reads
    clock.advance(59)
    for _ in range(10):
        await broker.credential(client(), "t1")
        await until(lambda: not broker._flights)
    assert store.reads == before


async def test_a_refresh_that_is_blocked_keeps_the_valid_token(broker, endpoint, clock, client, until):
    await broker.credential(client(), "t1")
    clock.advance(3000)
    endpoint.answers = [DestinationBlocked("no")]
    for _ in range(10):
        assert value(await broker.credential(client(), "t1")) == "Bearer T1"
        await until(lambda: not broker._flights)
    assert len(endpoint.requests) == 2
