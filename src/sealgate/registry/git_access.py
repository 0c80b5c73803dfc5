"""How git proves itself to one server and to no other, and knows the server in turn."""

from __future__ import annotations

import os
import re
import shlex
import ssl
from collections.abc import Sequence
from pathlib import Path

from sealgate.egress.address import Address
from sealgate.errors import SigningFailed
from sealgate.host import UrlProblem
from sealgate.registry.git_command import Git
from sealgate.registry.git_remote import Remote
from sealgate.secret import Secret
from sealgate.stores.source_ports import GitSettings

USERNAME = "SEALGATE_SOURCE_USERNAME"
PASSWORD = "SEALGATE_SOURCE_PASSWORD"  # noqa: S105
DEFAULT_USERNAME = "git"
"""Servers that take a token as the password do not look at the name."""

# Git runs this for the one origin it is configured for; it prints what git asks for on a pipe.
_HELPER = (
    '!f() { test "$1" = get || exit 0; '
    f'printf \'username=%s\\npassword=%s\\n\' "${USERNAME}" "${PASSWORD}"; }}; f'
)
_HOST_KEY = re.compile(r"(?:\S+ )?(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+=*)")
_ALIAS = "source"

_SSH_CONFIGURATION = """\
Host *
  HostName {address}
  HostKeyAlias {alias}
  UserKnownHostsFile {directory}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  CheckHostIP no
  UpdateHostKeys no
  IdentityFile {directory}/identity
  IdentitiesOnly yes
  IdentityAgent none
  PreferredAuthentications publickey
  BatchMode yes
  ConnectTimeout 10
  ForwardAgent no
  ForwardX11 no
  PermitLocalCommand no
  ProxyCommand none
  ControlMaster no
  ControlPath none
"""


def host_key_lines(text: str) -> list[str]:
    """Host keys as `type base64`, from lines as `ssh-keyscan` prints them. Raises UrlProblem."""
    keys = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = _HOST_KEY.fullmatch(line.strip())
        if not match:
            raise UrlProblem("must be lines such as ssh-ed25519 AAAA…, as ssh-keyscan prints them")
        keys.append(f"{match[1]} {match[2]}")
    if not keys:
        raise UrlProblem("must hold a key of the server, as ssh-keyscan prints it")
    return keys


def git_for(
    directory: Path,
    remote: Remote,
    settings: GitSettings,
    addresses: Sequence[Address],
    credential: Secret[str] | None,
    ca_file: Path | None,
) -> Git:
    """Git, held to these addresses, with the credential for this remote. Writes what ssh needs into the
    directory, which nobody else may read. Raises SigningFailed when the credential cannot be one."""
    if remote.scheme == "ssh":
        return _over_ssh(directory, remote, settings, addresses, credential)
    if remote.origin is None:
        return Git(directory, "file")
    configuration = []
    if not _is_literal(remote.origin.host):
        pinned = ",".join(f"[{each}]" if each.version == 6 else str(each) for each in addresses)
        configuration.append(f"http.curloptResolve={remote.origin.host}:{remote.origin.port}:{pinned}")
    if ca_file is not None:
        configuration.append(f"http.sslCAInfo={_authorities(directory, ca_file)}")
    if credential is None:
        return Git(directory, remote.scheme, configuration)
    configuration.append(f"credential.{remote.origin}.helper={_HELPER}")
    given = {USERNAME: settings.username or DEFAULT_USERNAME, PASSWORD: credential.reveal()}
    if any(character in value for value in given.values() for character in "\n\r\0"):
        raise SigningFailed("a password for git has one line")
    return Git(directory, remote.scheme, configuration, given)


def _over_ssh(
    directory: Path,
    remote: Remote,
    settings: GitSettings,
    addresses: Sequence[Address],
    credential: Secret[str] | None,
) -> Git:
    if credential is None:
        raise SigningFailed("ssh needs a `credential`: the name of a secret that holds a private key")
    if settings.host_key is None:
        raise SigningFailed("ssh needs a `host_key`")
    keys = [f"{_ALIAS} {key}\n" for key in host_key_lines(settings.host_key)]
    file = directory / "ssh_config"
    content = _SSH_CONFIGURATION.format(
        address=addresses[0], alias=_ALIAS, directory=_quoted_for_ssh(directory)
    )
    _write(file, content)
    _write(directory / "known_hosts", "".join(keys))
    _write(directory / "identity", credential.reveal().replace("\r\n", "\n").rstrip("\n") + "\n")
    command = f"ssh -F {shlex.quote(str(file))}"
    return Git(directory, "ssh", (), {"GIT_SSH_COMMAND": command, "GIT_SSH_VARIANT": "ssh"})


def _authorities(directory: Path, ca_file: Path) -> Path:
    """The system's certificate authorities and the operator's: git takes one file instead of the
    system's."""
    system = ssl.get_default_verify_paths().cafile
    parts = [Path(file).read_text("utf-8", "replace") for file in (system, ca_file) if file]
    return _write(directory / "authorities.pem", "\n".join(parts))


def _write(path: Path, content: str) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    return path


def _quoted_for_ssh(directory: Path) -> str:
    text = str(directory)
    if any(character in text for character in '"% \t\n$'):
        raise SigningFailed("the folder for temporary files has a name that ssh cannot read")
    return text


def _is_literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
