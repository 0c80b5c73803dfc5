PATH = "/api/v1/variables"


async def test_the_life_of_a_variable(client):
    created = await client("PUT", f"{PATH}/region", {"value": "eu"})
    assert (created.status, created.json["value"]) == (201, "eu")
    replaced = await client("PUT", f"{PATH}/region", {"value": ""})
    assert (replaced.status, replaced.json["value"]) == (200, "")
    assert (await client("GET", PATH)).json == {"variables": [replaced.json]}
    assert (await client("GET", f"{PATH}/region")).json == replaced.json
    assert (await client("DELETE", f"{PATH}/region")).status == 204
    missing = await client("GET", f"{PATH}/region")
    assert (missing.status, missing.code) == (404, "NOT_FOUND")


async def test_a_name_is_of_one_kind(client):
    await client("PUT", "/api/v1/secrets/region", {"value": "x"})
    answer = await client("PUT", f"{PATH}/region", {"value": "eu"})
    assert (answer.status, answer.code) == (409, "CONFLICT")


async def test_faults(client):
    answer = await client("PUT", f"{PATH}/region", {"value": 7})
    assert (answer.status, answer.paths) == (422, ["value"])
