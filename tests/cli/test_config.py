import pytest

from sealgate.testing import Authority


def test_effective_settings_without_secrets(sealgate):
    environment = {
        "SEALGATE_ADMIN_TOKEN": "canary-admin-token",
        "SEALGATE_SESSION_SECRET": "canary-session-secret" * 2,
        "SEALGATE_DATABASE_URL": "postgresql+asyncpg://user:canary-password@db/x",
        "SEALGATE_EGRESS_PROXY": "https://user:canary-of-the-proxy@proxy.example:3128",
        "SEALGATE_WORKERS": "3",
    }
    text = sealgate("config", "check", **environment)
    assert "SEALGATE_WORKERS=3" in text.stdout and "SEALGATE_ADMIN_TOKEN=(set)" in text.stdout
    answer = sealgate.json("config", "check", **environment)
    assert answer["success"] and answer["settings"]["SEALGATE_EGRESS_ALLOW"] == ["http://127.0.0.1:*"]
    assert answer["settings"]["SEALGATE_EGRESS_PROXY"] == "https://(set)@proxy.example:3128"
    assert "canary" not in text.output + str(answer)
    assert not sealgate.data.exists()


def test_every_fault_at_once_by_its_environment_name(sealgate):
    environment = {
        "SEALGATE_WORKERS": "many",
        "SEALGATE_UPSTREAM_TIMEOUT": "-1",
        "SEALGATE_ANONYMOUS_ACCESS": "perhaps",
    }
    answer = sealgate.json("config", "check", exit_code=1, **environment)
    assert {fault["path"] for fault in answer["errors"]["fields"]} == set(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEALGATE_LISTEN", "8080"),
        ("SEALGATE_LISTEN", "127.0.0.1:99999"),
        ("SEALGATE_ADMIN_LISTEN", "127.0.0.1"),
        ("SEALGATE_BASE_PATH", "widget-service"),
        ("SEALGATE_BASE_PATH", "/widget-service/"),
        ("SEALGATE_PUBLIC_URL", "gateway.example.com"),
        ("SEALGATE_PUBLIC_URL", "ftp://gateway.example.com"),
        ("SEALGATE_PUBLIC_URL", "https://user:canary@gateway.example.com"),
        ("SEALGATE_PUBLIC_URL", "https://gateway.example.com/base?x=canary"),
        ("SEALGATE_PUBLIC_URL", "https://gateway.example.com/base#top"),
        ("SEALGATE_PUBLIC_URL", ""),
        ("SEALGATE_EGRESS_ALLOW", "http://127.0.0.1:9000/path"),
        ("SEALGATE_CORS_ORIGINS", "https://app.example, app.example"),
        ("SEALGATE_EGRESS_CA_FILE", "no-such-file.pem"),
        ("SEALGATE_EGRESS_PROXY", "socks5://proxy.example:1080"),
        ("SEALGATE_EGRESS_PROXY", "http://user:canary"),
        ("SEALGATE_EGRESS_PROXY_RESOLVES", "true"),
        ("SEALGATE_EGRESS_CLIENT_CERTIFICATES", "no-such-file.toml"),
        ("SEALGATE_LOG_LEVEL", "loud"),
        ("SEALGATE_SESSION_SECRET", "too-short"),
    ],
)
def test_values_that_a_type_alone_does_not_refuse(sealgate, name, value):
    answer = sealgate.json("config", "check", exit_code=1, **{name: value})
    assert [fault["path"] for fault in answer["errors"]["fields"]] == [name]
    assert "canary" not in str(answer)


def test_every_fault_of_the_client_certificates(sealgate, tmp_path):
    (tmp_path / "x.toml").write_text('["https://a.example"]\n["http://b.example"]\ncertificate = "b.pem"\n')
    file = str(tmp_path / "x.toml")
    answer = sealgate.json("config", "check", exit_code=1, SEALGATE_EGRESS_CLIENT_CERTIFICATES=file)
    assert [fault["path"] for fault in answer["errors"]["fields"]] == [
        "SEALGATE_EGRESS_CLIENT_CERTIFICATES"
    ] * 2


def test_a_key_that_others_can_read_is_warned_of(sealgate, tmp_path):
    _, key = Authority(tmp_path).issue("client")
    key.chmod(0o644)
    (tmp_path / "x.toml").write_text(
        '["https://a.example"]\ncertificate = "client.pem"\nkey = "client.key"\n'
    )
    result = sealgate("config", "check", SEALGATE_EGRESS_CLIENT_CERTIFICATES=str(tmp_path / "x.toml"))
    assert "SEALGATE_EGRESS_CLIENT_CERTIFICATES" in result.stderr and "chmod 600" in result.stderr


def test_two_sources_of_sessions(sealgate):
    both = {"SEALGATE_SESSION_SECRET": "x" * 32, "SEALGATE_SESSION_JWKS_URL": "https://idp.example/jwks"}
    answer = sealgate.json("config", "check", exit_code=1, **both)
    assert answer["errors"]["fields"][0]["path"] == "SEALGATE_SESSION_JWKS_URL"


def test_misspelt_variables_are_warned_of(sealgate):
    result = sealgate("config", "check", SEALGATE_WORKER="2")
    assert "SEALGATE_WORKER:" in result.stderr and "SEALGATE_WORKERS?" in result.stderr


def test_the_file(sealgate, tmp_path):
    (tmp_path / "sealgate.toml").write_text('workers = 5\nlisten = "127.0.0.1:1"\n')
    assert sealgate.json("config", "check")["settings"]["SEALGATE_WORKERS"] == 5
    (tmp_path / "sealgate.toml").write_text("worker = 5\n")
    answer = sealgate.json("config", "check", exit_code=1)
    assert answer["errors"]["fields"][0]["path"] == "SEALGATE_WORKER"
    (tmp_path / "sealgate.toml").write_text("workers = \n")
    answer = sealgate.json("config", "check", exit_code=1)
    assert answer["errors"]["fields"][0]["path"] == "sealgate.toml"


def test_faults_stop_every_command(sealgate):
    result = sealgate("secrets", "list", exit_code=1, SEALGATE_WORKERS="many")
    assert "SEALGATE_WORKERS" in result.stderr


def test_a_wrong_type_does_not_hide_the_other_faults(sealgate):
    given = {"SEALGATE_WORKERS": "x", "SEALGATE_EGRESS_ALLOW": "zzz", "SEALGATE_SESSION_SECRET": "short"}
    shown = sealgate("config", "check", exit_code=1, **given).stderr
    for name in given:
        assert name in shown
    assert "short" not in shown


def test_the_operator_is_told_of_a_new_key_once(sealgate):
    first = sealgate("secrets", "list")
    assert "back up" in first.stderr and "master.key" in first.stderr
    assert "back up" not in sealgate("secrets", "list").stderr


def test_an_unusable_store_says_what_to_do(sealgate):
    sealgate("secrets", "set", "k", stdin="canary-of-a-lost-key")
    (sealgate.data / "master.key").unlink()
    shown = sealgate("secrets", "list", exit_code=1).stderr
    assert shown.startswith("STORE_UNUSABLE: ") and "restore it from your backup" in shown
