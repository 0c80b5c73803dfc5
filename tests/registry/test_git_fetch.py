"""What a repository or a server could try, against the real command."""

import asyncio
import os
import random
import socket
import subprocess
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from git_server import FILE, registry

from sealgate.errors import (
    DestinationBlocked,
    DocumentInvalid,
    SigningFailed,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from sealgate.execution.engine import Engine
from sealgate.registry import git_fetch
from sealgate.registry.git_access import git_for, host_key_lines
from sealgate.registry.git_fetch import MAX_FILE, repository
from sealgate.registry.git_remote import parse_remote
from sealgate.secret import Secret
from sealgate.settings import Settings
from sealgate.stores.source_ports import GitSettings
from sealgate.testing.keys import ed25519_key

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE"


@pytest.fixture
def made(repository):
    """The fixture under another name: `repository` is the function under test here."""
    return repository


async def head(engine, url, **more):
    resolve = more.pop("resolve", None)
    options = {"resolve": resolve} if resolve else {}
    async with repository(engine, "default", GitSettings(str(url), **more), **options) as remote:
        return await remote.head()


async def known_secret(engine, value, name="deploy_token"):
    await engine.store.put_secret("default", name, Secret(value), actor="ada")
    await engine.refresh()


def resolving_to(address):
    async def resolve(host, port):
        return [ip_address(address)]

    return resolve


# -- repositories ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: (path / FILE).symlink_to("/etc/passwd"), "a symbolic link"),
        (lambda path: ((path / FILE).mkdir(), (path / FILE / "x").write_text("x")), "a folder"),
    ],
)
async def test_what_is_no_file(engine, made, make, what):
    make(made.path)
    made.commit()
    with pytest.raises(DocumentInvalid, match=what):
        await head(engine, made.path)


async def test_a_submodule_in_its_place(engine, made):
    commit = made.write("x", "README")
    made.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{FILE}")
    made.git("commit", "--quiet", "--message", "submodule")
    with pytest.raises(DocumentInvalid, match="a submodule"):
        await head(engine, made.path)


async def test_a_linked_folder_leads_nowhere(engine, made):
    (made.path / "linked").symlink_to("/etc")
    made.commit()
    assert (await head(engine, made.path, path="linked/passwd")).content is None


@pytest.mark.parametrize("path", ["*.json", ":(top)x", ":/", "connectors_registry.jso?", "nothing"])
async def test_a_path_is_no_pattern(engine, made, path):
    made.write(registry("A"))
    assert (await head(engine, made.path, path=path)).content is None


async def test_a_huge_file(engine, made):
    made.write("x" * (MAX_FILE + 1))
    with pytest.raises(UpstreamResponseTooLarge, match=f"{MAX_FILE + 1} bytes"):
        await head(engine, made.path)
    made.write("x" * MAX_FILE)
    assert len((await head(engine, made.path)).content) == MAX_FILE


async def test_a_huge_repository(engine, made, monkeypatch):
    monkeypatch.setattr(git_fetch, "MAX_REPOSITORY", 1024 * 1024)
    (made.path / "noise").write_bytes(random.Random(1).randbytes(2 * 1024 * 1024))
    made.write(registry("A"))
    with pytest.raises(UpstreamResponseTooLarge, match="head is larger than 1 MiB"):
        await head(engine, made.path)


async def test_nothing_in_a_repository_is_run(engine, made, tmp_path):
    trap = tmp_path / "trap"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {trap}\ncat\n")
    script.chmod(0o755)
    (made.path / ".gitattributes").write_text(f"{FILE} filter=trap\n")
    made.write(registry("A"))
    for name in ("uploadpack.packObjectsHook", "core.fsmonitor", "filter.trap.smudge"):
        made.git("config", name, str(script))
    for hook in ("post-checkout", "reference-transaction", "post-merge"):
        (made.path / ".git" / "hooks" / hook).symlink_to(script)
    assert (await head(engine, made.path)).content == registry("A").encode()
    assert not trap.exists()


@pytest.mark.parametrize("branch", ["--upload-pack=touch trap", "-x", "main:refs/heads/other", "*"])
async def test_a_branch_that_would_be_something_else(engine, made, tmp_path, monkeypatch, branch):
    """Such names are refused when a source is saved; here is that git would not obey them either."""
    monkeypatch.chdir(tmp_path)
    made.write(registry("A"))
    before = set(tmp_path.rglob("trap"))
    with pytest.raises(UpstreamUnreachable):
        await head(engine, made.path, branch=branch)
    assert set(tmp_path.rglob("trap")) == before


# -- servers -----------------------------------------------------------------------------------------


async def test_git_is_held_to_the_address_that_was_checked(tmp_path, made, server, password):
    """The name resolves for nobody but the test: git can come to the server only if it is told where."""
    made.write(registry("A"))
    port = server.origin.rsplit(":", 1)[1]
    settings = Settings(data=tmp_path / "data", egress_allow=(f"http://git.internal.test:{port}",))
    async with await Engine.start(settings) as engine:
        await known_secret(engine, password)
        found = await head(
            engine,
            f"http://git.internal.test:{port}/team",
            username="ada",
            credential="deploy_token",
            resolve=resolving_to("127.0.0.1"),
        )
    assert found.content == registry("A").encode()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://git.example.com/c", "10.0.0.1"),
        ("https://git.example.com/c", "169.254.169.254"),
        ("git@git.example.com:c", "127.0.0.1"),
        ("http://git.example.com/c", "1.1.1.1"),
    ],
)
async def test_where_it_may_not_go(engine, url, address):
    with pytest.raises(DestinationBlocked):
        await head(engine, url, resolve=resolving_to(address))


async def test_local_folders_only_where_the_operator_allows_them(tmp_path, made):
    made.write(registry("A"))
    async with await Engine.start(Settings(data=tmp_path / "data")) as engine:
        with pytest.raises(DestinationBlocked, match="SEALGATE_GIT_ALLOW_LOCAL"):
            await head(engine, made.path)


@asynccontextmanager
async def answering(answer):
    """An HTTP server that answers by `answer(handler)`; gives its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()


async def test_a_redirect_is_not_followed(engine, made, server, password):
    made.write(registry("A"))
    await known_secret(engine, password)

    def redirect(handler):
        if "Authorization" in handler.headers:
            handler.send_response(302)
            handler.send_header("Location", server.origin + handler.path)
        else:
            handler.send_response(401)
            handler.send_header("WWW-Authenticate", 'Basic realm="git"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    async with answering(redirect) as origin:
        with pytest.raises(UpstreamUnreachable):
            await head(engine, f"{origin}/team", username="ada", credential="deploy_token")
    assert server.seen == []


async def test_what_a_server_says_is_shown_without_secrets(engine, password):
    await known_secret(engine, password)

    def parrot(handler):
        if "Authorization" in handler.headers:
            text = f"you said {password}\n\x1b[2Jand more".encode()
            handler.send_response(403)
            handler.send_header("Content-Type", "text/plain")
        else:
            text = b""
            handler.send_response(401)
            handler.send_header("WWW-Authenticate", 'Basic realm="git"')
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    async with answering(parrot) as origin:
        with pytest.raises(UpstreamUnreachable) as caught:
            await head(engine, f"{origin}/team", username="ada", credential="deploy_token")
    assert "you said [redacted]" in caught.value.detail and password not in caught.value.detail


def git_processes():
    """`(arguments, environment)` of every git that this process started."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (directory / "cmdline").read_bytes()
            environment = (directory / "environ").read_bytes()
        except OSError:
            continue
        if b"GIT_DIR=" in environment and b"sealgate-git-" in environment and arguments:
            found.append((arguments, environment))
    return found


async def test_a_silent_server_and_what_can_be_seen_meanwhile(engine, password, monkeypatch):
    """Nothing secret stands in an argument list; what this process was started with is not passed on;
    when the time is up no process is left."""
    monkeypatch.setenv("SEALGATE_ADMIN_TOKEN", "canary-of-the-environment")
    monkeypatch.setenv("GIT_SSH_COMMAND", "canary-of-the-environment")
    monkeypatch.setenv("https_proxy", "http://canary-of-the-environment")
    await known_secret(engine, password)
    asked, released = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def silent(handler):
        if "Authorization" in handler.headers:
            loop.call_soon_threadsafe(asked.set)
            asyncio.run_coroutine_threadsafe(released.wait(), loop).result(30)
            return
        handler.send_response(401)
        handler.send_header("WWW-Authenticate", 'Basic realm="git"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    monkeypatch.setattr(git_fetch, "SECONDS", 3.0)
    async with answering(silent) as origin:
        task = asyncio.create_task(head(engine, f"{origin}/team", username="ada", credential="deploy_token"))
        await asyncio.wait_for(asked.wait(), 10)
        processes = git_processes()
        with pytest.raises(UpstreamTimeout, match="within 3 s"):
            await task
        left = git_processes()
        released.set()
    assert len(processes) >= 2, "git, and its helper that speaks HTTP"
    for arguments, environment in processes:
        assert password.encode() not in arguments
        assert b"canary-of-the-environment" not in environment + arguments
    assert left == []


# -- ssh ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (HOST_KEY, [HOST_KEY]),
        (f"git.example.com {HOST_KEY}\n# comment\n\n{HOST_KEY}\n", [HOST_KEY, HOST_KEY]),
        ("ssh-rsa AAAA==", ["ssh-rsa AAAA=="]),
    ],
)
def test_host_keys(text, keys):
    assert host_key_lines(text) == keys


@pytest.mark.parametrize(
    "text", ["", "# none", "* ssh-ed25519", "@cert-authority * ssh-ed25519 AAAA", "x y z"]
)
def test_what_is_no_host_key(text):
    with pytest.raises(ValueError):
        host_key_lines(text)


@pytest.mark.parametrize(
    ("credential", "host_key", "message"), [(None, HOST_KEY, "private key"), (Secret("k"), None, "host_key")]
)
def test_ssh_needs_a_key_on_both_sides(tmp_path, credential, host_key, message):
    settings = GitSettings("git@git.example.com:c", host_key=host_key)
    with pytest.raises(SigningFailed, match=message):
        git_for(tmp_path, parse_remote(settings.url), settings, [ip_address("1.1.1.1")], credential, None)


def test_what_ssh_makes_of_its_configuration(tmp_path):
    settings = GitSettings("ssh://git@git.example.com:2222/c", host_key=HOST_KEY)
    git = git_for(
        tmp_path, parse_remote(settings.url), settings, [ip_address("1.1.1.1")], Secret("the key"), None
    )
    shown = subprocess.run(
        [*git.environment["GIT_SSH_COMMAND"].split(), "-G", "git.example.com"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    effective = dict(line.split(" ", 1) for line in shown.splitlines() if " " in line)
    assert effective["hostname"] == "1.1.1.1" and effective["hostkeyalias"] == "source"
    assert effective["stricthostkeychecking"] in ("true", "yes") and effective["batchmode"] == "yes"
    assert effective["userknownhostsfile"] == str(tmp_path / "known_hosts")
    assert effective["identityfile"] == str(tmp_path / "identity")
    assert (tmp_path / "known_hosts").read_text() == f"source {HOST_KEY}\n"
    for name in ("identity", "known_hosts", "ssh_config"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert "the key" not in repr(git)


async def test_ssh_goes_to_the_address_that_was_checked(tmp_path):
    settings = Settings(data=tmp_path / "data", egress_allow=("127.0.0.0/8",))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def greet():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"SSH-2.0-nobody\r\n")
                return connection.recv(100)

        greeting = asyncio.create_task(asyncio.to_thread(greet))
        async with await Engine.start(settings) as engine:
            await known_secret(engine, ed25519_key().private_pem)
            with pytest.raises(UpstreamUnreachable):
                await head(
                    engine,
                    f"ssh://git@git.internal.test:{port}/c",
                    credential="deploy_token",
                    host_key=HOST_KEY,
                    resolve=resolving_to("127.0.0.1"),
                )
        assert (await greeting).startswith(b"SSH-2.0-")
    assert not [name for name in os.listdir(tmp_path) if name.startswith("sealgate-git")]
