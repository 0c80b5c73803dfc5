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


async def test_hosts_change_and_versions_are_listed(client):
    for value in (CANARY, CANARY + "2"):
        await client("PUT", f"{PATH}/api_key", {"value": value})
    changed = await client("PUT", f"{PATH}/api_key/allowed-hosts", {"allowed_hosts": ["API.example.com"]})
    assert (changed.status, changed.json["version"]) == (200, 2)
    assert changed.json["allowed_hosts"] == ["api.example.com"]
    for body, paths in ({}, ["allowed_hosts"]), ({"allowed_hosts": ["a b"]}, ["allowed_hosts.0"]):
        answer = await client("PUT", f"{PATH}/api_key/allowed-hosts", body)
        assert (answer.status, answer.paths) == (422, paths)
    versions = await client("GET", f"{PATH}/api_key/versions")
    assert [(each["version"], each["created_by"]) for each in versions.json["versions"]] == [
        (2, "admin-token"),
        (1, "admin-token"),
    ]
    (change,) = versions.json["host_changes"]
    assert (change["allowed_hosts"], change["changed_by"]) == (["api.example.com"], "admin-token")
    assert change["changed_at"].endswith("Z")
    assert CANARY not in str(versions)
    assert (await client("GET", f"{PATH}/other/versions")).status == 404
    body = {"allowed_hosts": []}
    assert (await client("PUT", f"{PATH}/other/allowed-hosts", body)).status == 404


async def test_a_bad_name(client):
    answer = await client("PUT", f"{PATH}/api-key", {"value": CANARY})
    assert (answer.status, answer.paths) == (422, ["name"])
