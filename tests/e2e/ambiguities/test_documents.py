"""What a document means where the original's documentation is unclear. The numbers are those of
docs/compatibility.md, "Its ambiguities, one by one" (REFERENCE section 17)."""

import json

ANYWHERE = "https://api.example.com/r"


def put(gateway, permalink, **document):
    answer = gateway.admin("PUT", f"/api/v1/connectors/{permalink}", document)
    assert answer.status in (200, 201), answer.body
    return answer.json


def test_17_12_the_jwt_header_is_jwt_headers(gateway):
    config = {
        "private_key": "{{ get_secret('pk') }}",
        "claims": {"sub": "x"},
        "headers": {"kid": "key-1"},
    }
    saved = put(
        gateway, "old-headers", name="Old", url=ANYWHERE, authentication={"type": "jwt", "config": config}
    )
    (warning,) = [each for each in saved["warnings"] if each["path"] == "authentication.config.headers"]
    assert "jwt_headers" in json.dumps(warning)


def test_17_18_a_method_is_get_when_absent(gateway):
    assert put(gateway, "no-method", name="No method", url=ANYWHERE)["method"] == "GET"


def test_17_18_names_may_be_equal_and_permalinks_not(gateway):
    twin = {"name": "Twin of a name", "url": ANYWHERE}
    first = gateway.admin("POST", "/api/v1/connectors", twin)
    assert (first.status, first.json["permalink"]) == (201, "twin-of-a-name")
    second = gateway.admin("POST", "/api/v1/connectors", twin)
    assert (second.status, second.code) == (409, "CONFLICT")
    assert "twin-of-a-name" in second.json["errors"]["detail"]
    third = gateway.admin("POST", "/api/v1/connectors", {**twin, "permalink": "another-twin"})
    assert third.status == 201


def test_17_19_a_permalink_stays_when_the_name_changes(gateway):
    created = gateway.admin("POST", "/api/v1/connectors", {"name": "Weather now", "url": ANYWHERE}).json
    assert created["permalink"] == "weather-now"
    renamed = put(gateway, "weather-now", name="Weather later", url=ANYWHERE)
    assert (renamed["name"], renamed["permalink"]) == ("Weather later", "weather-now")
    assert gateway.admin("GET", "/api/v1/connectors/weather-later").code == "CONNECTOR_NOT_FOUND"


def test_17_20_a_document_shows_its_permalink_and_no_number(gateway):
    put(gateway, "shown", name="Something else", url=ANYWHERE)
    shown = gateway.admin("GET", "/api/v1/connectors/shown").json
    assert shown["permalink"] == "shown" and "id" not in shown
    assert gateway.call("1").code == "CONNECTOR_NOT_FOUND"


def test_17_31_a_secret_is_never_a_variable(gateway):
    gateway.secret("either_way", "a-secret-and-no-variable")
    taken = gateway.admin("PUT", "/api/v1/variables/either_way", {"value": "x"})
    assert (taken.status, taken.code) == (409, "CONFLICT")
    assert "either_way" not in json.dumps(gateway.admin("GET", "/api/v1/variables").json)
    assert "either_way" in json.dumps(gateway.admin("GET", "/api/v1/secrets").json)
