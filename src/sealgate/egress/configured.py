"""The egress as the settings have it, and what is wrong with those."""

from __future__ import annotations

from collections.abc import Iterator

from sealgate.egress.allowance import Allowance
from sealgate.egress.certificates import CertificatesInvalid, certificate_warnings, read_certificates
from sealgate.egress.client import Egress
from sealgate.egress.proxy import SETTING, Proxy
from sealgate.findings import Finding
from sealgate.settings import Settings


def egress_from(settings: Settings) -> Egress:
    """Raises ValueError for what `egress_faults` would name."""
    certificates = settings.egress_client_certificates
    return Egress(
        allow=Allowance.parse(settings.egress_allow),
        ca_file=settings.egress_ca_file,
        connect_timeout=settings.connect_timeout,
        proxy=proxy_from(settings),
        certificates=read_certificates(certificates) if certificates else {},
    )


def proxy_from(settings: Settings) -> Proxy | None:
    """Raises ValueError."""
    if not settings.egress_proxy:
        return None
    return Proxy.parse(settings.egress_proxy.get_secret_value(), resolves=settings.egress_proxy_resolves)


def egress_faults(settings: Settings) -> Iterator[Finding]:
    """Each fault, by the name of its setting."""
    for entry in settings.egress_allow:
        try:
            Allowance.parse([entry])
        except ValueError as problem:
            yield Finding("egress_allow", str(problem))
    if settings.egress_ca_file and not settings.egress_ca_file.is_file():
        yield Finding("egress_ca_file", f"there is no file {settings.egress_ca_file}")
    try:
        proxy_from(settings)
    except ValueError as problem:
        yield Finding("egress_proxy", str(problem))
    if settings.egress_proxy_resolves and not settings.egress_proxy:
        yield Finding("egress_proxy_resolves", f"there is no proxy that could: set {SETTING}")
    if settings.egress_client_certificates:
        try:
            read_certificates(settings.egress_client_certificates)
        except CertificatesInvalid as invalid:
            for fault in invalid.faults:
                yield Finding("egress_client_certificates", fault)


def egress_warnings(settings: Settings) -> Iterator[Finding]:
    """Of settings without faults: what works and should still be mended."""
    if settings.egress_client_certificates:
        for warning in certificate_warnings(read_certificates(settings.egress_client_certificates)):
            yield Finding("egress_client_certificates", warning)
