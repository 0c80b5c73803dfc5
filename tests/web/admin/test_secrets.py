import json

import pytest

CANARY = "s3cret-canary-of-the-admin-api"
PATH = "/api/v1/secrets"


async def test_the_life_of_a_secret(client):
    created = await client("PUT", f"{PATH}/api_key", {"value": CANARY, "allowed_hosts": ["api.example.com"]})
    assert created.status == 201
    shown = created.json
    assert shown["name"] == "api_key" and shown["first_character"] == "s" and shown["version"] == 1
    assert shown["allowed_hosts"] == ["api.example.com"] and shown["updated_by"] == "admin-token"
    replaced = await client("PUT", f"{PATH}/api_key", {"value": CANARY + "2"})
    assert (replaced.status, replaced.json["version"]) == (200, 2)
    assert replaced.json["fingerprint"] != shown["fingerprint"]
    listed = await client("GET", PATH)
    assert listed.json == {"secrets": [replaced.json]}
    assert (await client("GET", f"{PATH}/api_key")).json == replaced.json
    assert (await client("DELETE", f"{PATH}/api_key")).status == 204
    assert (await client("GET", f"{PATH}/api_key")).status == 404
    assert (await client("DELETE", f"{PATH}/api_key")).status == 404
    assert CANARY not in str([created, replaced, listed])


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, ["value"]),
        ({"value": ""}, ["value"]),
        ({"value": None}, ["value"]),
        ({"value": [CANARY]}, ["value"]),
        (
            {"value": {"x": CANARY}, "allowed_hosts": "a", "allowedHosts": []},
            ["value", "allowed_hosts", "allowedHosts"],
        ),
        ({"value": CANARY, "allowed_hosts": ["ok.example", "0x7f.1"]}, ["allowed_hosts.1"]),
        ([CANARY], [""]),
    ],
)
async def test_faults_name_the_field_and_not_the_value(client, body, paths):
    answer = await client("PUT", f"{PATH}/api_key", body)
    assert (answer.status, answer.paths) == (422, paths)
    assert CANARY not in json.dumps(answer.json)


async def test_a_bad_name(client):
    answer = await client("PUT", f"{PATH}/api-key", {"value": CANARY})
    assert (answer.status, answer.paths) == (422, ["name"])
