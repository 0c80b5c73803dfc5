import json

import pytest

from sealgate.testing import FakeApi

CANARY = "s3cret-canary-of-a-run"


@pytest.fixture
def api():
    with FakeApi() as running:
        yield running


@pytest.fixture
def registry(sealgate, tmp_path, api):
    """Two connectors in a file; both are stored, and the secret they use."""
    row = {"key": "X-Key", "value": "{{ get_secret('api_key') }}"}
    connectors = [
        {"name": "Weather", "url": f"{api.origin}/v1/current", "headers": [row]},
        {
            "name": "Idea",
            "url": f"{api.origin}/ideas/{{{{ pathParams.id }}}}",
            "method": "POST",
            "path_parameters": [{"key": "id"}],
            "headers": [
                {"key": "X-User", "value": "{{ user.email }}"},
                {"key": "X-Lang", "overridable": True},
            ],
        },
    ]
    file = tmp_path / "registry.json"
    file.write_text(json.dumps({"connectors": connectors}))
    sealgate("registry", "sync", file, "--source", "main")
    sealgate("secrets", "set", "api_key", stdin=CANARY)
    return file


def test_execute_prints_the_body_as_it_came(sealgate, registry, api):
    api.reply_with(200, [("Content-Type", "application/octet-stream")], b"\x00\xff\r\n", times=2)
    result = sealgate("execute", "weather", "--query", "q=Warsaw", "--query", "q=Łódź")
    assert result.stdout_bytes == b"\x00\xff\r\n"
    answer = sealgate.json("execute", "weather")
    assert answer["status"] == 200 and answer["body"] == {"base64": "AP8NCg=="}


def test_execute_sends_what_it_is_told(sealgate, registry, api):
    call = ["idea", "--path-param", "id=42", "--query", "a=1", "--header", "X-Lang: pl", "--body", '{"x":1}']
    sealgate("execute", *call, "--user", '{"sub": "7", "email": "ada@example.com"}')
    (request,) = api.requests
    headers = {name.lower(): value for name, value in request.headers}
    assert (request.method, request.target, request.body) == ("POST", "/ideas/42?a=1", b'{"x":1}')
    assert (headers["x-user"], headers["x-lang"]) == ("ada@example.com", "pl")


def test_execute_reads_a_body_from_a_file(sealgate, registry, api, tmp_path):
    (tmp_path / "body.bin").write_bytes(b"\x00\xff")
    (tmp_path / "user.json").write_text('{"sub": "7"}')
    call = ["idea", "--path-param", "id=1", "--body", f"@{tmp_path}/body.bin"]
    sealgate("execute", *call, "--user", f"@{tmp_path}/user.json")
    assert api.requests[-1].body == b"\x00\xff"


def test_an_error_of_the_api_ends_with_1(sealgate, registry, api):
    api.reply_with(404, [("Content-Type", "text/plain")], b"nothing here")
    result = sealgate("execute", "weather", exit_code=1)
    assert result.stdout == "nothing here" and "404" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nope",), "CONNECTOR_NOT_FOUND"),
        (("idea", "--user", "{}"), "MISSING_PATH_PARAMETERS"),
        (("idea", "--path-param", "id=1"), "USER_REQUIRED"),
        (("idea", "--path-param", "id=1", "--user", "7"), "INVALID_DOCUMENT"),
        (("idea", "--path-param", "id=1", "--user", "{"), "INVALID_DOCUMENT"),
    ],
)
def test_failures_of_execute(sealgate, registry, arguments, code):
    assert sealgate("execute", *arguments, exit_code=1).stderr.startswith(code)


def test_test_explains_the_run(sealgate, registry, api):
    result = sealgate("test", "weather", "--query", "q=Warsaw")
    for text in (
        "the API answered 200",
        "steps",
        f"GET {api.origin}/v1/current?q=Warsaw",
        "$API_KEY",
        "curl",
    ):
        assert text in result.stdout, result.stdout
    answer = sealgate.json("test", "weather")
    assert set(answer) == {"status", "headers", "body", "explain", "debug_request"}
    assert CANARY not in result.output + json.dumps(answer)


def test_test_of_an_unsaved_file(sealgate, registry, api, tmp_path):
    file = tmp_path / "new.json"
    file.write_text(json.dumps({"name": "New", "url": f"{api.origin}/new"}))
    assert "the API answered 200" in sealgate("test", file).stdout
    file.write_text(json.dumps({"name": "New", "url": "ftp://x", "method": "FETCH"}))
    answer = sealgate.json("test", file, exit_code=1)
    assert {fault["path"] for fault in answer["errors"]["fields"]} == {"url", "method"}


def test_test_of_one_of_a_registry_file(sealgate, registry):
    sealgate("test", registry, "--connector", "Weather")
    ambiguous = sealgate("test", registry, exit_code=1)
    assert "--connector" in ambiguous.stderr and "Weather" in ambiguous.stderr


def test_a_failing_test_says_what_to_do(sealgate, registry, api):
    sealgate("secrets", "delete", "api_key")
    result = sealgate("test", "weather", exit_code=1)
    assert "SECRET_NOT_FOUND" in result.stdout and "at: headers.0.value" in result.stdout
    answer = sealgate.json("test", "weather", exit_code=1)
    assert answer["success"] is False and answer["explain"]["error"]["code"] == "SECRET_NOT_FOUND"


def test_a_missing_file_is_no_permalink(sealgate):
    assert "there is no file" in sealgate("test", "nope.json", exit_code=1).stderr
