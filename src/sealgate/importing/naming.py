"""Names for what is imported: connectors, permalinks and secrets, each different from those in use."""

from __future__ import annotations

import re
from collections.abc import Container
from ipaddress import ip_address

from sealgate.model.permalink import permalink_of

MOST = 80
_VERSION = re.compile(r"v?\d+(\.\d+)*", re.IGNORECASE)
_PLAIN_LABELS = frozenset({"api", "www", "app", "apis", "rest", "gateway", "login", "auth", "oauth"})
_SHORT_SUFFIX = 3


class Names:
    """Hands out names that are not taken: in the tenant, or by this import."""

    def __init__(self, permalinks: Container[str] = (), values: Container[str] = ()) -> None:
        """`permalinks` of the tenant's connectors, `values`: names of its secrets and variables."""
        self._permalinks = permalinks
        self._values = values
        self._given: set[str] = set()

    def permalink(self, name: str) -> str:
        """The permalink of a connector's name, with a number when it is taken."""
        return self._free(permalink_of(name)[:MOST].strip("-") or "connector", "-", self._permalinks)

    def secret(self, base: str, kind: str) -> str:
        """`acme_api_key`, with a number when it is taken."""
        words = identifier(kind)
        owner = identifier(base)
        joined = words if words.startswith(owner) else f"{owner}_{words}"
        if joined[:1].isdigit():
            joined = f"api_{joined}"
        return self._free(joined[:MOST].strip("_"), "_", self._values)

    def _free(self, name: str, separator: str, taken: Container[str]) -> str:
        candidate, number = name, 1
        while candidate in taken or candidate in self._given:
            number += 1
            candidate = f"{name}{separator}{number}"
        self._given.add(candidate)
        return candidate


def identifier(text: str) -> str:
    """Lower-case words with underscores between them."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "api"


def owner_of(host: str) -> str:
    """The word by which people know a host: `acme` of api.acme.com and of api.acme.co.uk."""
    try:
        ip_address(host)
    except ValueError:
        labels = host.split(".")
    else:
        return "api"
    if len(labels) == 1:
        return labels[0]
    owner = labels[-2]
    if len(labels) > 2 and len(owner) <= _SHORT_SUFFIX and labels[-3] not in _PLAIN_LABELS:
        owner = labels[-3]
    return owner


def title_of(host: str, path: str) -> str:
    """A name for a connector: the owner, then the path's words without versions."""
    words = [word for word in re.split(r"[^A-Za-z0-9.]+", path) if word and not _VERSION.fullmatch(word)]
    words = [word for word in words if word.lower() not in _PLAIN_LABELS]
    return " ".join([owner_of(host).capitalize(), *words])[:MOST].strip()
