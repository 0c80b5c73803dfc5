"""The address of a git repository: which ones are taken, and where the connection may go.

Git itself knows addresses that run commands (`ext::`) and options in the place of addresses; it gets
only what was read and written again here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sealgate.egress import Allowance
from sealgate.egress.address import Address
from sealgate.egress.connecting import Resolve
from sealgate.errors import DestinationBlocked, UpstreamUnreachable
from sealgate.host import UrlProblem, normalise_host, split_url
from sealgate.message import Origin

LOCAL_SETTING = "SEALGATE_GIT_ALLOW_LOCAL"
SSH_PORT = 22

_SSH_URL = re.compile(r"ssh://(?:([^@/]*)@)?(\[[^\]/]*\]|[^:/]*)(?::([0-9]+))?(/.*)", re.DOTALL)
_SCP = re.compile(r"(?:([^@/:]*)@)?(\[[^\]/]*\]|[^:/]+):(.+)", re.DOTALL)
_SSH_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_SSH_PATH = re.compile(r"[A-Za-z0-9._~/][A-Za-z0-9._~/+@-]*")


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository's address. `url` is what git gets; `origin` is `None` for a folder of this machine.
    The origin's scheme is http, https or ssh."""

    scheme: Literal["https", "http", "ssh", "file"]
    url: str
    origin: Origin | None = None


def parse_remote(text: str) -> Remote:
    """`https://…`, `ssh://…`, `user@host:path`, `file:///…` or an absolute path. Raises UrlProblem."""
    scheme, separator, _ = text.partition("://")
    if scheme.lower() in ("https", "http") and separator:
        return _http(text)
    if text.startswith("ssh://"):
        return _ssh_url(text)
    if text.startswith(("file:///", "/")):
        return _local(text.removeprefix("file://"))
    if separator or "::" in text:
        raise UrlProblem(f"addresses that begin with {scheme[:20]!r} are not taken: use https:// or ssh://")
    return _scp(text)


def _http(text: str) -> Remote:
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise UrlProblem("the address must not hold a user name or password: use `credential`")
    url = split_url(text)
    if url.query is not None:
        raise UrlProblem("the address of a repository has no `?`")
    scheme: Literal["https", "http"] = "https" if url.origin.scheme == "https" else "http"
    return Remote(scheme, f"{url.origin}{url.path}", url.origin)


def _ssh_url(text: str) -> Remote:
    match = _SSH_URL.fullmatch(text)
    if not match:
        raise UrlProblem("write the whole address, such as ssh://git@git.example.com/team/connectors.git")
    user, host, port, path = match.groups()
    origin = _ssh_origin(host, int(port) if port else SSH_PORT)
    _require_ssh_path(path)
    return Remote("ssh", f"ssh://{_ssh_user(user)}@{_bracketed(origin.host)}:{origin.port}{path}", origin)


def _scp(text: str) -> Remote:
    match = _SCP.fullmatch(text)
    if not match:
        raise UrlProblem(
            "write the whole address, such as https://git.example.com/team/connectors.git "
            "or git@git.example.com:team/connectors.git"
        )
    user, host, path = match.groups()
    origin = _ssh_origin(host, SSH_PORT)
    _require_ssh_path(path)
    return Remote("ssh", f"{_ssh_user(user)}@{_bracketed(origin.host)}:{path}", origin)


def _ssh_origin(host: str, port: int) -> Origin:
    if not 0 < port < 65536:
        raise UrlProblem(f"the port {port} is not a number from 1 to 65535")
    return Origin("ssh", normalise_host(host), port)


def _ssh_user(user: str | None) -> str:
    if user is None:
        return "git"
    if not _SSH_USER.fullmatch(user):
        raise UrlProblem("the user name before @ has letters, digits, dots, hyphens and underscores only")
    return user


def _require_ssh_path(path: str) -> None:
    if not _SSH_PATH.fullmatch(path):
        raise UrlProblem("the path has letters, digits and ._~/+@- only, and does not begin with a hyphen")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _local(path: str) -> Remote:
    if not path.isprintable():
        raise UrlProblem("the path holds a control character")
    return Remote("file", f"file://{path}")


# -- where it may go ---------------------------------------------------------------------------------


def refusal(remote: Remote, allowance: Allowance, *, allow_local: bool) -> str | None:
    """Why a repository can never be read, as far as can be said without resolving its name."""
    if remote.origin is None:
        return None if allow_local else f"folders of this machine need {LOCAL_SETTING}=true"
    return None if remote.scheme == "ssh" else allowance.origin_refusal(remote.origin)


async def addresses(remote: Remote, allowance: Allowance, resolve: Resolve) -> Sequence[Address]:
    """The checked addresses that git may connect to; none for a folder of this machine.

    Raises DestinationBlocked when the name has no address that may be reached, UpstreamUnreachable when
    it has none at all."""
    if remote.origin is None:
        return ()
    origin = remote.origin
    try:
        found = await resolve(origin.host, origin.port)
    except OSError:
        found = []
    if not found:
        raise UpstreamUnreachable(f"the name {origin.host} does not resolve")
    refusals = [(address, allowance.address_refusal(address, origin)) for address in found]
    allowed = [address for address, reason in refusals if reason is None]
    if not allowed:
        raise DestinationBlocked(_reason(origin, refusals[0][1]))
    return allowed


def _reason(origin: Origin, reason: str | None) -> str:
    """Only networks can be allowed for ssh: an allowed origin is an http one."""
    if origin.scheme != "ssh":
        return reason or ""
    return (
        f"{origin.host} is at an address that is not public; "
        "the operator may add its network to SEALGATE_EGRESS_ALLOW"
    )
