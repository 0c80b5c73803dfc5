"""Where a secret may go: the hosts that its `allowed_hosts` lists (DESIGN 8, 11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sealgate.errors import DestinationBlocked
from sealgate.message import Origin


@dataclass(frozen=True, slots=True)
class HostRules:
    """`api.example.com` is that host alone; `*.example.com` every host below it. No rule allows all."""

    patterns: tuple[str, ...]

    def allow(self, host: str) -> bool:
        return not self.patterns or any(_matches(pattern.lower(), host) for pattern in self.patterns)


def _matches(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and host != pattern[2:]
    return host == pattern


def bind_secrets(
    names: Iterable[str], allowed_hosts: Mapping[str, tuple[str, ...]], destinations: Iterable[Origin]
) -> None:
    """Refuse a run whose secrets may not go to its destinations; checked after every template is
    rendered, so hosts from variables count. Raises DestinationBlocked."""
    origins = tuple(destinations)
    for name in sorted(name for name in names if allowed_hosts.get(name)):
        rules = HostRules(allowed_hosts[name])
        for origin in origins:
            if not rules.allow(origin.host):
                raise DestinationBlocked(
                    f"the secret {name!r} may not be sent to {origin.host}",
                    hint="add the host to the secret's allowed_hosts, or use another secret",
                )
