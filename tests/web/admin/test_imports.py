"""`/import`: proposals, saving all or nothing, and no secret in any answer."""

import json
from pathlib import Path

import pytest

from sealgate.testing import FakeApi

CANARY = "canary-value-4711-of-the-import"


def bytes_of(folder):
    return [file.read_bytes() for file in folder.iterdir()]


CURL = f"curl https://api.acme.com/v1/orders?limit=5 -H 'Authorization: Bearer {CANARY}'"


async def test_a_proposal_saves_nothing(client):
    answer = await client("POST", "/api/v1/import/curl", {"command": CURL})
    assert answer.status == 200
    assert answer.json["connector"]["url"] == "https://api.acme.com/v1/orders"
    assert answer.json["secrets"] == [
        {
            "name": "acme_token",
            "place": "authentication.config.value",
            "advice": "what follows 'Bearer ', for api.acme.com",
            "found": True,
            "allowed_hosts": ["api.acme.com"],
        }
    ]
    assert answer.json["saved"] is False and answer.json["faults"] == answer.json["warnings"] == []
    assert CANARY not in answer.body.decode()
    assert (await client("GET", "/api/v1/connectors")).json == {"connectors": []}
    assert (await client("GET", "/api/v1/secrets")).json == {"secrets": []}


async def test_saved_in_one_call_and_used(client):
    with FakeApi() as api:
        command = CURL.replace("https://api.acme.com", api.origin)
        answer = await client(
            "POST", "/api/v1/import/curl", {"command": command, "save": True, "name": "Orders"}
        )
        assert answer.status == 201 and answer.json["saved"] is True
        assert answer.json["connector"]["permalink"] == "orders"
        assert CANARY not in answer.body.decode()
        tested = await client("POST", "/api/v1/test", {"permalink": "orders"})
        assert tested.status == 200
        assert api.requests[-1].header("Authorization") == f"Bearer {CANARY}"
        assert api.requests[-1].target == "/v1/orders?limit=5"
    (secret,) = (await client("GET", "/api/v1/secrets")).json["secrets"]
    assert secret["used_by"] == ["orders"] and secret["allowed_hosts"] == ["127.0.0.1"]


async def test_the_second_import_takes_other_names(client):
    for permalink, name in (("acme-orders", "acme_token"), ("acme-orders-2", "acme_token_2")):
        answer = await client("POST", "/api/v1/import/curl", {"command": CURL, "save": True})
        assert answer.json["connector"]["permalink"] == permalink
        assert answer.json["secrets"][0]["name"] == name


async def test_a_document_with_faults_is_shown_and_not_saved(client):
    body = {"command": CURL.replace("https:", "http:")}
    answer = await client("POST", "/api/v1/import/curl", body)
    assert answer.status == 200 and [fault["path"] for fault in answer.json["faults"]] == ["url"]
    refused = await client("POST", "/api/v1/import/curl", body | {"save": True})
    assert refused.status == 422 and refused.paths == ["acme-orders.url"]
    assert (await client("GET", "/api/v1/secrets")).json == {"secrets": []}


async def test_a_name_that_was_taken_meanwhile_saves_nothing(client):
    from sealgate.errors import Conflict
    from sealgate.secret import Secret
    from sealgate.services import imports

    proposed = await imports.propose_curl(client.engine, "default", CURL)
    await client.engine.store.put_secret("default", "acme_token", Secret("of somebody else"), actor="other")
    with pytest.raises(Conflict, match="acme_token"):
        await imports.save_proposals(client.engine, "default", [proposed], actor="test")
    assert (await client("GET", "/api/v1/connectors")).json == {"connectors": []}


@pytest.mark.parametrize(
    ("scopes", "save", "status"),
    [
        (["read"], False, 403),
        (["write"], False, 200),
        (["write"], True, 403),
        (["secrets"], True, 403),
        (["write", "secrets"], True, 201),
    ],
)
async def test_scopes(client, scopes, save, status):
    token = await client.token(*scopes)
    answer = await client("POST", "/api/v1/import/curl", {"command": CURL, "save": save}, token=token)
    assert answer.status == status, answer.body
    if status == 403:
        assert (await client("GET", "/api/v1/secrets")).json == {"secrets": []}


async def test_a_token_for_other_permalinks_saves_nothing(client):
    token = await client.token("write", "secrets", permalinks=["weather"])
    answer = await client("POST", "/api/v1/import/curl", {"command": CURL, "save": True}, token=token)
    assert answer.status == 403


@pytest.mark.parametrize(
    "command",
    [
        f"curl 'https://api.acme.com -H 'X-Api-Key: {CANARY}'",
        f"curl https://api.acme.com --frobnicate {CANARY}",
        f"curl https://api.acme.com -F 'password={CANARY}'",
        f"curl https://api.acme.com -H '{CANARY}'",
        f"curl https://{CANARY}:{CANARY}@-bad-/",
        f"curl $(echo {CANARY})",
        f"curl https://api.acme.com -X {CANARY}",
        f"curl https://login.acme.com -d grant_type=refresh_token -d refresh_token={CANARY}",
        f"curl https://api.acme.com -d password={CANARY} -b {CANARY} -H 'X-Secret: {CANARY}'",
        f"curl https://api.acme.com/x -x http://u:{CANARY}@p --proxy-user {CANARY}:{CANARY}",
        f"curl -u ada:{CANARY} 'https://api.acme.com/?token={CANARY}x' --json '{{\"apiKey\": \"{CANARY}\"}}'",
    ],
)
@pytest.mark.parametrize("save", [False, True])
async def test_no_answer_error_or_log_holds_a_value(client, command, save, capfd, caplog):
    answer = await client("POST", "/api/v1/import/curl", {"command": command, "save": save})
    assert answer.status in (200, 201, 422)
    stored = await client("GET", "/api/v1/connectors")
    captured = capfd.readouterr()
    for text in (answer.body.decode(), stored.body.decode(), captured.out, captured.err, caplog.text):
        assert CANARY[:16].lower() not in text.lower()
    for data in bytes_of(client.engine.settings.data):
        assert CANARY.encode() not in data


async def test_the_body_is_read_strictly(client):
    answer = await client("POST", "/api/v1/import/curl", {"command": CURL, "sav": True, "name": ""})
    assert answer.status == 422 and sorted(answer.paths) == ["name", "sav"]
    assert CANARY not in json.dumps(answer.json)


# -- OpenAPI --------------------------------------------------------------------------------------------

PETSHOP = (Path(__file__).parents[2] / "importing" / "openapi" / "petshop.json").read_text()


async def test_openapi_lists_and_proposes_and_saves(client):
    listed = await client("POST", "/api/v1/import/openapi", {"document": json.loads(PETSHOP)})
    assert listed.status == 200 and listed.json["title"] == "Pet shop"
    keys = [operation["operation"] for operation in listed.json["operations"]]
    assert keys[0] == "listPets" and listed.json["connectors"] == []

    body = {"document": PETSHOP, "operations": ["listPets", "order"]}
    proposed = await client("POST", "/api/v1/import/openapi", body)
    assert [each["connector"]["permalink"] for each in proposed.json["connectors"]] == ["list-pets", "order"]
    assert [each["faults"] for each in proposed.json["connectors"]] == [[], []]
    assert (await client("GET", "/api/v1/connectors")).json == {"connectors": []}

    saved = await client("POST", "/api/v1/import/openapi", body | {"save": True})
    assert saved.status == 201 and all(each["saved"] for each in saved.json["connectors"])
    stored = (await client("GET", "/api/v1/connectors")).json["connectors"]
    assert [each["permalink"] for each in stored] == ["list-pets", "order"]

    again = await client("POST", "/api/v1/import/openapi", body)
    assert again.json["connectors"][0]["connector"]["permalink"] == "list-pets-2"


async def test_openapi_saves_all_or_nothing(client):
    body = {
        "document": PETSHOP,
        "operations": ["listPets", "order"],
        "base_url": "http://10.0.0.1",
        "save": True,
    }
    answer = await client("POST", "/api/v1/import/openapi", body)
    assert answer.status == 422 and answer.paths == ["list-pets.url", "order.url"]
    assert (await client("GET", "/api/v1/connectors")).json == {"connectors": []}


async def test_openapi_says_what_is_wrong(client):
    answer = await client("POST", "/api/v1/import/openapi", {"document": {"swagger": "2.0"}})
    assert answer.status == 422 and "Swagger 2.0" in answer.json["errors"]["detail"]
    assert "convert" in answer.json["errors"]["fields"][0]["hint"]


# -- templates at hand ----------------------------------------------------------------------------------


async def test_the_playground_reads_no_real_secret(client):
    await client("PUT", "/api/v1/secrets/key", {"value": CANARY})
    body = {"template": "{{ get_secret('key') }}{{ 1 / 0 }}", "field": "header"}
    failed = await client("POST", "/api/v1/playground", body)
    assert failed.json["error"]["code"] == "REQUEST_TEMPLATE_FAILED"
    shown = await client("POST", "/api/v1/playground", body | {"template": "{{ get_secret('key') }}"})
    assert shown.json["output"] == "[key]"
    assert CANARY not in (failed.body + shown.body).decode()


async def test_the_reference_says_where_a_function_may_stand(client):
    entries = (await client("GET", "/api/v1/template-reference")).json["entries"]
    fields = {entry["name"]: entry["fields"] for entry in entries}
    assert fields["get_secret"] == ["header", "query", "authentication"]
