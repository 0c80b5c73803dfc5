"""Client certificates for mutual TLS, per origin: the file of `SEALGATE_EGRESS_CLIENT_CERTIFICATES`."""

from __future__ import annotations

import os
import ssl
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from sealgate.host import UrlProblem, parse_origin
from sealgate.message import Origin
from sealgate.secret import Secret

SETTING = "SEALGATE_EGRESS_CLIENT_CERTIFICATES"

_MEMBERS = ("certificate", "key", "password_env")


class CertificatesInvalid(ValueError):
    """`faults` are all that is wrong with the file, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(f"{SETTING}: {'; '.join(faults)}")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """PEM files: the certificate, perhaps with the intermediate ones behind it, and its private key."""

    certificate: Path
    key: Path
    password: Secret[str] | None = None

    def load_into(self, context: ssl.SSLContext) -> None:
        """Raises ValueError."""
        password = self.password.reveal() if self.password else ""
        try:
            # With a function OpenSSL never asks on the terminal.
            context.load_cert_chain(self.certificate, self.key, password=lambda: password)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError(self._reason(error)) from None
        except OSError as error:
            raise ValueError(f"{self.certificate} or {self.key} cannot be read ({error.strerror})") from None

    def _reason(self, error: Exception) -> str:
        if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
            return f"{self.key} is not the key of {self.certificate}"
        if b"ENCRYPTED" in self.key.read_bytes():
            return f"{self.key} is encrypted: its password is wrong, or `password_env` is missing"
        return f"{self.certificate} and {self.key} are not a certificate and a key in PEM"

    def warnings(self, now: datetime) -> Iterator[str]:
        """What the operator should mend, though it works, or will be the API's to refuse."""
        if self.key.stat().st_mode & 0o077:
            yield f"{self.key} can be read by others than its owner: chmod 600"
        end = x509.load_pem_x509_certificate(self.certificate.read_bytes()).not_valid_after_utc
        if end < now:
            yield f"{self.certificate} expired on {end:%Y-%m-%d}"


def read_certificates(file: Path) -> Mapping[Origin, ClientCertificate]:
    """A TOML table for each origin; the paths in it are relative to the file. Every certificate is loaded
    once on trial. Raises CertificatesInvalid."""
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise CertificatesInvalid([f"{file} cannot be read ({error.strerror})"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CertificatesInvalid([f"{file} is not valid TOML: {error}"]) from None
    found: dict[Origin, ClientCertificate] = {}
    faults: list[str] = []
    for name, table in tables.items():
        try:
            origin = _origin(name)
            if origin in found:
                raise ValueError("the origin stands there twice")
            found[origin] = certificate = _certificate(table, file.parent)
            certificate.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        except ValueError as error:
            faults.append(f'["{name}"]: {error}')
    if faults:
        raise CertificatesInvalid(faults)
    return found


def certificate_warnings(certificates: Mapping[Origin, ClientCertificate]) -> Iterator[str]:
    """Of every certificate, by its origin."""
    now = datetime.now(UTC)
    for origin, certificate in certificates.items():
        for warning in certificate.warnings(now):
            yield f"{origin}: {warning}"


def _origin(name: str) -> Origin:
    try:
        origin = parse_origin(name)
    except UrlProblem as problem:
        raise ValueError(f"a table is named like an origin, https://api.example.com: {problem}") from None
    if origin.scheme != "https":
        raise ValueError("a certificate is shown in TLS only: write an https origin")
    return origin


def _certificate(table: Any, folder: Path) -> ClientCertificate:
    """Raises ValueError."""
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise ValueError('write a table of texts, such as certificate = "client.pem"')
    if unknown := sorted(set(table) - set(_MEMBERS)):
        raise ValueError(f"there is no {unknown[0]}: use {', '.join(_MEMBERS)}")
    if "certificate" not in table:
        raise ValueError("`certificate` is missing: the PEM file of the certificate")
    certificate = folder / table["certificate"]
    key = folder / table["key"] if "key" in table else certificate
    variable = table.get("password_env")
    password = os.environ.get(variable) if variable is not None else None
    problems = [
        f"there is no file {path}" for path in dict.fromkeys((certificate, key)) if not path.is_file()
    ]
    if variable is not None and not password:
        problems.append(f"the environment variable {variable} of `password_env` is not set")
    if problems:
        raise ValueError(", and ".join(problems))
    return ClientCertificate(certificate, key, Secret(password) if password else None)
