"""What callers get when the token endpoint fails, lies or cannot be reached."""

import asyncio
from dataclasses import replace

import pytest

from sealgate.auth.base import TokenReply
from sealgate.errors import (
    DestinationBlocked,
    SigningFailed,
    TokenRequestFailed,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from sealgate.secret import Secret

BAD = TokenReply(503, {}, b"")


def value(obtained):
    return obtained.credential.value.reveal()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (TokenReply(200, {}, b""), "without an access_token"),
        (TokenReply(200, {"content-type": "text/html"}, b"<html>"), "without an access_token"),
        (TokenReply(200, {}, b'{"access_token":null}'), "without an access_token"),
        (TokenReply(200, {}, b'{"access_token":"T","token_type":"mac"}'), "token_type mac"),
        (TokenReply(302, {}, b""), "redirects"),
        (TokenReply(400, {}, b'{"error":"invalid_client"}'), "invalid_client"),
        (TokenReply(429, {}, b""), "429"),
        (TokenReply(503, {}, b""), "503"),
        (UpstreamTimeout("no reply within 15 s"), "no answer: no reply within 15 s"),
        (UpstreamUnreachable("connection refused"), "no answer: connection refused"),
        (UpstreamProtocolError("garbage"), "no answer: garbage"),
        (UpstreamResponseTooLarge("too large"), "no answer: too large"),
    ],
)
async def test_nothing_bad_is_cached_and_everyone_hears_at_once(
    broker, endpoint, store, clock, client, reply, words, refused
):
    endpoint.answers, endpoint.delay = [reply], 0.01
    errors = await asyncio.gather(
        *(broker.credential(client(), "t1") for _ in range(20)), return_exceptions=True
    )
    errors.append(await refused())
    assert all(isinstance(error, TokenRequestFailed) for error in errors)
    assert all(words in error.detail for error in errors)
    assert len({id(error) for error in errors}) == 21
    assert all(error.retry_after == 1.0 and error.headers == {"Retry-After": "1"} for error in errors)
    assert len({error.hint for error in errors}) == 1
    assert len(endpoint.requests) == 1
    assert all(entry.token is None for entry in store.entries.values())
    clock.advance(1)
    assert value(await broker.credential(client(), "t1")) == "Bearer T2"


async def test_back_off_doubles_to_ten_seconds_and_success_ends_it(broker, endpoint, clock, client, refused):
    endpoint.answers = [BAD] * 6
    pauses = []
    for _ in range(6):
        error = await refused()
        pauses.append(error.retry_after)
        clock.advance(error.retry_after / 2)
        assert (await refused()).retry_after == error.retry_after / 2
        clock.advance(error.retry_after / 2)
    assert pauses == [1, 2, 4, 8, 10, 10]
    assert len(endpoint.requests) == 6
    await broker.credential(client(), "t1")
    clock.advance(3600)
    endpoint.answers = [BAD]
    assert (await refused()).retry_after == 1


async def test_an_old_failure_is_forgiven(broker, endpoint, clock, client, refused):
    endpoint.answers = [BAD] * 2
    await refused()
    clock.advance(3600)
    assert (await refused()).retry_after == 1


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("3600", 60), ("0", 1), ("soon", 1)])
async def test_retry_after_is_honoured_up_to_a_minute(broker, endpoint, client, text, seconds, refused):
    endpoint.answers = [TokenReply(429, {"retry-after": text}, b"")]
    assert (await refused()).retry_after == seconds


async def test_one_key_that_fails_leaves_others_alone(broker, endpoint, client, refused):
    endpoint.answers = [BAD]
    await refused()
    assert value(await broker.credential(client(scope="other"), "t1")) == "Bearer T2"


async def test_a_blocked_destination_stays_one_and_is_not_remembered(broker, endpoint, store, client):
    endpoint.answers = [DestinationBlocked("10.0.0.1 is private")]
    with pytest.raises(DestinationBlocked, match="private"):
        await broker.credential(client(), "t1")
    assert value(await broker.credential(client(), "t1")) == "Bearer T2"


async def test_an_assertion_that_cannot_be_signed_is_a_signing_error(broker, endpoint, store, subject):
    authentication = subject("ada@example.com")
    weak = replace(authentication, signer=replace(authentication.signer, private_key=Secret("short")))
    for _ in range(2):
        with pytest.raises(SigningFailed):
            await broker.credential(weak, "t1")
    assert endpoint.requests == []
    assert all(entry.leased_until == 0.0 for entry in store.entries.values())


async def test_a_fault_of_our_own_frees_the_lease(broker, endpoint, store, client):
    endpoint.answers = [RuntimeError("a bug")]
    with pytest.raises(RuntimeError):
        await broker.credential(client(), "t1")
    assert all(entry.leased_until == 0.0 for entry in store.entries.values())
    assert value(await broker.credential(client(), "t1")) == "Bearer T2"


async def test_explain_gets_what_the_server_said(broker, endpoint, client, refused):
    body = b'{"error":"invalid_client","error_description":"Unknown client"}'
    endpoint.answers = [TokenReply(401, {}, body)]
    for _ in range(2):
        error = await refused()
        assert (error.upstream_status, error.oauth_error) == (401, "invalid_client")
        assert error.oauth_description == "Unknown client"
        assert "client id" in error.hint
        assert "Unknown client" not in str(error.as_json())
