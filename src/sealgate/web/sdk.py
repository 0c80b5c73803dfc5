"""The browser SDK as the data plane serves it: `{base_path}[/t/{tenant}]/sdk/{file}`, for every page.

It is public, the same for everybody, and read once when the server starts.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from sealgate.errors import MethodNotAllowed
from sealgate.message import Fields
from sealgate.web.headers import values

TYPES = {
    "sealgate.js": "text/javascript; charset=utf-8",
    "adapter.js": "text/javascript; charset=utf-8",
    "sealgate.d.ts": "application/typescript; charset=utf-8",
    "adapter.d.ts": "application/typescript; charset=utf-8",
}
FIXED = (
    ("cache-control", "public, max-age=300"),
    ("vary", "Accept-Encoding"),
    # A module script of another origin is fetched with CORS; pages that isolate themselves ask for CORP.
    ("access-control-allow-origin", "*"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
)
INSTALLED = Path(__file__).parent / "sdk_files"
CHECKOUT = Path(__file__).parents[3] / "sdk"


@dataclass(frozen=True, slots=True)
class StaticReply:
    """Header names are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Representation:
    """One file in one content coding, with its strong validator (RFC 9110 section 8.8.3)."""

    body: bytes
    etag: str
    headers: tuple[tuple[str, str], ...]


class Sdk:
    def __init__(self, base_path: str, folder: Path | None = None) -> None:
        """Raises FileNotFoundError when the installation lacks the files."""
        names = "|".join(map(re.escape, TYPES))
        self._route = re.compile(rf"{re.escape(base_path)}(?:/t/[^/]{{1,100}})?/sdk/({names})")
        folder = folder or sdk_folder()
        self._files = {name: _representations(folder / name) for name in TYPES}

    def answer(self, method: str, path: str, fields: Fields) -> StaticReply | None:
        """The reply, `None` when the path is no file of the SDK. Raises MethodNotAllowed."""
        found = self._route.fullmatch(path)
        if found is None:
            return None
        if method not in ("GET", "HEAD"):
            raise MethodNotAllowed("the SDK is read with GET", headers={"allow": "GET, HEAD"})
        plain, compressed = self._files[found[1]]
        chosen = compressed if accepts_gzip(fields) else plain
        if matches(fields, chosen.etag):
            return StaticReply(304, (("etag", chosen.etag), *FIXED), b"")
        return StaticReply(200, (*chosen.headers, ("etag", chosen.etag), *FIXED), chosen.body)


def sdk_folder() -> Path:
    """Of an installed package, or of the checkout that runs."""
    return INSTALLED if INSTALLED.is_dir() else CHECKOUT


def accepts_gzip(fields: Fields) -> bool:
    """RFC 9110 section 12.5.3; `*` alone is not taken for a wish."""
    for member in ",".join(values(fields, "accept-encoding")).split(","):
        coding, *parameters = (part.strip().lower() for part in member.split(";"))
        if coding in ("gzip", "x-gzip"):
            return not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    return False


def matches(fields: Fields, etag: str) -> bool:
    """Whether the client has it (RFC 9110 section 13.1.2: weak comparison)."""
    known = [tag.strip().removeprefix("W/") for tag in ",".join(values(fields, "if-none-match")).split(",")]
    return etag in known or "*" in known


def _representations(file: Path) -> tuple[Representation, Representation]:
    """As it is, and compressed."""
    body = file.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:32]
    kind = ("content-type", TYPES[file.name])
    plain = Representation(body, f'"{digest}"', (kind,))
    smaller = gzip.compress(body, compresslevel=9, mtime=0)
    compressed = Representation(smaller, f'"{digest}-gzip"', (kind, ("content-encoding", "gzip")))
    return plain, compressed
