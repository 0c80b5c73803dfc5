"""Fakes with real sockets, for our tests and for yours: install `sealgate[demo]`.

`FakeApi` records and echoes what it receives, `OAuthServer` issues tokens after real checks and can be
told to misbehave, `ConnectProxy` is a forward proxy, `Authority` issues certificates, `keys` makes key
pairs, `jwts` reads, verifies and signs, `fixtures` has the servers for pytest, and
`python -m sealgate.testing` runs the API by itself.
"""

from sealgate.testing.api import FakeApi
from sealgate.testing.authority import Authority
from sealgate.testing.grants import IssuedToken, TokenRequest
from sealgate.testing.oauth import OAuthServer
from sealgate.testing.proxy import ConnectProxy
from sealgate.testing.wire import Received, Reply

__all__ = [
    "Authority",
    "ConnectProxy",
    "FakeApi",
    "IssuedToken",
    "OAuthServer",
    "Received",
    "Reply",
    "TokenRequest",
]
