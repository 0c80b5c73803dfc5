"""Hosts, origins and URLs, read strictly (RFC 3986, RFC 5890, WHATWG's host rules where they are safer).

Software disagrees about odd spellings: `0x7f.1`, `2130706433`, circled digits, backslashes, userinfo.
What is not plain is refused here, before anyone resolves it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import idna

from sealgate.message import Origin

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_NAME = 253
_SHOWN = 70
"""Characters of a bad spelling that an error repeats."""

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_PATH_FORBIDDEN = re.compile(r"[^A-Za-z0-9\-._~:/@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})")
_QUERY_FORBIDDEN = re.compile(r"[^A-Za-z0-9\-._~:/@!$&'()*+,;=%?\[\]]|%(?![0-9A-Fa-f]{2})")


class UrlProblem(ValueError):
    """Says what is wrong with a host, an origin or a URL, and what to write instead."""


@dataclass(frozen=True, slots=True)
class SplitUrl:
    """An absolute URL whose bytes can go out as they are. `path` begins with `/`; `query` is the text
    after `?`, `None` without one."""

    origin: Origin
    path: str
    query: str | None = None


def normalise_host(text: str) -> str:
    """A host as `Origin.host` holds it: a lower-case A-label name, or a canonical IP literal without
    brackets. Raises UrlProblem."""
    if not text:
        raise UrlProblem("the host is empty")
    if text.startswith("[") or text.count(":") > 1:
        return _ipv6(text)
    _refuse_characters(text)
    name = text.removesuffix(".")
    if not name.isascii():
        name = _a_label(name)
    name = name.lower()
    if _NUMBER.fullmatch(name.rsplit(".", 1)[-1]):
        return _ipv4(text)
    if len(name) > MAX_NAME:
        raise UrlProblem(f"the host has {len(name)} characters; a name has at most {MAX_NAME}")
    for label in name.split("."):
        if not label:
            raise UrlProblem(f"the host {name!r} has an empty label: remove the extra dot")
        if not _LABEL.fullmatch(label):
            raise UrlProblem(
                f"the label {label[:_SHOWN]!r} is no part of a host name: letters, digits and inner hyphens, "
                "at most 63"
            )
    return name


def _refuse_characters(text: str) -> None:
    for character in text:
        if character in "\\/?#@%" or character.isspace() or not character.isprintable():
            raise UrlProblem(
                f"a host cannot hold {character!r}: write the name alone, such as api.example.com"
            )
    if ":" in text:
        raise UrlProblem("a host has no port; ports are written after it only in an origin or URL")


def _ipv4(text: str) -> str:
    """Four decimal numbers (RFC 3986 section 3.2.2); every other spelling of an address is refused."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise UrlProblem(
            f"{text[:_SHOWN]!r} is an odd spelling of an address: write four decimal numbers, "
            "such as 192.0.2.1"
        ) from None


def _ipv6(text: str) -> str:
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if "%" in inner:
        raise UrlProblem("an IPv6 address with a zone id belongs to one machine: write it without %")
    try:
        address = IPv6Address(inner)
    except AddressValueError:
        raise UrlProblem(f"{text[:_SHOWN]!r} is no IPv6 address; write it as [2001:db8::1]") from None
    if address.ipv4_mapped:
        # Versions of Python differ in how they write these.
        return f"::ffff:{int(address) >> 16 & 0xFFFF:x}:{int(address) & 0xFFFF:x}"
    return str(address)


def _a_label(name: str) -> str:
    """The ASCII form of an international name (RFC 5891). Characters that are only look-alikes of
    others (circled digits, full-width dots, the Kelvin sign) are refused, not mapped."""
    try:
        if not unicodedata.is_normalized("NFC", name):
            raise UnicodeError
        return idna.encode(name.lower(), uts46=False).decode()
    except (idna.IDNAError, UnicodeError):
        raise UrlProblem(
            f"the host {name[:_SHOWN]!r} holds characters that no host name has; write its ASCII form (xn--…)"
        ) from None


def parse_origin(text: str) -> Origin:
    """`scheme://host[:port]`, http or https, perhaps with one `/` behind it. Raises UrlProblem."""
    url = split_url(text)
    if url.path != "/" or url.query is not None:
        raise UrlProblem(f"an origin is scheme, host and port only: write {url.origin}")
    return url.origin


def split_url(text: str) -> SplitUrl:
    """An absolute http or https URL. Raises UrlProblem for anything that could be read in two ways:
    userinfo, fragments, backslashes, white space, controls, characters outside ASCII, quotes,
    `<>^{}|` and broken percent escapes."""
    match = _URL.fullmatch(text)
    if not match:
        raise UrlProblem("write a whole URL, such as https://api.example.com/v1")
    scheme, authority, path, query, fragment = match.groups()
    if fragment is not None:
        raise UrlProblem("a URL that is called has no fragment: remove it, or write %23 for #")
    origin = Origin(*_scheme_and_authority(scheme.lower(), authority))
    _refuse(_PATH_FORBIDDEN, path, "path")
    _refuse(_QUERY_FORBIDDEN, query or "", "query")
    return SplitUrl(origin, path or "/", query)


def _scheme_and_authority(scheme: str, authority: str) -> tuple[str, str, int]:
    if scheme not in DEFAULT_PORTS:
        raise UrlProblem(f"the scheme {scheme[:_SHOWN]!r} is not http or https")
    if "@" in authority:
        raise UrlProblem("a URL must not hold a user name or password: use `authentication`")
    if "\\" in authority:
        raise UrlProblem("a backslash cannot stand in a host")
    match = _AUTHORITY.fullmatch(authority)
    if not match:
        raise UrlProblem(f"{authority[:_SHOWN]!r} is no host with a port; IPv6 addresses stand in brackets")
    host, port = match.groups()
    if port is not None and not (_PORT.fullmatch(port) and int(port) < 65536):
        raise UrlProblem(f"the port {port[:_SHOWN]!r} is not a number from 1 to 65535")
    return scheme, normalise_host(host), int(port) if port else DEFAULT_PORTS[scheme]


def _refuse(forbidden: re.Pattern[str], text: str, part: str) -> None:
    match = forbidden.search(text)
    if not match:
        return
    character = match[0][0]
    if character == "%":
        raise UrlProblem(f"the {part} holds a % without two hexadecimal digits behind it: write %25")
    raise UrlProblem(f"the {part} cannot hold {character!r}: percent-encode it")
