"""What the commands store, list and delete."""

import json

import pytest

CANARY = "s3cret-canary-of-the-command-line"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (b"value", "value"),
        (b"value\n", "value"),
        (b"value\r\n", "value"),
        (b"value\n\n", "value\n"),
        (b" v ", " v "),
    ],
)
def test_one_trailing_newline_of_a_value_is_removed(sealgate, typed, stored):
    sealgate("variables", "set", "region", stdin=typed)
    assert sealgate.json("variables", "list")["variables"][0]["value"] == stored


def test_secrets(sealgate):
    created = sealgate.json("secrets", "set", "api_key", "--allowed-host", "API.example.com", stdin=CANARY)
    assert (created["name"], created["version"]) == ("api_key", 1)
    assert created["allowed_hosts"] == ["api.example.com"]
    replaced = sealgate("secrets", "set", "api_key", stdin=CANARY + "2")
    assert sealgate.json("secrets", "list")["secrets"][0]["allowed_hosts"] == ["api.example.com"]
    assert replaced.stdout == "replaced api_key (version 2)\n"
    listed = sealgate("secrets", "list")
    assert sealgate.json("secrets", "set", "other", "--any-host", stdin="x")["allowed_hosts"] == []
    assert "api_key" in listed.stdout and "api.example.com" in listed.stdout
    assert sealgate.json("secrets", "list")["secrets"][0]["updated_by"].startswith("cli")
    assert CANARY not in created.__repr__() + replaced.output + listed.output
    assert sealgate("secrets", "delete", "api_key").stdout == "deleted api_key\n"
    sealgate("secrets", "delete", "other")
    assert sealgate.json("secrets", "list") == {"secrets": []}


def test_hosts_of_a_secret_change_without_its_value(sealgate):
    sealgate("secrets", "set", "api_key", stdin=CANARY)
    hosts = ("--allowed-host", "API.example.com", "--allowed-host", "*.example.org")
    changed = sealgate("secrets", "allowed-hosts", "api_key", *hosts)
    assert changed.stdout == "api_key may be sent to api.example.com, *.example.org\n"
    lifted = sealgate.json("secrets", "allowed-hosts", "api_key", "--any-host")
    assert (lifted["allowed_hosts"], lifted["version"]) == ([], 1)
    for wrong in (), (*hosts, "--any-host"):
        assert "--any-host" in sealgate("secrets", "allowed-hosts", "api_key", *wrong, exit_code=2).stderr
    printed = sealgate("secrets", "versions", "api_key").stdout
    changes = [line.split("  ")[-1] for line in printed.splitlines()[1:]]
    assert changes == ["hosts: any", "hosts: api.example.com, *.example.org", "version 1"]
    history = sealgate.json("secrets", "versions", "api_key")
    assert [len(each["allowed_hosts"]) for each in history["host_changes"]] == [0, 2]
    assert history["host_changes"][0]["changed_by"].startswith("cli")
    assert CANARY not in printed


def test_variables(sealgate):
    assert sealgate.json("variables", "set", "region", "eu")["value"] == "eu"
    assert "eu" in sealgate("variables", "list").stdout
    sealgate("variables", "delete", "region")
    assert sealgate.json("variables", "list") == {"variables": []}


@pytest.mark.parametrize(("kind", "place"), [("secrets", "headers.0.value"), ("variables", "url")])
def test_usage(sealgate, tmp_path, kind, place):
    url = "https://api.example.com/{{ get_variable('it') }}"
    header = {"key": "X-Key", "value": "{{ get_secret('it') }}"}
    file = tmp_path / "registry.json"
    file.write_text(json.dumps({"connectors": [{"name": "A", "url": url, "headers": [header]}]}))
    sealgate(kind, "set", "it", stdin=CANARY)
    sealgate("registry", "sync", file, "--source", "main")
    printed = sealgate(kind, "usage", "it").stdout
    assert printed.splitlines()[1].split() == ["a", "-", place] and CANARY not in printed
    assert sealgate.json(kind, "usage", "it")["connectors"][0]["path"] == place
    refused = sealgate(kind, "delete", "it", "--unused", exit_code=1)
    assert refused.stderr.startswith("CONFLICT") and CANARY not in refused.output
    sealgate(kind, "delete", "it")


def test_tenants_are_apart(sealgate):
    sealgate("variables", "set", "region", "eu", "--tenant", "acme")
    assert sealgate.json("variables", "list") == {"variables": []}
    assert len(sealgate.json("variables", "list", "--tenant", "acme")["variables"]) == 1


def test_the_data_option(sealgate, tmp_path):
    sealgate("variables", "set", "region", "eu", "--data", tmp_path / "other")
    assert sealgate.json("variables", "list") == {"variables": []}
    assert len(sealgate.json("variables", "list", "--data", tmp_path / "other")["variables"]) == 1


def test_connectors(sealgate, tmp_path):
    file = tmp_path / "registry.json"
    file.write_text(json.dumps({"connectors": [{"name": "A", "url": "https://api.example.com/x"}]}))
    sealgate("registry", "sync", file, "--source", "main")
    assert "https://api.example.com/x" in sealgate("connectors", "list").stdout
    assert sealgate.json("connectors", "list")["connectors"][0]["source"] == "main"
    assert json.loads(sealgate("connectors", "show", "a").stdout)["permalink"] == "a"
    refused = sealgate.json("connectors", "delete", "a", exit_code=1)
    assert refused["success"] is False and refused["errors"]["code"] == "CONFLICT"


def test_history_diff_restore(sealgate, tmp_path):
    file = tmp_path / "registry.json"
    for url in ("https://api.example.com/old", "https://api.example.com/new"):
        file.write_text(json.dumps({"connectors": [{"name": "A", "url": url}]}))
        sealgate("registry", "sync", file, "--source", "main")
    file.write_text(json.dumps({"connectors": []}))
    sealgate("registry", "sync", file, "--source", "main")
    gone, newer, older = (
        each["revision"] for each in sealgate.json("connectors", "history", "a")["revisions"]
    )
    listed = sealgate("connectors", "history", "a").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["REVISION", str(gone), str(newer), str(older)]
    assert listed[1].endswith("deleted")
    assert '+  "url": "https://api.example.com/new"' in sealgate("connectors", "diff", "a", newer).stdout
    changes = sealgate.json("connectors", "diff", "a", older, "--against", newer)["changes"]
    assert [change["path"] for change in changes] == ["url"]
    assert sealgate("connectors", "diff", "a", newer, "--against", newer).stdout == "no difference\n"
    restored = sealgate("connectors", "restore", "a", older).stdout
    shown = sealgate.json("connectors", "show", "a")
    assert restored == f"restored a: revision {older} is now {shown['revision']}\n"
    assert (shown["url"], shown["source"]) == ("https://api.example.com/old", None)


def test_tokens(sealgate):
    created = sealgate("tokens", "create", "--scope", "read", "--scope", "write", "--name", "ci")
    text = created.stdout.strip()
    assert len(text) > 20 and text not in created.stderr
    (listed,) = sealgate.json("tokens", "list")["tokens"]
    assert (listed["name"], listed["scopes"]) == ("ci", ["read", "write"])
    assert text not in sealgate("tokens", "list").stdout
    sealgate("tokens", "delete", listed["id"])
    assert sealgate.json("tokens", "list") == {"tokens": []}
    assert sealgate.json("tokens", "create", "--scope", "execute")["token"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("connectors", "show", "nope"), "CONNECTOR_NOT_FOUND"),
        (("connectors", "delete", "nope"), "CONNECTOR_NOT_FOUND"),
        (("connectors", "history", "nope"), "CONNECTOR_NOT_FOUND"),
        (("connectors", "diff", "nope", "1"), "NOT_FOUND"),
        (("connectors", "restore", "nope", "1"), "NOT_FOUND"),
        (("secrets", "delete", "nope"), "NOT_FOUND"),
        (("secrets", "versions", "nope"), "NOT_FOUND"),
        (("secrets", "allowed-hosts", "nope", "--any-host"), "NOT_FOUND"),
        (("secrets", "set", "not-a-name"), "INVALID_DOCUMENT"),
        (("secrets", "set", "empty"), "INVALID_DOCUMENT"),
        (("variables", "delete", "nope"), "NOT_FOUND"),
        (("tokens", "create", "--scope", "root"), "INVALID_DOCUMENT"),
        (("tokens", "delete", "nope"), "NOT_FOUND"),
    ],
)
def test_failures_end_with_1_and_say_why(sealgate, arguments, code):
    sealgate("secrets", "list")  # the first command also says that it made a key
    text = sealgate(*arguments, exit_code=1)
    assert text.stdout == "" and text.stderr.startswith(code)
    assert sealgate.json(*arguments, exit_code=1)["errors"]["code"] == code


@pytest.mark.parametrize(
    "arguments",
    [
        ("nope",),
        ("secrets", "set"),
        ("secrets", "set", "a", "--any-host", "--allowed-host", "api.example.com"),
        ("tokens", "create"),
        ("connectors", "restore", "a", "first"),
        ("variables", "list", "--tenant", "a b"),
        ("registry", "check", "no-such-file.json"),
        ("registry", "sync", "no-such-file.json"),
        ("execute", "a", "--query", "novalue"),
        ("execute", "a", "--header", "novalue"),
        ("execute", "a", "--body", "@no-such-file"),
    ],
)
def test_wrong_use_ends_with_2(sealgate, arguments):
    sealgate(*arguments, exit_code=2)


def test_keys_rotate(sealgate):
    sealgate("secrets", "set", "api_key", stdin=CANARY)
    key = (sealgate.data / "master.key").read_text()
    assert sealgate.json("keys", "rotate")["key_file"].endswith("master.key")
    assert (sealgate.data / "master.key").read_text() != key
    assert len(sealgate.json("secrets", "list")["secrets"]) == 1


def test_a_wrong_key_is_said_in_a_sentence(sealgate):
    sealgate("secrets", "set", "api_key", stdin=CANARY)
    (sealgate.data / "master.key").unlink()
    result = sealgate("secrets", "list", exit_code=1)
    assert "key" in result.stderr and "Traceback" not in result.output


def test_control_characters_do_not_reach_the_terminal(sealgate):
    sealgate("variables", "set", "evil", "\x1b[2Jgone")
    assert "\x1b" not in sealgate("variables", "list").stdout
