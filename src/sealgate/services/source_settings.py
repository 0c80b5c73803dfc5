"""What an admin writes for a git source, judged whole: every fault at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from sealgate.egress import Allowance
from sealgate.errors import DocumentInvalid
from sealgate.execution.destinations import HostRules
from sealgate.execution.engine import Engine
from sealgate.findings import Finding
from sealgate.host import UrlProblem
from sealgate.registry.follow import SUFFIX
from sealgate.registry.git_access import host_key_lines
from sealgate.registry.git_remote import Remote, parse_remote, refusal
from sealgate.stores.source_ports import GitSettings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MIN_POLL_SECONDS = 10
MAX_POLL_SECONDS = 7 * 24 * 3600
MAX_TEXT = 2048

_KINDS: Mapping[str, type] = {"poll_seconds": int, "enabled": bool}
_MEMBERS = {member.name for member in fields(GitSettings)}
_BRANCH_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[-./]|[/.]$")


def require_source_name(name: str, *, kind: str, follows: bool) -> None:
    """Raises DocumentInvalid when the name cannot be one of such a source. `follows`: whether names of
    files are taken by those that are followed."""
    for fault in _name_faults(name, kind, follows):
        raise DocumentInvalid(fault.message, fields=[fault])


def read_git_source(engine: Engine, tenant: str, name: str, document: Any) -> GitSettings:
    """The settings of a git source with this name. Raises DocumentInvalid with every fault of both; the
    name's is at `source`."""
    faults = list(_name_faults(name, "git", follows=True))
    try:
        settings = read_git_settings(engine, tenant, document)
    except DocumentInvalid as error:
        raise DocumentInvalid(error.detail, fields=[*faults, *error.fields]) from None
    if faults:
        raise DocumentInvalid(faults[0].message, fields=faults)
    return settings


def _name_faults(name: str, kind: str, follows: bool) -> Iterator[Finding]:
    if not NAME.fullmatch(name):
        message = "a source's name has letters, digits, dots, hyphens and underscores, at most 100"
        yield Finding("source", message)
    if name.endswith(SUFFIX) and (follows or kind == "git"):
        message = f"names that end with {SUFFIX} belong to the files that SEALGATE_REGISTRY follows"
        yield Finding("source", message, hint="choose another name")


def read_git_settings(engine: Engine, tenant: str, document: Any) -> GitSettings:
    """A git source's settings. Raises DocumentInvalid with every fault."""
    if not isinstance(document, Mapping):
        message = "a git source is a JSON object with a `url`"
        raise DocumentInvalid(message, fields=[Finding("", message)])
    given = {name: value for name, value in document.items() if value is not None}
    faults = list(_type_faults(given))
    wrong = {fault.path for fault in faults}
    sound = {name: value for name, value in given.items() if name in _MEMBERS and name not in wrong}
    faults += _value_faults(sound)
    remote, url_faults = _remote(engine, sound.get("url"))
    faults += url_faults
    if remote is not None and remote.scheme == "ssh":
        needed = ("host_key", "credential")
        faults += [Finding(name, "is required for ssh") for name in needed if name not in given]
    for name in ("credential", "webhook_secret"):
        if name in sound:
            faults += _secret_faults(engine, tenant, name, sound[name], remote)
    if faults:
        raise DocumentInvalid("the source was not saved", fields=faults)
    return GitSettings(**sound)


def _type_faults(given: Mapping[str, Any]) -> Iterator[Finding]:
    if "url" not in given:
        yield Finding("url", "`url` is required")
    for name, value in given.items():
        kind = _KINDS.get(name, str)
        if name not in _MEMBERS:
            yield Finding(name, f"there is no `{name}` here; known are {', '.join(sorted(_MEMBERS))}")
        elif type(value) is not kind:
            words = {int: "a whole number", bool: "true or false", str: "a string"}
            yield Finding(name, f"must be {words[kind]}")
        elif isinstance(value, str) and not 0 < len(value) <= (
            8 * MAX_TEXT if name == "host_key" else MAX_TEXT
        ):
            yield Finding(name, f"must have 1 to {MAX_TEXT} characters")


def _value_faults(sound: Mapping[str, Any]) -> Iterator[Finding]:
    if not MIN_POLL_SECONDS <= sound.get("poll_seconds", MIN_POLL_SECONDS) <= MAX_POLL_SECONDS:
        yield Finding("poll_seconds", f"must be {MIN_POLL_SECONDS} to {MAX_POLL_SECONDS}")
    if _BRANCH_FORBIDDEN.search(sound.get("branch", "main")):
        yield Finding("branch", "is no name that git takes for a branch")
    path = sound.get("path", "file")
    if not path.isprintable() or any(part in ("", ".", "..") for part in path.split("/")) or path[0] == "-":
        yield Finding("path", "must be a path inside the repository, such as connectors_registry.json")
    if not sound.get("username", "git").isprintable():
        yield Finding("username", "holds a character that no name has")
    if "host_key" in sound:
        try:
            host_key_lines(sound["host_key"])
        except UrlProblem as problem:
            yield Finding("host_key", str(problem))


def _remote(engine: Engine, url: str | None) -> tuple[Remote | None, list[Finding]]:
    if url is None:
        return None, []
    try:
        remote = parse_remote(url)
    except UrlProblem as problem:
        return None, [Finding("url", str(problem))]
    settings = engine.settings
    allowance = Allowance.parse(settings.egress_allow)
    reason = refusal(remote, allowance, allow_local=settings.git_allow_local)
    return remote, [Finding("url", reason)] if reason else []


def _secret_faults(
    engine: Engine, tenant: str, member: str, name: str, remote: Remote | None
) -> Iterator[Finding]:
    snapshot = engine.tenant(tenant)
    if name not in snapshot.secrets:
        yield Finding(member, f"there is no secret named {name[:255]!r}", hint="store the secret first")
        return
    origin = remote.origin if remote else None
    rules = HostRules(snapshot.allowed_hosts.get(name, ()))
    if member == "credential" and origin is not None and not rules.allow(origin.host):
        message = f"the secret {name!r} may not be sent to {origin.host}"
        yield Finding(member, message, hint="add the host to the secret's allowed_hosts")
