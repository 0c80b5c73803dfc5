import pytest

PATH = "/api/v1/secrets/key"


def private_lines(client):
    """What no answer may hold: the lines of the private key."""
    pem = client.engine.tenant("default").secrets["key"].reveal()
    return [line for line in pem.splitlines() if line]


async def test_generate_rotate_publish(client):
    made = await client("POST", f"{PATH}/key-pair", {"algorithm": "RS256", "publish": True})
    assert made.status == 201
    assert (made.json["name"], made.json["version"], made.json["published"]) == ("key", 1, True)
    assert made.json["pem"].startswith("-----BEGIN PUBLIC KEY-----")
    assert set(made.json["jwk"]) == {"kty", "n", "e", "alg", "use", "kid"}
    read = await client("GET", f"{PATH}/public-key")
    assert (read.status, read.json) == (200, made.json)
    shown = await client("GET", PATH)
    listed = await client("GET", "/api/v1/secrets")
    assert shown.json["published"] is True and listed.json["secrets"] == [shown.json]
    withdrawn = await client("PUT", f"{PATH}/public-key", {"published": False})
    assert withdrawn.json == {**made.json, "published": False}
    for answer in (made, read, shown, listed, withdrawn):
        assert not [line for line in private_lines(client) if line in answer.body.decode()]
    rotated = await client("POST", f"{PATH}/key-pair", {"algorithm": "ES384"})
    assert (rotated.status, rotated.json["version"], rotated.json["jwk"]["crv"]) == (200, 2, "P-384")


@pytest.mark.parametrize(
    ("method", "end", "body", "status"),
    [
        ("POST", "/key-pair", {}, 422),
        ("POST", "/key-pair", {"algorithm": "HS256"}, 422),
        ("POST", "/key-pair", {"algorithm": "RS256", "bits": 512}, 422),
        ("POST", "/key-pair", {"algorithm": "RS256", "value": "x"}, 422),
        ("PUT", "/public-key", {}, 422),
        ("PUT", "/public-key", {"published": True}, 404),
        ("GET", "/public-key", None, 404),
    ],
)
async def test_what_cannot_be_done(client, method, end, body, status):
    assert (await client(method, PATH + end, body)).status == status


async def test_a_secret_that_is_no_key(client):
    canary = "s3cret-canary-that-is-no-key"
    await client("PUT", PATH, {"value": canary})
    for method, end, body in (
        ("GET", "/public-key", None),
        ("PUT", "/public-key", {"published": True}),
        ("POST", "/key-pair", {"algorithm": "EdDSA"}),
    ):
        answer = await client(method, PATH + end, body)
        assert (answer.status, answer.code) == (409, "CONFLICT")
        assert canary not in answer.body.decode()
