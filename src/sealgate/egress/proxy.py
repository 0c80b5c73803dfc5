"""The proxy that everything leaves by: `SEALGATE_EGRESS_PROXY` (design section 10)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

from sealgate.host import UrlProblem, parse_origin
from sealgate.message import Origin
from sealgate.secret import Secret

SETTING = "SEALGATE_EGRESS_PROXY"
RESOLVES_SETTING = "SEALGATE_EGRESS_PROXY_RESOLVES"

_USERINFO = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})+")  # RFC 3986 section 3.2.1


@dataclass(frozen=True, slots=True)
class Proxy:
    """`authorization` is the value of `Proxy-Authorization` (RFC 7617). `resolves`: names go to the proxy as
    they are, and their addresses are its affair."""

    origin: Origin
    authorization: Secret[str] | None = None
    resolves: bool = False

    @classmethod
    def parse(cls, text: str, *, resolves: bool = False) -> Self:
        """`http://[user:password@]host:port`, or `https://…`. Raises ValueError, which repeats nothing of
        the text: where it is misspelt, any part of it may be the password."""
        before, at, after = text.rpartition("@")
        scheme, _, userinfo = before.partition("://")
        try:
            origin = parse_origin(f"{scheme}://{after}" if at else text)
            return cls(origin, _basic(userinfo) if at else None, resolves)
        except UrlProblem:
            raise ValueError(
                f"{SETTING} takes http://host:port or https://host:port, with user:password@ before the "
                "host where the proxy wants it"
            ) from None

    def __str__(self) -> str:
        return str(self.origin)

    @property
    def shown(self) -> str:
        """For the operator: whether there are credentials, and not which. The name may be a token, too."""
        mark = "(set)@" if self.authorization else ""
        return f"{self.origin.scheme}://{mark}{self.origin.authority}"


def _basic(userinfo: str) -> Secret[str]:
    if not _USERINFO.fullmatch(userinfo):
        raise ValueError(
            f"{SETTING}: the user name and the password stand there percent-encoded (@ as %40, / as %2F)"
        )
    name, _, password = userinfo.partition(":")
    try:
        name, password = unquote(name, errors="strict"), unquote(password, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"{SETTING}: the user name and the password are not UTF-8") from None
    if ":" in name:
        raise ValueError(f"{SETTING}: a user name cannot hold a colon (RFC 7617)")
    return Secret("Basic " + base64.b64encode(f"{name}:{password}".encode()).decode())
