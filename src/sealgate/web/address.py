"""Addresses to listen at: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass


class AddressUnusable(ValueError):
    """Its text says which setting is at fault and what to write instead."""


@dataclass(frozen=True, slots=True)
class Address:
    """`ip` is a literal without brackets."""

    setting: str
    text: str
    ip: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.text}"


def parse_address(setting: str, text: str) -> Address:
    """The address of a setting, named by its environment name. Raises AddressUnusable."""
    host, found, port = text.rpartition(":")
    if not found or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise AddressUnusable(f"{setting}: {text!r} is no address and port; write for example 127.0.0.1:8080")
    name = host.removeprefix("[").removesuffix("]")
    if (":" in name) != host.startswith("["):
        raise AddressUnusable(f"{setting}: {text!r}: write an IPv6 address in brackets, as in [::1]:8080")
    try:
        found_addresses = socket.getaddrinfo(name, int(port), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressUnusable(f"{setting}: {text!r}: there is no host {name!r}") from None
    return Address(setting, text, str(found_addresses[0][4][0]), int(port))


def require_free(address: Address) -> None:
    """Raises AddressUnusable when another process listens there or this one may not. The server shares
    its port between workers, so that it would not notice by itself."""
    family = socket.AF_INET6 if ":" in address.ip else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections of an earlier run that wait for their end do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.ip, address.port))
        except OSError as error:
            reason = (
                "another program listens there; stop it or choose another port"
                if error.errno == errno.EADDRINUSE
                else f"{error.strerror}; choose another address"
            )
            raise AddressUnusable(f"{address.setting}: {address.text}: {reason}") from None
