from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealgate.secret import Secret
from sealgate.stores.sealing import (
    Place,
    SealBroken,
    SealingKey,
    derive_key,
    fingerprint,
    length_prefixed,
    new_key,
)

HERE = Place("secret", "acme", "token", 1)
places = st.builds(Place, st.text(), st.text(), st.text(), st.integers(min_value=0))


@given(st.binary(), places)
def test_a_sealed_value_opens_at_its_place(value: bytes, place: Place) -> None:
    key = SealingKey(new_key())
    assert key.unseal(key.seal(Secret(value), place), place).reveal() == value


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("token", "acme", "token", 1),
        Place("secret", "other", "token", 1),
        Place("secret", "acme", "other", 1),
        Place("secret", "acme", "token", 2),
        Place("secret", "acmet", "oken", 1),
    ],
)
def test_it_opens_nowhere_else(elsewhere: Place) -> None:
    key = SealingKey(new_key())
    with pytest.raises(SealBroken):
        key.unseal(key.seal(Secret(b"value"), HERE), elsewhere)


def test_it_opens_with_no_other_key() -> None:
    sealed = SealingKey(new_key()).seal(Secret(b"value"), HERE)
    with pytest.raises(SealBroken) as caught:
        SealingKey(new_key()).unseal(sealed, HERE)
    assert caught.value.__cause__ is None


def test_no_changed_byte_goes_unnoticed() -> None:
    key = SealingKey(new_key())
    sealed = key.seal(Secret(b"value"), HERE)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            key.unseal(bytes(changed), HERE)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            key.unseal(sealed[:length], HERE)


def test_sealing_twice_gives_different_bytes() -> None:
    key = SealingKey(new_key())
    assert key.seal(Secret(b"value"), HERE) != key.seal(Secret(b"value"), HERE)


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_different_parts_never_give_the_same_bytes(left: list[str], right: list[str]) -> None:
    assert (length_prefixed(*left) == length_prefixed(*right)) == (left == right)


def test_derived_keys_are_stable_and_apart() -> None:
    root = Secret(bytes(32))
    assert derive_key(root, "a") == derive_key(root, "a")
    assert derive_key(root, "a") != derive_key(root, "b")
    assert derive_key(root, "a") != derive_key(new_key(), "a")


def test_derivation_is_hkdf_sha256() -> None:
    """Expected: `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:00…00 -kdfopt info:… HKDF`."""
    assert derive_key(Secret(bytes(32)), "token-cache").reveal().hex() == (
        "fb942a8558fe38ea68ed71d75d291f90612bca590154d2f398809bcc9116449c"
    )


def test_fingerprints_tell_equal_values_of_one_tenant() -> None:
    key = new_key()
    assert fingerprint(key, "a", Secret("x")) == fingerprint(key, "a", Secret("x"))
    assert fingerprint(key, "a", Secret("x")) != fingerprint(key, "a", Secret("y"))
    assert fingerprint(key, "a", Secret("x")) != fingerprint(key, "b", Secret("x"))
    assert fingerprint(key, "a", Secret("x")) != fingerprint(new_key(), "a", Secret("x"))
