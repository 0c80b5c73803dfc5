"""What the operator allows besides public `https`: `SEALGATE_EGRESS_ALLOW` (design section 10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from sealgate.egress.address import Address, classify, never_reachable
from sealgate.host import UrlProblem, parse_origin
from sealgate.message import Origin

SETTING = "SEALGATE_EGRESS_ALLOW"


@dataclass(frozen=True, slots=True)
class AllowedOrigin:
    """One origin; `port` is `None` for any port (`http://127.0.0.1:*`)."""

    scheme: str
    host: str
    port: int | None

    def covers(self, origin: Origin) -> bool:
        return (self.scheme, self.host) == (origin.scheme, origin.host) and self.port in (None, origin.port)


@dataclass(frozen=True, slots=True)
class Allowance:
    """An allowed origin may be plain `http` and may lie at any address. An allowed network may be
    reached by `https` only."""

    origins: tuple[AllowedOrigin, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """Raises ValueError, naming every entry that is neither an origin nor a network."""
        origins, networks, wrong = [], [], []
        for entry in entries:
            try:
                if "://" in entry:
                    origins.append(_origin(entry))
                else:
                    networks.append(ip_network(entry))
            except ValueError as error:
                wrong.append(f"{entry!r} ({error})")
        if wrong:
            raise ValueError(
                f"{SETTING} takes origins such as http://127.0.0.1:9000 and networks such as 10.0.0.0/8, "
                f"not {', '.join(wrong)}"
            )
        return cls(tuple(origins), tuple(networks))

    def origin_refusal(self, origin: Origin) -> str | None:
        """Why an origin may not be called, as far as it can be said without resolving its name."""
        if self._covers(origin):
            return None
        if origin.scheme != "https":
            return f"{origin} is plain http; use https, or let the operator add {origin} to {SETTING}"
        if origin.host == "localhost" or origin.host.endswith(".localhost"):
            return f"{origin.host} is this machine itself; the operator may add {origin} to {SETTING}"
        try:
            address = ip_address(origin.host)
        except ValueError:
            return None
        return self.address_refusal(address, origin)

    def address_refusal(self, address: Address, origin: Origin) -> str | None:
        """Why the connection for an origin may not go to an address."""
        if never_reachable(address):
            return f"{origin.host} is at an address that no connection can go to ({classify(address)})"
        if self._covers(origin):
            return None
        reason = classify(address)
        if reason is None or any(_within(address, network) for network in self.networks):
            return None
        return (
            f"{origin.host} is at an address that is not public ({reason}); the operator may add {origin} "
            f"to {SETTING}"
        )

    def _covers(self, origin: Origin) -> bool:
        return any(allowed.covers(origin) for allowed in self.origins)


def _within(address: Address, network: IPv4Network | IPv6Network) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped and network.version == 4:
        address = address.ipv4_mapped
    return address.version == network.version and address in network


def _origin(entry: str) -> AllowedOrigin:
    any_port = entry.rstrip("/").endswith(":*")
    text = entry.rstrip("/").removesuffix(":*")
    try:
        origin = parse_origin(text)
    except UrlProblem as problem:
        raise ValueError(str(problem)) from None
    return AllowedOrigin(origin.scheme, origin.host, None if any_port else origin.port)
