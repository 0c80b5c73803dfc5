"""Signatures by RSA keys are made beside the event loop; all others where they are asked for."""

from __future__ import annotations

import asyncio
import threading

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from sealgate.auth._signer import Signer
from sealgate.auth.base import RenderedUrl
from sealgate.auth.jwt import Jwt
from sealgate.auth.jwt_bearer import JwtBearer
from sealgate.broker.signing import THREAD_NAME, SigningThreads
from sealgate.errors import Overloaded, SigningFailed
from sealgate.message import Origin
from sealgate.secret import Secret


def pem(key) -> Secret[str]:
    return Secret(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )


RSA = pem(rsa.generate_private_key(65537, 2048))
KEYS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    "ES256": pem(ec.generate_private_key(ec.SECP256R1())),
    "EdDSA": pem(ed25519.Ed25519PrivateKey.generate()),
    "HS256": Secret("s" * 32),
}


class Claims(dict):
    """Tells which thread writes them as JSON."""

    def __init__(self, **members: object) -> None:
        super().__init__(members)
        self.threads: list[str] = []

    def items(self):
        self.threads.append(threading.current_thread().name)
        return super().items()


@pytest.fixture
async def threads():
    pool = SigningThreads(most_waiting=100)
    yield pool
    pool.close()


@pytest.mark.parametrize("algorithm", KEYS)
async def test_the_thread_that_signs(broker, algorithm: str) -> None:
    claims = Claims(sub="ada")
    obtained = await broker.credential(Jwt(Signer(KEYS[algorithm], algorithm, {}), claims), "t1")
    assert obtained.credential.value.reveal().count(".") == 2
    beside = [name.startswith(THREAD_NAME) for name in claims.threads]
    assert beside == [algorithm[:2] in ("RS", "PS")]


async def test_the_loop_goes_on_while_large_keys_sign(broker) -> None:
    value = Jwt(Signer(pem(rsa.generate_private_key(65537, 4096)), "RS256", {}), {"sub": "ada"})
    rounds, signing = 0, asyncio.gather(*(broker.credential(value, "t1") for _ in range(10)))
    while not signing.done():
        await asyncio.sleep(0)
        rounds += 1
    assert len({obtained.credential.value.reveal() for obtained in await signing}) == 1
    assert rounds > 20  # ten signatures on the loop would leave it one or two


async def test_an_assertion_is_signed_beside_the_loop(broker, endpoint) -> None:
    claims = Claims(scope="read")
    url = RenderedUrl(Origin("https", "idp.example", 443), "/token")
    who = (Secret("client"), Secret("ada"), Secret("https://idp.example"))
    value = JwtBearer(*who, url, 3600, Signer(RSA, "PS256", {}), claims)
    obtained = await broker.credential(value, "t1")
    assert obtained.credential.value.reveal() == "Bearer T1"
    assert any(name.startswith(THREAD_NAME) for name in claims.threads)
    assert endpoint.form(0)["assertion"][0].count(".") == 2


async def test_what_cannot_sign_says_so(broker) -> None:
    with pytest.raises(SigningFailed, match="neither a PEM nor a JWK"):
        await broker.credential(Jwt(Signer(Secret("nonsense"), "RS256", {}), {"sub": "ada"}), "t1")


async def test_each_step_gets_its_own_result(threads: SigningThreads) -> None:
    async def steps(number: int) -> list[int]:
        return [await threads.run(lambda round_=round_: (number, round_)) for round_ in range(50)]

    found = await asyncio.gather(*map(steps, range(60)))
    assert found == [[(number, round_) for round_ in range(50)] for number in range(60)]


async def blocked(pool: SigningThreads, gate: threading.Event) -> list[asyncio.Task[bool]]:
    """Every thread of the pool waits at the gate."""
    first = asyncio.create_task(pool.run(gate.wait))
    await asyncio.sleep(0)
    others = [asyncio.create_task(pool.run(gate.wait)) for _ in pool._threads[1:]]
    await asyncio.sleep(0)
    return [first, *others]


async def test_too_many_that_wait_are_refused() -> None:
    pool, gate = SigningThreads(most_waiting=8), threading.Event()
    waiting = await blocked(pool, gate)
    waiting += [asyncio.create_task(pool.run(lambda: True)) for _ in range(8 - len(waiting))]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="too many signatures"):
        await pool.run(lambda: True)
    gate.set()
    assert await asyncio.gather(*waiting) == [True] * 8
    assert await pool.run(lambda: "again") == "again"
    pool.close()


async def test_a_cancelled_call_leaves_nothing(threads: SigningThreads) -> None:
    gate, ran = threading.Event(), []
    waiting = await blocked(threads, gate)
    left = asyncio.create_task(threads.run(lambda: ran.append("left")))
    await asyncio.sleep(0)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    gate.set()
    await asyncio.gather(*waiting)
    assert await threads.run(lambda: "next") == "next"
    assert not ran
    assert not threads._waiting


async def test_closing_ends_the_threads_and_whoever_waits() -> None:
    pool, gate, ran = SigningThreads(), threading.Event(), []
    begun = await blocked(pool, gate)
    left = asyncio.create_task(pool.run(lambda: ran.append("left")))
    await asyncio.sleep(0)
    threads = list(pool._threads)
    threading.Timer(0.05, gate.set).start()
    pool.close()
    assert not any(thread.is_alive() for thread in threads)
    ended = await asyncio.gather(left, *begun, return_exceptions=True)
    assert {type(one) for one in ended} == {asyncio.CancelledError}
    assert not ran
    with pytest.raises(Overloaded):
        await pool.run(lambda: True)
