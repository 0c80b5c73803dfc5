"""Run the `git` command where nothing it reads can steer it, and nothing it is told can be seen.

It gets no configuration but ours, no shell, no terminal, no environment but what stands here, a folder
of its own, and one protocol. A password reaches it through the environment of that one process.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sealgate.errors import UpstreamProtocolError, UpstreamResponseTooLarge, UpstreamUnreachable

PINNING_VERSION = (2, 37)
"""The first git that connects to the address it is given (`http.curloptResolve`); an older one would
ignore that and resolve the name again."""
MAX_ANSWER = 64 * 1024
SHOWN_ERROR = 500
"""Characters of what git says that an error repeats."""

CONFIGURATION = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.helper=",
    "http.followRedirects=false",
    "http.proxy=",
    "http.sslVerify=true",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "protocol.ext.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
)
ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PROTOCOL_FROM_USER": "0",
}


@dataclass(frozen=True, slots=True)
class Git:
    """Git on a bare repository in `directory`, over one protocol. `environment` may hold a password."""

    directory: Path
    protocol: str
    configuration: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def run(self, *arguments: str, max_answer: int = MAX_ANSWER) -> bytes:
        """What a command prints. Raises UpstreamUnreachable when git cannot be started,
        UpstreamProtocolError when it fails, with what it said (not scrubbed), UpstreamResponseTooLarge."""
        options = [part for item in (*CONFIGURATION, *self.configuration) for part in ("-c", item)]
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                *options,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._environment(),
                cwd=self.directory,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise UpstreamUnreachable("the command git is not installed on this machine") from None
        assert process.stdout is not None and process.stderr is not None
        try:
            answer, said = await asyncio.gather(
                _bounded(process.stdout, max_answer), _last_of(process.stderr)
            )
            code = await process.wait()
        finally:
            if process.returncode is None:
                # Its helpers, too: git talks to a server through processes of its own.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if code:
            raise UpstreamProtocolError(self._readable(said) or f"git ended with {code}")
        return answer

    def _environment(self) -> dict[str, str]:
        own = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.directory),
            "TMPDIR": str(self.directory),
            "GIT_DIR": str(self.directory / "repository.git"),
            "GIT_ALLOW_PROTOCOL": self.protocol,
        }
        return {**ENVIRONMENT, **own, **self.environment}

    def _readable(self, said: bytes) -> str:
        text = said.decode("utf-8", "replace").replace(str(self.directory), "")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return " ".join(lines)[-SHOWN_ERROR:]


async def require_version() -> None:
    """Raises UpstreamUnreachable when this machine's git is missing or too old to be held to an address."""
    answer = (await Git(Path("/"), "none").run("version")).decode("utf-8", "replace")
    match = re.search(r"(\d+)\.(\d+)", answer)
    if match is None or (int(match[1]), int(match[2])) < PINNING_VERSION:
        needed = ".".join(map(str, PINNING_VERSION))
        raise UpstreamUnreachable(f"git {needed} or later is needed; this machine has {answer.strip()}")


async def _bounded(stream: asyncio.StreamReader, limit: int) -> bytes:
    parts, length = [], 0
    while part := await stream.read(MAX_ANSWER):
        length += len(part)
        if length > limit:
            raise UpstreamResponseTooLarge(f"git's answer is longer than {limit} bytes")
        parts.append(part)
    return b"".join(parts)


async def _last_of(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while part := await stream.read(MAX_ANSWER):
        kept = (kept + part)[-MAX_ANSWER:]
    return kept
