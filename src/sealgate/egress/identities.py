"""Whom TLS believes, and as whom it presents us: one TLS context for each identity."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from sealgate.egress.certificates import ClientCertificate
from sealgate.egress.connecting import tls_context
from sealgate.message import Origin


class Identities:
    """An origin has at most one client certificate, so that connections kept per origin are also kept per
    identity. No other origin is ever shown it."""

    def __init__(self, ca_file: Path | None, certificates: Mapping[Origin, ClientCertificate]) -> None:
        """Raises ValueError for a file that cannot be used."""
        self._anonymous = tls_context(ca_file)
        self._contexts = {
            origin: _presenting(certificate, ca_file) for origin, certificate in certificates.items()
        }

    def context_for(self, origin: Origin) -> ssl.SSLContext | None:
        """`None` for plain http."""
        if origin.scheme != "https":
            return None
        return self._contexts.get(origin, self._anonymous)


def _presenting(certificate: ClientCertificate, ca_file: Path | None) -> ssl.SSLContext:
    context = tls_context(ca_file)
    certificate.load_into(context)
    return context
