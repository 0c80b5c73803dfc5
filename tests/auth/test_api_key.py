import pytest
from pydantic import ValidationError

from sealgate.auth.api_key import ApiKey, ApiKeyConfig
from sealgate.errors import RequestTemplateFailed
from sealgate.secret import Secret


@pytest.mark.parametrize(
    ("config", "placement", "name", "value"),
    [
        (
            {"key": "X-API-Key", "value": Secret("sk-abc123"), "in": "header"},
            "header",
            "X-API-Key",
            "sk-abc123",
        ),
        ({"key": "key", "value": Secret("sk-abc123"), "in": "query"}, "query", "key", "sk-abc123"),
        ({"key": "X-API-Key", "value": "plain"}, "header", "X-API-Key", "plain"),
        ({"key": "Authorization", "value": Secret("Bearer T")}, "header", "Authorization", "Bearer T"),
        ({"key": "module[]", "value": "a\nb", "in": "query"}, "query", "module[]", "a\nb"),
        ({"key": Secret("X-Name"), "value": "v"}, "header", "X-Name", "v"),
    ],
)
def test_what_the_api_receives(step, config, placement, name, value):
    credential = step(ApiKey.from_rendered(config)).credential
    assert (credential.placement, credential.name, credential.value.reveal()) == (placement, name, value)
    assert credential.lifetime is None


@pytest.mark.parametrize(
    ("config", "field", "words"),
    [
        ({"key": "X Key", "value": "v"}, "key", "not a header name"),
        ({"key": "Host", "value": "v"}, "key", "HTTP client writes itself"),
        ({"key": "", "value": "v", "in": "query"}, "key", "rendered to nothing"),
        ({"key": "K", "value": ""}, "value", "rendered to nothing"),
        ({"key": "K", "value": Secret("")}, "value", "rendered to nothing"),
        ({"key": "K", "value": Secret("canary-7\n")}, "value", "line break"),
        ({"key": "K", "value": Secret("canary-7\0")}, "value", "NUL"),
        ({"key": "K", "value": Secret("canary-7é")}, "value", "printable ASCII"),
        ({"key": "K", "value": Secret("canary-7\x1b")}, "value", "printable ASCII"),
    ],
)
def test_refusals_name_the_field_and_no_secret(config, field, words):
    with pytest.raises(RequestTemplateFailed, match=words) as caught:
        ApiKey.from_rendered(config)
    assert caught.value.field == f"authentication.config.{field}"
    assert "canary-7" not in caught.value.detail


def test_defaults():
    config = ApiKeyConfig.model_validate({"key": "K", "value": "{{ get_secret('k') }}"})
    assert config.placement == "header"
    assert config.model_dump(by_alias=True)["in"] == "header"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"value": "v"}, "key"),
        ({"key": "K"}, "value"),
        ({"key": "K", "value": "v", "in": "cookie"}, "in"),
        ({"key": "X Key", "value": "v"}, "key"),
        ({"key": "Content-Length", "value": "v", "in": "header"}, "key"),
        ({"key": "", "value": "v"}, "key"),
        ({"key": "K", "value": ""}, "value"),
    ],
)
def test_faults(document, field):
    with pytest.raises(ValidationError) as caught:
        ApiKeyConfig.model_validate(document)
    assert [error["loc"] for error in caught.value.errors()] == [(field,)]


@pytest.mark.parametrize("key", ["{{ get_variable('name') }}", "X-Key"])
def test_a_templated_name_is_judged_when_rendered(key):
    ApiKeyConfig.model_validate({"key": key, "value": "v"})


def test_the_value_is_not_printed():
    assert "sk-abc" not in repr(ApiKey.from_rendered({"key": "K", "value": Secret("sk-abc")}))
