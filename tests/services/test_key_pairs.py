import pytest

from sealgate.errors import Conflict, DocumentInvalid, NotFound
from sealgate.secret import Secret, reveal
from sealgate.services import key_pairs, secrets
from sealgate.testing import keys


async def generate(engine, name="key", algorithm="ES256", **more):
    return await key_pairs.generate_key_pair(
        engine, "default", name, algorithm=algorithm, actor="ada", **more
    )


async def put(engine, value, name="key"):
    return await secrets.put_secret(engine, "default", name, Secret(value), actor="bob")


def listed(engine):
    keys = engine.tenant("default").public_keys
    return [(key.jwk["kid"], key.listed_until is None) for key in keys]


async def test_a_new_key_is_a_secret(engine):
    shown = await generate(engine)
    assert (shown.created, shown.version, shown.published) == (True, 1, False)
    value = reveal(engine.tenant("default").secrets["key"])
    assert value.startswith("-----BEGIN PRIVATE KEY-----")
    assert value not in repr(shown) and "PRIVATE" not in str(shown.as_json())
    assert (await secrets.get_secret(engine, "default", "key")).info.updated_by == "ada"
    assert (await key_pairs.get_public_key(engine, "default", "key")).key == shown.key
    assert listed(engine) == []


async def test_rotation_keeps_what_was_decided(engine):
    first = await generate(engine, algorithm="PS256", bits=3072, publish=True)
    await secrets.put_secret(
        engine, "default", "other", Secret("x"), allowed_hosts=["api.example.com"], actor="ada"
    )
    second = await generate(engine, algorithm="PS256")
    assert (second.created, second.version, second.published) == (False, 2, True)
    kids = [shown.key.jwk["kid"] for shown in (second, first)]
    assert listed(engine) == [(kids[0], True), (kids[1], False)]
    third = await generate(engine, algorithm="EdDSA", publish=False)
    assert not third.published and listed(engine) == [(kids[0], False), (kids[1], False)]


async def test_creating_replaces_no_key(engine):
    await generate(engine, create_only=True)
    with pytest.raises(Conflict, match="already"):
        await generate(engine, create_only=True)
    assert (await secrets.get_secret(engine, "default", "key")).info.version == 1


async def test_something_else_is_not_overwritten(engine):
    await put(engine, "s3cret-canary-api-key")
    with pytest.raises(Conflict) as caught:
        await generate(engine)
    assert "canary" not in caught.value.detail
    assert reveal(engine.tenant("default").secrets["key"]) == "s3cret-canary-api-key"


async def test_the_public_key_of_a_key_that_was_stored_by_hand(engine):
    pair = keys.rsa_key()
    await put(engine, pair.private_pem)
    shown = await key_pairs.get_public_key(engine, "default", "key")
    assert shown.key.pem == pair.public_pem and "alg" not in shown.key.jwk
    published = await key_pairs.publish_public_key(engine, "default", "key", True, "RS512")
    assert published.key.jwk["alg"] == "RS512" and len(listed(engine)) == 1
    assert (await key_pairs.get_public_key(engine, "default", "key")).key.jwk["alg"] == "RS512"
    await key_pairs.publish_public_key(engine, "default", "key", False)
    assert listed(engine) == []
    assert not (await secrets.get_secret(engine, "default", "key")).as_json()["published"]


async def test_a_published_secret_takes_only_private_keys(engine):
    first = await generate(engine, publish=True)
    with pytest.raises(DocumentInvalid) as caught:
        await put(engine, "s3cret-canary-no-key")
    (fault,) = caught.value.fields
    assert fault.path == "value" and "published" in fault.message and "canary" not in str(fault)
    await put(engine, keys.ed25519_key().private_pem)
    key = engine.tenant("default").public_keys[0]
    assert key.jwk == (await key_pairs.get_public_key(engine, "default", "key")).key.jwk
    assert key.jwk["alg"] == "EdDSA" and listed(engine)[1] == (first.key.jwk["kid"], False)
    await key_pairs.publish_public_key(engine, "default", "key", False)
    await put(engine, "something else")
    with pytest.raises(Conflict, match="no private key"):
        await key_pairs.get_public_key(engine, "default", "key")


@pytest.mark.parametrize(
    ("algorithm", "bits", "paths"),
    [
        ("HS256", None, ["algorithm"]),
        ("none", None, ["algorithm"]),
        ("RS256", 1024, ["bits"]),
        ("RS256", 2049, ["bits"]),
        ("ES256", 2048, ["bits"]),
        ("ed25519", 7, ["algorithm", "bits"]),
    ],
)
async def test_what_cannot_be_made(engine, algorithm, bits, paths):
    with pytest.raises(DocumentInvalid) as caught:
        await generate(engine, algorithm=algorithm, bits=bits)
    assert [fault.path for fault in caught.value.fields] == paths


async def test_what_is_not_there(engine):
    with pytest.raises(NotFound):
        await key_pairs.get_public_key(engine, "default", "nope")
    with pytest.raises(NotFound):
        await key_pairs.publish_public_key(engine, "default", "nope", True)
    with pytest.raises(DocumentInvalid):
        await generate(engine, name="not-a-name")
    await generate(engine)
    with pytest.raises(DocumentInvalid):
        await key_pairs.get_public_key(engine, "default", "key", "HS256")
    with pytest.raises(Conflict):
        await key_pairs.get_public_key(engine, "default", "key", "RS256")
