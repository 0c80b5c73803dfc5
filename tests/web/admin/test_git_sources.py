"""Git sources by the admin API, and the webhooks that ask for their runs."""

import hashlib
import hmac
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "registry"))

from git_server import GitServer, Repository, registry

SECRET = "the-secret-of-the-webhook"


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "served").mkdir()
    return Repository(tmp_path / "served" / "team")


@pytest.fixture
async def source(client, repository):
    """The client with a source `team` of a repository that is served over HTTP with a password."""
    with GitServer(repository.path.parent, "ada", "canary-password") as server:
        for name, value in (("deploy_token", "canary-password"), ("hook", SECRET)):
            await client("PUT", f"/api/v1/secrets/{name}", {"value": value})
        body = {
            "url": f"{server.origin}/team",
            "username": "ada",
            "credential": "deploy_token",
            "webhook_secret": "hook",
        }
        answer = await client("PUT", "/api/v1/sources/team", body)
        assert answer.status == 201, answer.body
        yield client


async def test_its_life(source, repository):
    commit = repository.write(registry("A"))
    synced = await source("POST", "/api/v1/sources/team/sync")
    assert (synced.status, synced.json["created"]) == (200, ["a"])
    shown = (await source("GET", "/api/v1/sources/team")).json
    assert (shown["kind"], shown["branch"], shown["connectors"]) == ("git", "main", ["a"])
    run = shown["last_run"]
    assert (run["trigger"], run["actor"], run["state"]) == ("manual", "admin-token", "completed")
    assert (run["revision"], run["created"], run["errors"]) == (commit, ["a"], {"fields": []})
    assert (await source("GET", "/api/v1/sources")).json["sources"] == [shown]
    assert (await source("GET", "/api/v1/sources/team/runs")).json == {"runs": [run]}
    again = await source("PUT", "/api/v1/sources/team", {**shown, "branch": "live"})
    assert (again.status, again.json["branch"], again.json["credential"]) == (200, "live", "deploy_token")
    gone = await source("DELETE", "/api/v1/sources/team")
    assert gone.json == {"name": "team", "deleted": ["a"], "kept": []}
    for method, path in (("GET", ""), ("GET", "/runs"), ("POST", "/sync"), ("DELETE", "")):
        assert (await source(method, f"/api/v1/sources/team{path}")).status == 404


async def test_connectors_can_be_kept(source, repository):
    repository.write(registry("A"))
    await source("POST", "/api/v1/sources/team/sync")
    gone = await source("DELETE", "/api/v1/sources/team?keep_connectors=true")
    assert gone.json == {"name": "team", "deleted": [], "kept": ["a"]}
    assert (await source("GET", "/api/v1/connectors/a")).json["source"] is None


async def test_a_disabled_source_has_no_connectors(source, repository):
    repository.write(registry("A"))
    await source("POST", "/api/v1/sources/team/sync")
    shown = (await source("GET", "/api/v1/sources/team")).json
    disabled = await source("PUT", "/api/v1/sources/team", {**shown, "enabled": False})
    assert (disabled.json["connectors"], disabled.json["last_run"]["deleted"]) == ([], ["a"])
    assert (await source("POST", "/api/v1/sources/team/sync")).status == 409
    await source("PUT", "/api/v1/sources/team", {**shown, "enabled": True})
    assert (await source("POST", "/api/v1/sources/team/sync")).json["created"] == ["a"]


async def test_a_file_with_faults(source, repository):
    repository.write('{"connectors": [{"name": "A", "url": "x"}, {"url": "https://api.example.com"}]}')
    answer = await source("POST", "/api/v1/sources/team/sync")
    assert (answer.status, set(answer.paths)) == (422, {"connectors.0.url", "connectors.1.name"})
    run = (await source("GET", "/api/v1/sources/team")).json["last_run"]
    assert run["state"] == "failed" and {each["path"] for each in run["errors"]["fields"]} == set(
        answer.paths
    )


async def test_no_password_in_what_is_answered(source, repository):
    await source("PUT", "/api/v1/secrets/deploy_token", {"value": "wrong-canary-password"})
    failed = await source("POST", "/api/v1/sources/team/sync")
    assert (failed.status, failed.code) == (502, "UPSTREAM_UNREACHABLE")
    for path in ("", "/team", "/team/runs"):
        answer = await source("GET", f"/api/v1/sources{path}")
        assert answer.status == 200 and b"canary" not in answer.body + failed.body


async def test_every_fault_of_the_settings_at_once(client):
    body = {
        "url": "ext::sh -c id",
        "branch": "--upload-pack=id",
        "path": "../x",
        "poll_seconds": 1,
        "credential": "nowhere",
        "webhook_secret": 7,
        "enabled": "yes",
        "color": "red",
    }
    answer = await client("PUT", "/api/v1/sources/team", body)
    assert (answer.status, set(answer.paths)) == (422, set(body))
    assert (await client("GET", "/api/v1/sources")).json == {"sources": []}


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {"url"}),
        ([], {""}),
        ({"url": "git@git.example.com:c"}, {"host_key", "credential"}),
        ({"url": "http://git.example.com/c"}, {"url"}),
        ({"url": "/srv/c"}, {"url"}),
        ({"url": "https://git.example.com/c", "host_key": "x"}, {"host_key"}),
        ({"url": "https://git.example.com/c", "credential": "elsewhere"}, {"credential"}),
        *(
            ({"url": "https://git.example.com/c", "branch": name}, {"branch"})
            for name in ("a b", "a..b", "/a", "a/", "a.lock", "a~1", "a:b", ".a", "a@{1}", "-a", "a//b")
        ),
        *(
            ({"url": "https://git.example.com/c", "path": name}, {"path"})
            for name in ("/etc/passwd", "a/../b", "a//b", "-a", "a\nb", "./a")
        ),
    ],
)
async def test_faults(client, body, paths):
    await client(
        "PUT", "/api/v1/secrets/elsewhere", {"value": "value", "allowed_hosts": ["other.example.com"]}
    )
    answer = await client("PUT", "/api/v1/sources/team", body)
    assert (answer.status, set(answer.paths)) == (422, paths)


@pytest.mark.parametrize("name", ["a.json", "-a", "a%20b", "a" * 101])
async def test_names(client, name):
    answer = await client("PUT", f"/api/v1/sources/{name}", {"url": "https://git.example.com/c"})
    assert (answer.status, answer.paths) == (422, ["source"])


async def test_naming_a_secret_needs_the_scope_of_secrets(source):
    body = {"url": "https://git.example.com/c"}
    writer = await source.token("write")
    assert (await source("PUT", "/api/v1/sources/open", body, token=writer)).status == 201
    for member in ("credential", "webhook_secret"):
        answer = await source("PUT", "/api/v1/sources/closed", {**body, member: "hook"}, token=writer)
        assert (answer.status, answer.code) == (403, "FORBIDDEN")
    both = await source.token("write", "secrets")
    assert (
        await source("PUT", "/api/v1/sources/closed", {**body, "webhook_secret": "hook"}, token=both)
    ).status == 201


async def test_an_upload_to_a_git_source_is_refused(source):
    answer = await source("PUT", "/api/v1/sources/team/registry", {"connectors": []})
    assert (answer.status, answer.code) == (409, "CONFLICT")


async def test_uploads_are_sources_with_runs(client):
    await client("PUT", "/api/v1/sources/ci/registry", {"connectors": [], "extra": 1})
    bad = await client("PUT", "/api/v1/sources/ci/registry", {"connectors": [{}]})
    assert bad.status == 422
    (shown,) = (await client("GET", "/api/v1/sources")).json["sources"]
    assert (shown["name"], shown["kind"]) == ("ci", "upload") and "url" not in shown
    states = [run["state"] for run in (await client("GET", "/api/v1/sources/ci/runs")).json["runs"]]
    assert states == ["failed", "warning"]
    assert (await client("POST", "/api/v1/sources/ci/sync")).status == 409


# -- webhooks ----------------------------------------------------------------------------------------

PUSH = json.dumps({"ref": "refs/heads/main"}).encode()


def signed(body=PUSH, secret=SECRET):
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


async def hook(client, body=PUSH, headers=None, name="team", prefix="/api/v1"):
    return await client("POST", f"{prefix}/sources/{name}/webhook", body, token=None, headers=headers or {})


async def requested(client):
    source = await client.engine.store.get_source("default", "team")
    return source.sync_requested_at is not None


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (PUSH, {"requested": True}),
        (b'{"zen": "ping"}', {"requested": True}),
        (b"payload=x", {"requested": True}),
        (b'{"ref": "refs/heads/other"}', {"ignored": "branch"}),
        (b'{"ref": "refs/tags/main"}', {"ignored": "branch"}),
    ],
)
@pytest.mark.parametrize("style", ["github", "gitlab"])
async def test_a_webhook(source, style, body, answer):
    headers = signed(body) if style == "github" else {"x-gitlab-token": SECRET}
    got = await hook(source, body, headers)
    assert (got.status, got.json) == (202, answer)
    assert await requested(source) == ("requested" in answer)


@pytest.mark.parametrize(
    ("headers", "more"),
    [
        ({}, {}),
        (signed(secret="wrong"), {}),
        (signed(b"another body"), {}),
        ({"x-hub-signature-256": signed()["x-hub-signature-256"].upper()}, {}),
        ({"x-hub-signature-256": "sha256="}, {}),
        ({"x-gitlab-token": "wrong"}, {}),
        ({"x-gitlab-token": ""}, {}),
        ({"x-gitlab-token": "ü"}, {}),
        ({"x-gitlab-token": SECRET, **signed(secret="wrong")}, {}),
        (signed(), {"name": "nobody"}),
        (signed(), {"prefix": "/t/acme/api/v1"}),
        (signed(), {"name": "open"}),
        (signed(secret=""), {"name": "open"}),
    ],
)
async def test_a_webhook_that_cannot_be_verified(source, headers, more):
    await source("PUT", "/api/v1/sources/open", {"url": "https://git.example.com/c"})
    got = await hook(source, headers=headers, **more)
    assert (got.status, got.code) == (401, "AUTHENTICATION_REQUIRED")
    assert got.json["errors"]["detail"] == "the signature of this webhook could not be verified"
    assert not await requested(source)


async def test_a_webhook_that_is_too_large(source):
    body = b"x" * (1024 * 1024 + 1)
    assert (await hook(source, body, signed(body))).status == 413


async def test_a_webhook_of_a_disabled_source(source):
    shown = (await source("GET", "/api/v1/sources/team")).json
    await source("PUT", "/api/v1/sources/team", {**shown, "enabled": False})
    got = await hook(source, headers=signed())
    assert (got.status, got.json) == (202, {"ignored": "disabled"})
