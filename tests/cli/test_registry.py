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


CALLER = {
    "name": "Caller",
    "url": "https://api.example.com/{{ get_variable('region') }}",
    "headers": [
        {"key": "A", "value": "{{ get_secret('there') }}"},
        {"key": "B", "value": "{{ get_secret('gone') }}"},
    ],
}


def store(sealgate, file):
    """A source `main` with the connector `a`, and a secret for one host."""
    sealgate("registry", "sync", file(GOOD), "--source", "main")
    sealgate("secrets", "set", "there", "--allowed-host", "other.example.com", stdin="v-1")


def test_it_is_compared_with_a_data_directory(sealgate, file):
    store(sealgate, file)
    next_file = file({"connectors": [{"name": "A", "url": f"{URL}/next"}, CALLER]}, "next.json")
    (fault,) = sealgate.json("registry", "check", next_file, exit_code=1)["errors"]["fields"]
    assert fault["path"] == "connectors.1.headers.0.value" and "there" in fault["message"]
    sealgate("secrets", "set", "there", "--allowed-host", "api.example.com", stdin="v-2")
    elsewhere = {"SEALGATE_DATA": str(sealgate.data.parent / "none")}
    arguments = ("registry", "check", next_file, "--source", "main", "--data", sealgate.data)
    answer = sealgate.json(*arguments, **elsewhere)
    assert set(answer) == {"success", "errors", "warnings", "changes"}
    assert {warning["path"] for warning in answer["warnings"]} == {
        "connectors.1.url",
        "connectors.1.headers.1.value",
    }
    changed = {"path": "url", "old": URL, "new": f"{URL}/next"}
    assert answer["changes"] == {
        "created": ["caller"],
        "updated": [{"permalink": "a", "members": [changed]}],
        "deleted": [],
    }
    assert "updated: a" in sealgate(*arguments, **elsewhere).stdout.splitlines()


@pytest.mark.parametrize(
    ("source", "exit_code", "kind", "hint"),
    [((), 0, "warning", "name the file's source"), (("--source", "b"), 1, "fault", "another permalink")],
)
def test_permalinks_that_somebody_has(sealgate, file, source, exit_code, kind, hint):
    store(sealgate, file)
    text = sealgate("registry", "check", file(GOOD), *source, exit_code=exit_code).stdout
    assert f"{kind}: connectors.0.permalink (A): the connector 'a' exists already" in text
    assert "belongs to the source 'main'" in text and hint in text


def test_comparing_changes_nothing_in_the_data_directory(sealgate, file):
    store(sealgate, file)
    (sealgate.data / "master.key").unlink()
    before = {path.name: path.read_bytes() for path in sealgate.data.iterdir()}
    sealgate("registry", "check", file(GOOD), "--source", "main")
    assert {path.name: path.read_bytes() for path in sealgate.data.iterdir()} == before


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--data", "none"), "there is no database"),
        (("--data", "none", "--server", "http://127.0.0.1:1"), "one of --server and --data"),
        (("--source", "main"), "goes with --server or --data"),
    ],
)
def test_nothing_to_compare_with(sealgate, file, options, text):
    result = sealgate("registry", "check", file(GOOD), *options, exit_code=2)
    assert text in " ".join(result.output.replace("│", " ").split())
    assert not sealgate.data.exists()


def test_a_database_that_cannot_be_read(sealgate, file):
    sealgate.data.mkdir()
    (sealgate.data / "sealgate.db").write_bytes(b"no database" * 100)
    answer = sealgate.json("registry", "check", file(GOOD), exit_code=1)
    assert answer["errors"]["code"] == "STORE_UNUSABLE"
