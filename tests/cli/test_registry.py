import json

import pytest

URL = "https://api.example.com"
GOOD = {"connectors": [{"name": "A", "url": URL}]}
BAD = {
    "connectors": [
        {"name": "Rows", "url": URL, "headers": [{"key": "Ok"}, {"key": "not ok"}]},
        {"name": "B", "url": "http://10.0.0.1", "method": "FETCH", "pathParams": []},
    ],
    "composite_connectors": [{"name": "Join", "steps": []}],
}


@pytest.fixture
def file(tmp_path):
    def write(content, name="registry.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


def test_the_exact_shape(sealgate, file):
    answer = sealgate.json("registry", "check", file(BAD), exit_code=1)
    assert set(answer) == {"success", "errors", "warnings"} and set(answer["errors"]) == {"fields"}
    assert answer["success"] is False
    faults = {(fault["path"], fault["connector"]) for fault in answer["errors"]["fields"]}
    assert faults == {
        ("connectors.0.headers.1.key", "Rows"),
        ("connectors.1.url", "B"),
        ("connectors.1.method", "B"),
        ("composite_connectors.0.steps", "Join"),
    }
    assert all(fault["message"] for fault in answer["errors"]["fields"])
    warnings = {(warning["path"], warning["connector"]) for warning in answer["warnings"]}
    assert warnings == {("connectors.1.pathParams", "B")}


def test_a_good_file(sealgate, file):
    answer = sealgate.json("registry", "check", file(GOOD))
    assert answer == {"success": True, "errors": {"fields": []}, "warnings": []}
    assert sealgate("registry", "check", file(GOOD)).stdout.endswith("no faults, no warnings\n")


def test_it_makes_no_data_directory(sealgate, file):
    sealgate("registry", "check", file(GOOD))
    assert not sealgate.data.exists()


def test_secrets_need_not_exist(sealgate, file):
    row = {"key": "X", "value": "{{ get_secret('nowhere') }}{{ get_variable('neither') }}"}
    answer = sealgate.json(
        "registry", "check", file({"connectors": [{"name": "A", "url": URL, "headers": [row]}]})
    )
    assert answer["warnings"] == []


def test_strict(sealgate, file):
    content = {"connectors": [{"name": "A", "url": URL, "pathParams": []}]}
    sealgate("registry", "check", file(content))
    sealgate("registry", "check", "--strict", file(content), exit_code=1)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'{"connectors": [}', "line 1, column 17"),
        (b"[]", "connectors"),
        (b'{"connectors": [], "connectors": []}', "once"),
    ],
)
def test_what_is_no_registry_file(sealgate, file, content, text):
    answer = sealgate.json("registry", "check", file(content), exit_code=1)
    assert text in answer["errors"]["fields"][0]["message"]
    assert text in sealgate("registry", "check", file(content), exit_code=1).stdout


def test_several_files_are_told_apart(sealgate, file):
    good, bad = file(GOOD, "good.json"), file(BAD, "bad.json")
    answer = sealgate.json("registry", "check", good, bad, exit_code=1)
    assert {fault["file"] for fault in answer["errors"]["fields"]} == {str(bad)}
    text = sealgate("registry", "check", good, bad, exit_code=1).stdout
    assert f"{good}: no faults" in text and f"{bad}: 4 faults, 1 warning" in text


def test_sync(sealgate, file):
    first = sealgate("registry", "sync", file(GOOD), "--source", "main")
    assert first.stdout == "created: a\n"
    assert sealgate("registry", "sync", file(GOOD), "--source", "main").stdout == "nothing to change\n"
    refused = sealgate.json("registry", "sync", file(BAD), "--source", "main", exit_code=1)
    assert len(refused["errors"]["fields"]) == 4
    answer = sealgate.json("registry", "sync", file({"connectors": []}), "--source", "main")
    assert answer == {"created": [], "updated": [], "deleted": ["a"], "warnings": []}
