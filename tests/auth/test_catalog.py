import dataclasses

import pytest

from sealgate.auth.catalog import TYPES


def test_the_documented_types_in_their_order():
    assert list(TYPES) == ["none", "api_key", "oauth_client_credentials", "jwt", "oauth_jwt_bearer"]


@pytest.mark.parametrize(
    ("name", "fields", "required"),
    [
        ("none", [], []),
        ("api_key", ["key", "value", "in"], ["key", "value"]),
        (
            "oauth_client_credentials",
            ["client_id", "client_secret", "token_url", "scope"],
            ["client_id", "client_secret", "token_url"],
        ),
        (
            "jwt",
            ["private_key", "algorithm", "claims", "jwt_headers", "passphrase"],
            ["private_key", "claims"],
        ),
        (
            "oauth_jwt_bearer",
            [
                *("client_id", "private_key", "token_url", "subject", "audience", "token_ttl"),
                *("algorithm", "additional_claims", "jwt_headers", "passphrase"),
            ],
            ["client_id", "private_key", "token_url", "subject", "audience"],
        ),
    ],
)
def test_fields_of_each_type(name, fields, required):
    schema = TYPES[name].config.model_json_schema()
    assert list(schema["properties"]) == fields
    assert schema.get("required", []) == required


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_every_field_is_described_and_the_special_ones_exist(kind):
    properties = kind.config.model_json_schema()["properties"]
    assert all(member["title"] and member["description"] for member in properties.values())
    assert set(kind.config.credential_fields + kind.config.url_fields) <= set(kind.config.model_fields)
    assert kind.title
    assert kind.summary.endswith(".") or kind.summary.endswith(").")


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_values_are_frozen(kind):
    assert dataclasses.is_dataclass(kind.value)
    assert kind.value.__dataclass_params__.frozen


@pytest.mark.parametrize(
    ("name", "cached", "origin"),
    [
        ("none", False, "none"),
        ("api_key", False, "static"),
        ("oauth_client_credentials", True, "fetched"),
        ("jwt", False, "signed"),
        ("oauth_jwt_bearer", True, "fetched"),
    ],
)
def test_which_credentials_are_kept(name, cached, origin):
    assert (TYPES[name].value.cached, TYPES[name].value.origin) == (cached, origin)
