import socket

import pytest

from sealgate.web.address import AddressUnusable, parse_address, require_free


@pytest.mark.parametrize(
    ("text", "ip", "port"),
    [("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:8081", "::1", 8081), ("0.0.0.0:1", "0.0.0.0", 1)],
)
def test_addresses(text, ip, port):
    address = parse_address("SEALGATE_LISTEN", text)
    assert (address.ip, address.port, address.url) == (ip, port, f"http://{text}")


def test_a_name_is_resolved():
    assert parse_address("SEALGATE_LISTEN", "localhost:8080").ip in ("127.0.0.1", "::1")


@pytest.mark.parametrize(
    "text", ["", "8080", ":", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "::1:80",
             "[127.0.0.1]:80", "nowhere.invalid:80", "127.0.0.1:-1", "127.0.0.1:²"],
)  # fmt: skip
def test_what_is_no_address_is_named(text):
    with pytest.raises(AddressUnusable, match="SEALGATE_LISTEN"):
        parse_address("SEALGATE_LISTEN", text)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_in_use_is_refused_even_when_it_would_be_shared(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((host, 0))
        other.listen()
        port = other.getsockname()[1]
        address = parse_address("SEALGATE_LISTEN", f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        with pytest.raises(AddressUnusable, match="another program listens"):
            require_free(address)
    require_free(address)
