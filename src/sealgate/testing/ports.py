"""Ports for servers that must be told theirs before they start."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def free_ports(number: int) -> tuple[int, ...]:
    """Ports of 127.0.0.1 that nobody listens on now, all different."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(number)]
    ports = tuple(each.getsockname()[1] for each in sockets)
    for each in sockets:
        each.close()
    return ports


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True
