PATH = "/api/v1/tokens"


async def test_the_life_of_a_token(client):
    body = {
        "name": "ci",
        "scopes": ["read", "write"],
        "permalinks": ["a"],
        "expires_at": "2099-01-01T00:00:00Z",
    }
    created = await client("POST", PATH, body)
    assert created.status == 201
    text = created.json["token"]
    listed = await client("GET", PATH)
    (token,) = listed.json["tokens"]
    assert {name: token[name] for name in body} == body
    assert "token" not in token and text not in str(listed.body)
    assert (await client("DELETE", f"{PATH}/{token['id']}")).status == 204
    assert (await client("DELETE", f"{PATH}/{token['id']}")).status == 404
    assert (await client("GET", PATH)).json == {"tokens": []}


async def test_every_fault_at_once(client):
    answer = await client("POST", PATH, {"name": "", "scopes": ["root"], "expires_at": "soon"})
    assert (answer.status, answer.paths) == (422, ["name", "scopes.0", "expires_at"])
    shape = await client("POST", PATH, {"scopes": "read", "scope": []})
    assert (shape.status, shape.paths) == (422, ["name", "scopes", "scope"])
