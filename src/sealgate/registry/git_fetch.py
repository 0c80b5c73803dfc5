"""Read one file at the head of a branch, without a working tree: nothing is checked out, so nothing in
the repository (a link, a filter, a hook, a submodule) is ever followed or run."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sealgate.egress import Allowance
from sealgate.egress.connecting import Resolve, resolve_by_system
from sealgate.errors import (
    DestinationBlocked,
    DocumentInvalid,
    NotFound,
    SecretNotFound,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from sealgate.execution.destinations import bind_secrets
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.host import UrlProblem
from sealgate.registry.git_access import git_for
from sealgate.registry.git_command import Git, require_version
from sealgate.registry.git_remote import Remote, addresses, parse_remote, refusal
from sealgate.secret import Secret
from sealgate.stores.source_ports import GitSettings

SECONDS = 60.0
"""For everything that one run asks of git."""
MAX_FILE = 10 * 1024 * 1024
MAX_REPOSITORY = 256 * 1024 * 1024
"""Bytes of one commit, packed."""
SIZE_LOOK_SECONDS = 0.1

_HEAD = "refs/sealgate/head"
_WHAT_IT_IS = {"120000": "a symbolic link", "040000": "a folder", "160000": "a submodule"}


@dataclass(frozen=True, slots=True)
class Head:
    """The file at the head of a branch; `content` is `None` when the commit does not have it."""

    commit: str
    content: bytes | None


class Repository:
    """A remote repository that was reached; use `repository()`."""

    def __init__(self, git: Git, remote: Remote, settings: GitSettings) -> None:
        self._git = git
        self._remote = remote
        self._settings = settings
        self._branch = f"refs/heads/{settings.branch}"

    async def commit(self) -> str:
        """The commit at the branch's head. Raises NotFound when there is no such branch."""
        answer = (await self._git.run("ls-remote", "--", self._remote.url, self._branch)).decode()
        for line in answer.splitlines():
            commit, _, name = line.partition("\t")
            if name == self._branch:
                return commit
        raise NotFound(f"the repository has no branch {self._settings.branch!r}")

    async def head(self) -> Head:
        """Fetch the branch's head and read the file."""
        await self._git.run("init", "--quiet", "--bare", "--template=")
        fetching = asyncio.create_task(
            self._git.run(
                "fetch",
                "--quiet",
                "--depth=1",
                "--no-tags",
                "--no-write-fetch-head",
                "--no-recurse-submodules",
                "--",
                self._remote.url,
                f"+{self._branch}:{_HEAD}",
            )
        )
        try:
            done = False
            while not done:
                done = bool((await asyncio.wait({fetching}, timeout=SIZE_LOOK_SECONDS))[0])
                if await asyncio.to_thread(_size, self._git.directory) > MAX_REPOSITORY:
                    raise UpstreamResponseTooLarge(
                        f"the repository's head is larger than {MAX_REPOSITORY // 1024**2} MiB"
                    )
        finally:
            fetching.cancel()
            await asyncio.wait({fetching})
        fetching.result()
        commit = (await self._git.run("rev-parse", "--verify", f"{_HEAD}^{{commit}}")).decode().strip()
        return Head(commit, await self._file(commit))

    async def _file(self, commit: str) -> bytes | None:
        path = self._settings.path
        listed = await self._git.run("ls-tree", "-z", "--long", "--full-tree", commit, "--", path)
        if not listed:
            return None
        mode, _, object_id, size = listed.partition(b"\t")[0].decode().split()
        if mode in _WHAT_IT_IS:
            message = f"{path} is {_WHAT_IT_IS[mode]} in the repository, not a file"
            raise DocumentInvalid(message, fields=[Finding("path", message)])
        if int(size) > MAX_FILE:
            raise UpstreamResponseTooLarge(
                f"{path} has {size} bytes; a registry file has at most {MAX_FILE // 1024**2} MiB"
            )
        return await self._git.run("cat-file", "blob", object_id, max_answer=MAX_FILE)


@asynccontextmanager
async def repository(
    engine: Engine, tenant: str, settings: GitSettings, *, resolve: Resolve = resolve_by_system
) -> AsyncIterator[Repository]:
    """A source's repository, for at most `SECONDS`.

    Raises DestinationBlocked and SecretNotFound before anything is sent, UpstreamUnreachable with what git
    says (without secrets), UpstreamTimeout, UpstreamResponseTooLarge."""
    try:
        async with asyncio.timeout(SECONDS):
            remote = _remote(engine, settings)
            credential = _credential(engine, tenant, settings, remote)
            allowance = Allowance.parse(engine.settings.egress_allow)
            reachable = await addresses(remote, allowance, resolve)
            await require_version()
            with tempfile.TemporaryDirectory(prefix="sealgate-git-", ignore_cleanup_errors=True) as folder:
                ca_file = engine.settings.egress_ca_file
                git = git_for(Path(folder), remote, settings, reachable, credential, ca_file)
                yield Repository(git, remote, settings)
    except TimeoutError:
        raise UpstreamTimeout(f"the repository could not be read within {SECONDS:g} s") from None
    except UpstreamProtocolError as error:
        raise UpstreamUnreachable(
            f"the repository could not be read: {engine.scrub(tenant, error.detail)}"
        ) from None


def _remote(engine: Engine, settings: GitSettings) -> Remote:
    """The remote as the operator's rules of today take it: they may have changed since it was saved."""
    try:
        remote = parse_remote(settings.url)
    except UrlProblem as problem:
        raise DestinationBlocked(str(problem)) from None
    allowance = Allowance.parse(engine.settings.egress_allow)
    reason = refusal(remote, allowance, allow_local=engine.settings.git_allow_local)
    if reason:
        raise DestinationBlocked(reason)
    return remote


def _credential(engine: Engine, tenant: str, settings: GitSettings, remote: Remote) -> Secret[str] | None:
    if settings.credential is None:
        return None
    snapshot = engine.tenant(tenant)
    value = snapshot.secrets.get(settings.credential)
    if value is None:
        raise SecretNotFound(
            f"the source's `credential` is missing: there is no secret named {settings.credential!r}",
            hint="set the secret again, or name another one in the source",
        )
    if remote.origin is not None:
        bind_secrets([settings.credential], snapshot.allowed_hosts, [remote.origin])
    return value


def _size(directory: Path) -> int:
    """Bytes of all files below; one that is gone meanwhile counts nothing."""
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.lstat().st_size
        except FileNotFoundError:
            continue
    return total
