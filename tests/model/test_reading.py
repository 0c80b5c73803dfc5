"""Documents against their model: every fault at once, in words, at its path."""

import pytest

from sealgate.model.reading import read_connector

GOOD = {"name": "Weather API", "url": "https://api.example.com/v1"}
KEY = {"key": "K", "value": "{{ get_secret('k') }}"}


def faults(**members):
    return {fault.path: fault.message for fault in read_connector({**GOOD, **members})[1].faults}


@pytest.mark.parametrize(
    ("members", "path", "word"),
    [
        ({"name": ""}, "name", "must not be empty"),
        ({"name": "  "}, "name", "must not be empty"),
        ({"name": "n" * 256}, "name", "at most 255 characters are allowed; this has 256"),
        ({"url": "https://x/" + "a" * 2048}, "url", "2048"),
        ({"url": 5}, "url", "a string, not a number"),
        ({"method": "FETCH"}, "method", "GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS"),
        ({"headers": {"a": "b"}}, "headers", "a list, not an object"),
        ({"headers": ["a"]}, "headers.0", "an object, not a string"),
        ({"headers": [{"value": "v"}]}, "headers.0.key", "required"),
        ({"headers": [{"key": "k" * 256}]}, "headers.0.key", "255"),
        ({"headers": [{"key": "a b"}]}, "headers.0.key", "not a header name"),
        ({"headers": [{"key": "a", "value": "v" * 1001}]}, "headers.0.value", "1000"),
        ({"headers": [{"key": "a", "overridable": "maybe"}]}, "headers.0.overridable", "true or false"),
        ({"headers": [{"key": "X-A"}, {"key": "x-a"}]}, "headers.1.key", "more than once"),
        ({"query_parameters": [{"key": "a"}, {"key": "b"}, {"key": "a"}]}, "query_parameters.2.key", "row 0"),
        ({"query_parameters": [{"key": ""}]}, "query_parameters.0.key", "must not be empty"),
        ({"path_parameters": [{"key": "a"}, {"key": "a"}]}, "path_parameters.1.key", "more than once"),
        ({"response_content_type": "x" * 256}, "response_content_type", "255"),
        ({"permalink": "Not-This"}, "permalink", "lower-case"),
        ({"permalink": "a--b"}, "permalink", "lower-case"),
        ({"permalink": "a" * 256}, "permalink", "255"),
        ({"authentication": "none"}, "authentication", "an object, not a string"),
        ({"authentication": {}}, "authentication", "must be one of none, api_key"),
        ({"authentication": {"type": "oauth2"}}, "authentication", "must be one of none, api_key"),
        ({"authentication": {"type": "api_key"}}, "authentication.config", "required"),
        ({"authentication": {"type": "api_key", **KEY}}, "authentication", "inside `config`"),
        ({"authentication": {"type": "api_key", "config": {**KEY, "in": "body"}}}, "authentication.config.in",
         "header"),
        ({"authentication": {"type": "jwt", "config": {"private_key": "x", "claims": {}}}},
         "authentication.config.claims", ""),
    ],
)  # fmt: skip
def test_fault(members, path, word):
    found = faults(**members)
    assert path in found and word in found[path], found


def test_all_faults_come_at_once():
    found = faults(
        name="",
        method="X",
        headers=[{"key": "a b"}, {"key": "x"}, {"key": "X"}],
        authentication={"type": "jwt", "config": {"private_key": "x"}},
    )
    assert set(found) == {"name", "method", "headers.0.key", "headers.2.key", "authentication.config.claims"}


@pytest.mark.parametrize("document", [None, [], "x", 5])
def test_not_an_object(document):
    connector, found = read_connector(document)
    assert connector is None and found.faults[0].message == "a connector is a JSON object"


def test_defaults_and_normalisation():
    connector, found = read_connector(
        {**GOOD, "headers": None, "authentication": {"type": "apikey", "config": KEY}, "request_body": None}
    )
    assert found.faults == found.warnings == ()
    document = connector.normalised()
    assert document["method"] == "GET" and document["headers"] == [] and document["request_body"] == ""
    assert document["authentication"] == {"type": "api_key", "config": {**KEY, "in": "header"}}
    assert document["forward_query"] is True and document["scrub_response"] is False
    assert read_connector(document)[0].normalised() == document


@pytest.mark.parametrize(
    ("members", "path", "meant"),
    [
        ({"pathParams": []}, "pathParams", "path_parameters"),
        ({"header": []}, "header", "headers"),
        ({"headers": [{"key": "a", "overrideable": True}]}, "headers.0.overrideable", "overridable"),
        (
            {"authentication": {"type": "apikey", "config": {**KEY, "vaule": "x"}}},
            "authentication.config.vaule",
            "value",
        ),
        ({"build": 7}, "build", None),
    ],
)  # fmt: skip
def test_unknown_members_are_warned_of_and_ignored(members, path, meant):
    connector, found = read_connector({**GOOD, **members})
    assert connector is not None and not found.faults
    (warning,) = found.warnings
    assert warning.path == path
    assert (warning.hint or "") == (f"did you mean `{meant}`?" if meant else "")
