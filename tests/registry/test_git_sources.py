"""Git sources end to end: real repositories, through the real command."""

import asyncio

import pytest
from git_server import registry
from structlog.testing import capture_logs

from sealgate.errors import (
    Conflict,
    DestinationBlocked,
    DocumentInvalid,
    NotFound,
    SecretNotFound,
    UpstreamUnreachable,
)
from sealgate.registry.git_sources import GitSources, run_git_source
from sealgate.secret import Secret
from sealgate.stores.source_ports import GitSettings


async def source(engine, url, name="team", **settings):
    await engine.store.put_git_source("default", name, GitSettings(str(url), **settings), actor="ada")


async def run(engine, trigger="manual", name="team"):
    return await run_git_source(engine, "default", name, trigger, actor="ada")


async def secret(engine, name, value, hosts=()):
    await engine.store.put_secret("default", name, Secret(value), actor="ada", allowed_hosts=hosts)
    await engine.refresh()


async def owned(engine, name="team"):
    stored = await engine.store.list_connectors("default")
    return {each.permalink for each in stored if each.source == name}


async def runs(engine, name="team"):
    return [
        (run.trigger, run.state, run.revision, run.changes)
        for run in await engine.store.list_runs("default", name)
    ]


@pytest.mark.parametrize("prefix", ["", "file://"])
async def test_the_file_at_the_head_of_the_branch_is_applied(engine, repository, prefix):
    first = repository.write(registry("A", "B"))
    await source(engine, f"{prefix}{repository.path}")
    assert (await run(engine)).created == ("a", "b")
    second = repository.write(registry("B", "C"))
    result = await run(engine, "webhook")
    assert (result.created, result.updated, result.deleted) == (("c",), (), ("a",))
    assert await owned(engine) == {"b", "c"}
    assert await runs(engine) == [
        ("webhook", "completed", second, True),
        ("manual", "completed", first, True),
    ]


async def test_branch_and_path(engine, repository):
    repository.write(registry("Main"))
    repository.git("checkout", "--quiet", "-b", "release/2.x")
    repository.write(registry("Release"), "connectors/of team/file.json")
    await source(engine, repository.path, branch="release/2.x", path="connectors/of team/file.json")
    assert (await run(engine)).created == ("release",)


async def test_a_poll_runs_when_the_commit_or_the_settings_changed(engine, repository):
    repository.write(registry("A"))
    repository.write(registry("Other"), "other.json")
    await source(engine, repository.path)
    assert (await run(engine, "poll")).created == ("a",)
    assert await run(engine, "poll") is None
    assert len(await runs(engine)) == 1
    await source(engine, repository.path, path="other.json")
    assert (await run(engine, "poll")).created == ("other",)
    repository.write("changed", "README")
    assert await run(engine, "poll") is not None
    assert await run(engine, "poll") is None


async def test_a_file_with_faults_changes_nothing_until_it_is_mended(engine, repository):
    repository.write(registry("A"))
    await source(engine, repository.path)
    await run(engine)
    bad = repository.write('{"connectors": [{"name": "A", "url": "x"}, {"url": "https://api.example.com"}]}')
    for _ in range(2):
        with pytest.raises(DocumentInvalid):
            await run(engine, "poll")
    assert await owned(engine) == {"a"}
    last, *rest = await engine.store.list_runs("default", "team")
    assert (last.state, last.revision, len(rest)) == ("failed", bad, 1)
    assert {fault["path"] for fault in last.faults} == {"connectors.0.url", "connectors.1.name"}
    assert {fault.get("connector") for fault in last.faults} == {"A", "connectors.1"}
    assert (await engine.store.get_source("default", "team")).failures == 0
    repository.write(registry("B"))
    assert (await run(engine, "poll")).created == ("b",)


async def test_a_collision_that_goes_away_is_noticed_without_a_new_commit(engine, repository):
    await engine.store.put_connector("default", "a", {"name": "A", "url": "https://x.example"}, actor="ada")
    repository.write(registry("A"))
    await source(engine, repository.path)
    with pytest.raises(DocumentInvalid, match="fault"):
        await run(engine, "poll")
    await engine.store.delete_connector("default", "a", actor="ada")
    assert (await run(engine, "poll")).created == ("a",)


async def test_a_lost_file_takes_its_connectors_with_it(engine, repository):
    repository.write(registry("A"))
    await source(engine, repository.path)
    await run(engine)
    repository.git("rm", "--quiet", "connectors_registry.json")
    repository.commit()
    result = await run(engine, "poll")
    assert result.deleted == ("a",) and "there is no connectors_registry.json" in result.warnings[0].message
    (last, _) = await engine.store.list_runs("default", "team")
    assert last.state == "warning"


async def test_an_unreachable_repository_changes_nothing(engine, repository, tmp_path):
    repository.write(registry("A"))
    await source(engine, repository.path)
    await run(engine)
    repository.path.rename(tmp_path / "moved")
    for failures in (1, 2):
        with pytest.raises(UpstreamUnreachable):
            await run(engine, "poll")
        assert (await engine.store.get_source("default", "team")).failures == failures
    assert await owned(engine) == {"a"}
    assert [state for _, state, _, _ in await runs(engine)] == ["failed", "completed"]


async def test_a_lost_branch_changes_nothing(engine, repository):
    repository.write(registry("A"))
    await source(engine, repository.path)
    await run(engine)
    repository.git("branch", "--move", "main", "trunk")
    with pytest.raises(NotFound, match="no branch 'main'"):
        await run(engine)
    assert await owned(engine) == {"a"}


async def test_tenants_have_their_own(engine, repository):
    repository.write(registry("A"))
    await source(engine, repository.path)
    await engine.store.put_git_source("acme", "team", GitSettings(str(repository.path)), actor="ada")
    await GitSources(engine).poll()
    assert [each.permalink for each in await engine.store.list_connectors("acme")] == ["a"]
    await engine.store.delete_source("acme", "team", keep_connectors=False, actor="ada")
    assert await owned(engine) == {"a"}


async def test_one_run_at_a_time(engine, repository):
    repository.write(registry("A"))
    await source(engine, repository.path)
    await engine.store.lease_source("default", "team", "somebody", 60)
    with pytest.raises(Conflict, match="already"):
        await run(engine)
    with pytest.raises(NotFound):
        await run(engine, name="nobody")


async def test_only_git_sources_run(engine):
    await engine.store.ensure_source("default", "ci", "upload", actor="ada")
    with pytest.raises(Conflict, match="no git repository"):
        await run(engine, name="ci")


async def test_the_poller(engine, repository):
    repository.write(registry("A"))
    await source(engine, repository.path)
    await source(engine, "/nowhere", name="broken")
    poller = GitSources(engine)
    with capture_logs() as logs:
        await poller.poll()
        await poller.poll()
        for name in ("broken", "team"):
            await engine.store.request_sync("default", name, "webhook", actor="hook")
        await poller.poll()
    events = [(line["event"], line["source"]) for line in logs]
    assert sorted(events) == [
        ("git source failed, nothing was changed", "broken"),
        ("git source synced", "team"),
        ("git source synced", "team"),
    ]
    assert await owned(engine) == {"a"}
    assert len(await runs(engine)) == 1


async def test_it_looks_by_itself(engine, repository):
    repository.write(registry("A"))
    running = asyncio.create_task(GitSources(engine).run())
    await source(engine, repository.path)
    async with asyncio.timeout(20):
        while not await owned(engine):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


# -- over HTTP, with a password -------------------------------------------------------------------------


async def test_over_http_with_a_credential(engine, repository, server, password):
    commit = repository.write(registry("A"))
    await secret(engine, "deploy_token", password)
    await source(engine, f"{server.origin}/team", username="ada", credential="deploy_token")
    assert (await run(engine)).created == ("a",)
    assert (await runs(engine))[0][2] == commit
    assert {given for _, given in server.seen} == {None, server.authorization}


async def test_a_credential_that_another_process_stored_a_moment_ago(engine, repository, server, password):
    repository.write(registry("A"))
    await source(engine, f"{server.origin}/team", username="ada", credential="deploy_token")
    await engine.store.put_secret("default", "deploy_token", Secret(password), actor="ada")
    assert (await run(engine)).created == ("a",)


@pytest.mark.parametrize("value", ["not the password", "two\nlines"])
async def test_a_wrong_credential(engine, repository, server, value):
    repository.write(registry("A"))
    await secret(engine, "deploy_token", value)
    await source(engine, f"{server.origin}/team", username="ada", credential="deploy_token")
    with pytest.raises(Exception) as caught:
        await run(engine)
    assert value not in str(caught.value)
    assert await owned(engine) == set()


async def test_without_a_credential(engine, repository, server):
    await source(engine, f"{server.origin}/team")
    with pytest.raises(UpstreamUnreachable, match="could not be read"):
        await run(engine)


async def test_a_secret_goes_only_where_it_may(engine, repository, server, password):
    await secret(engine, "deploy_token", password, hosts=["git.example.com"])
    await source(engine, f"{server.origin}/team", username="ada", credential="deploy_token")
    with pytest.raises(DestinationBlocked, match="may not be sent"):
        await run(engine)
    await source(engine, f"{server.origin}/team", username="ada", credential="gone")
    with pytest.raises(SecretNotFound, match="gone"):
        await run(engine)
    assert server.seen == []


async def test_a_run_says_which_secret_was_deleted(engine, repository):
    repository.write(registry("A"))
    await secret(engine, "pull", "p-1")
    await secret(engine, "hook", "h-1")
    await source(engine, repository.path, credential="pull", webhook_secret="hook")
    assert (await run(engine)).warnings == ()
    await engine.store.delete_secret("default", "hook", actor="ada")
    await engine.refresh()
    (warning,) = (await run(engine)).warnings
    assert warning.path == "webhook_secret" and "no secret named 'hook'" in warning.message
    await engine.store.delete_secret("default", "pull", actor="ada")
    await engine.refresh()
    with pytest.raises(SecretNotFound):
        await run(engine, "poll")
    newest = (await engine.store.list_runs("default", "team"))[0]
    assert newest.state == "failed" and newest.error is not None
    assert "`credential` is missing: there is no secret named 'pull'" in newest.error
    assert await owned(engine) == {"a"}
