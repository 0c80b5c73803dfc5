"""OpenAPI documents as connectors: a plain one and a nasty one."""

import json
from pathlib import Path

import pytest

from sealgate.errors import DocumentInvalid
from sealgate.execution.engine import Engine
from sealgate.execution.trial import TestRequest
from sealgate.importing.naming import Names
from sealgate.importing.openapi import described_schemes, import_operations, read_specification
from sealgate.importing.openapi.document import MOST_BYTES
from sealgate.importing.openapi.samples import MOST_VALUES
from sealgate.services.names import names_in
from sealgate.settings import Settings
from sealgate.testing import FakeApi

HERE = Path(__file__).parent
PETSHOP = (HERE / "petshop.json").read_text()
NASTY = (HERE / "nasty.json").read_text()


def proposals(text, *picks, **more):
    specification = read_specification(text)
    chosen = picks or [operation.key for operation in specification.operations()]
    return import_operations(specification, chosen, Names(), **more)


def one(text, pick):
    (proposal,) = proposals(text, pick)
    return proposal.document


def test_the_operations_are_listed():
    listed = [operation.as_json() for operation in read_specification(PETSHOP).operations()]
    assert [each["operation"] for each in listed] == [
        "listPets", "createPet", "showPet", "DELETE /pets/{petId}", "order"
    ]  # fmt: skip
    assert listed[0] == {
        "operation": "listPets",
        "method": "GET",
        "path": "/pets",
        "operation_id": "listPets",
        "summary": "List all pets",
        "tags": ["pets"],
        "deprecated": False,
    }
    assert listed[3]["deprecated"] is True


def test_a_read():
    assert one(PETSHOP, "listPets") == {
        "name": "List all pets",
        "permalink": "list-pets",
        "url": "https://eu.petshop.example/v1/pets",
        "method": "GET",
        "headers": [
            {"key": "Accept", "value": "application/json"},
            {"key": "X-Trace", "value": "t-1", "overridable": True},
        ],
        "query_parameters": [
            {"key": "limit", "value": "20", "overridable": True},
            {"key": "status", "value": "available", "overridable": True},
        ],
        "authentication": {
            "type": "api_key",
            "config": {"key": "X-Api-Key", "value": "{{ get_secret('petshop_api_key') }}", "in": "header"},
        },
    }


def test_a_path_parameter_and_basic():
    document = one(PETSHOP, "GET /pets/{petId}")
    assert document["url"] == "https://eu.petshop.example/v1/pets/{{ pathParams.petId }}"
    assert document["path_parameters"] == [{"key": "petId"}]
    assert document["name"] == "showPet" and document["permalink"] == "show-pet"
    value = document["authentication"]["config"]["value"]
    assert value == "Basic {{ get_secret('petshop_user_and_password') | base64_encode }}"


def test_client_credentials():
    assert one(PETSHOP, "createPet")["authentication"] == {
        "type": "oauth_client_credentials",
        "config": {
            "client_id": "{{ get_secret('petshop_client_id') }}",
            "client_secret": "{{ get_secret('petshop_client_secret') }}",
            "token_url": "https://login.petshop.example/oauth/token",
            "scope": "pets:write pets:read",
        },
    }


def test_no_security():
    assert "authentication" not in one(PETSHOP, "DELETE /pets/{petId}")


@pytest.fixture
async def engine(tmp_path):
    configured = Settings(data=tmp_path, egress_allow=("http://127.0.0.1:*",))
    async with await Engine.start(configured) as running:
        yield running


async def sent(engine, text, pick, body=None):
    """The request that an imported operation sends, and its document."""
    with FakeApi() as api:
        (proposal,) = proposals(text, pick, base_url=api.origin)
        proposal.document.pop("authentication", None)
        request = TestRequest(body=body, path_params=dict.fromkeys(path_names(proposal.document), "7"))
        result = await engine.test("default", proposal.document, request)
        assert result.error is None, result.error
        return api.requests[-1]


def path_names(document):
    return [row["key"] for row in document.get("path_parameters", ())]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            None,
            {
                "name": "Rex {{ 7 * 7 }}",
                "kind": "dog",
                "born": "2026-01-31",
                "tags": ["small"],
                "owner": {"email": "ada@example.com"},
                "vaccinated": False,
            },
        ),
        (
            {"name": 'Tom "T" {{ 1 }}', "vaccinated": True, "tags": [], "more": 1},
            {
                "name": 'Tom "T" {{ 1 }}',
                "kind": "dog",
                "born": "2026-01-31",
                "tags": [],
                "owner": {"email": "ada@example.com"},
                "vaccinated": True,
            },
        ),
    ],
)
async def test_a_body_has_samples_and_takes_what_the_caller_sends(engine, body, expected):
    received = await sent(engine, PETSHOP, "createPet", body)
    assert json.loads(received.body) == expected
    assert received.header("Content-Type") == "application/json"


async def test_a_form(engine):
    assert (await sent(engine, PETSHOP, "order", {"count": 3})).body == b"pet=p+%26+1&count=3"


async def test_hostile_members_arrive_as_they_are(engine):
    received = await sent(engine, NASTY, "hostile-key")
    assert json.loads(received.body) == {
        'na"me{{ 1 }}': "}} {% endraw %} \\ é 😀",
        "deep": {"a": [None, True, 1.5, "{{ x }}"]},
    }


def test_the_nasty_one_is_imported_whole():
    found = proposals(NASTY)
    assert [proposal.document["permalink"] for proposal in found] == [
        "same", "same-2", "escaped", "hostile-key", "put-list"
    ]  # fmt: skip
    tree, other, escaped, hostile, _ = found
    assert tree.document["url"].startswith("{{ get_variable('_1_nasty_get_secret_x_api_origin') }}/base/")
    path = tree.document["url"].partition("}}")[2]
    assert path.startswith("/base/tree/{{ pathParams.node_id }}/") and "{%" not in path
    assert escaped.document["url"].endswith("/base/a~b/c")
    said = " ".join(warning.message for warning in tree.warnings)
    assert "https://evil.example/parameters.json#/a" in said and "OpenID Connect" in said
    assert tree.document["query_parameters"][0] == {"key": "fine", "value": '{"a": 1}', "overridable": True}
    config = other.document["authentication"]["config"]
    assert (config["key"], config["in"]) == ("key", "query")
    assert [row["key"] for row in other.document["headers"]] == ["X-App-Id"]
    assert hostile.document["authentication"]["config"]["key"].startswith("{{ '{' }}{{ '{' }}")


async def test_no_template_of_the_document_comes_to_life(engine):
    for proposal in proposals(NASTY):
        names = {secret.name for secret in proposal.secrets}
        assert {name for name in names_in(proposal.document, "get_secret") if name != "stolen"} <= names
        given = dict.fromkeys(names, ())
        checked = engine.check("default", proposal.document, given)
        assert not checked.faults, checked.faults
        assert not [warning for warning in checked.warnings if "stolen" in warning.message]


def test_samples_of_a_schema_that_holds_itself_are_bounded():
    body = one(NASTY, "POST /tree/{node-id}/{{x}}/{% raw %}")["request_body"]
    assert '"id"' in body and "42" in body
    assert body.count("none") < MOST_VALUES and len(body) < 20_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"swagger": "2.0", "paths": {}}', "Swagger 2.0"),
        ('{"openapi": "2.9"}', "must be 3.0 or 3.1"),
        ('{"openapi": "3.2.0"}', "must be 3.0 or 3.1"),
        ('{"openapi": "3.1.0", "paths": {}}', "no operation"),
        ('{"openapi": "3.1.0", "paths": [1]}', "no operation"),
        ("openapi: 3.1.0", "no JSON object"),
        ("{", "not valid JSON"),
        ("[]", "no JSON object"),
        ('{"a": ' + "[" * 200 + "]" * 200 + "}", "nested more than"),
        ('{"a": 1, "a": 2}', "stands more than once"),
        (" " * (MOST_BYTES + 1), "at most"),
    ],
)
def test_what_cannot_be_read(text, says):
    with pytest.raises(DocumentInvalid) as caught:
        read_specification(text)
    assert says in " ".join(fault.message for fault in caught.value.fields)


def test_all_unknown_picks_at_once():
    with pytest.raises(DocumentInvalid) as caught:
        proposals(PETSHOP, "nope", "listPets", "GET /nope", base_url="no url")
    assert [fault.path for fault in caught.value.fields] == ["operations.0", "operations.2", "base_url"]


def test_operations_of_one_import_share_secrets_and_no_permalink():
    found = proposals(PETSHOP, "listPets", "listPets", "GET /pets")
    assert len(found) == 1
    both = proposals(NASTY, "GET /a~b/c", "POST /tree/{node-id}/{{x}}/{% raw %}")
    names = [{secret.name for secret in proposal.secrets} for proposal in both]
    assert names[0] == names[1] != set()


def test_servers_and_schemes_are_told_before_anything_is_picked():
    specification = read_specification(PETSHOP)
    assert specification.servers() == ("https://eu.petshop.example/v1",)
    assert dict(described_schemes(specification)) == {
        "apiKey": "API key in the header X-Api-Key",
        "oauth": "OAuth client credentials",
        "basic": "name and password (HTTP Basic)",
        "bearer": "bearer token",
    }


UNFIT = "no authentication type fits it: to be set by hand"


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        ({"type": "apiKey", "in": "query", "name": "key"}, "API key in the query parameter key"),
        ({"type": "apiKey", "in": "cookie", "name": "key"}, UNFIT),
        ({"type": "http", "scheme": "digest"}, UNFIT),
        ({"type": "mutualTLS"}, UNFIT),
        ({"type": "oauth2", "flows": {"implicit": {}}},
         "OAuth that needs a person's consent: a fixed access token instead"),
        ({"type": "openIdConnect"}, "OpenID Connect: a fixed access token until it is changed"),
        ("nonsense", UNFIT),
    ],
)  # fmt: skip
def test_what_becomes_of_a_scheme(scheme, words):
    document = {**json.loads(PETSHOP), "components": {"securitySchemes": {"s": scheme}}}
    assert list(described_schemes(read_specification(document))) == [("s", words)]
