"""Where callers, and the APIs that verify what is signed here, reach the data plane."""

from __future__ import annotations

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.host import UrlProblem, split_url
from sealgate.settings import Settings

SETTING = "SEALGATE_PUBLIC_URL"
HINT = "write for example https://gateway.example.com, or with the path that callers use"


def data_plane_url(settings: Settings, tenant: str = DEFAULT_TENANT) -> str:
    """The tenant's base URL, without a `/` at its end: under SEALGATE_PUBLIC_URL, which is complete, or else
    under the address that the data plane listens at and its base path.

    Raises DocumentInvalid."""
    base = _public_url(settings) or f"http://{settings.listen}{settings.base_path}"
    return base if tenant == DEFAULT_TENANT else f"{base}/t/{tenant}"


def _public_url(settings: Settings) -> str | None:
    if settings.public_url is None:
        return None
    try:
        url = split_url(settings.public_url)
    except UrlProblem as problem:
        raise _unusable(str(problem)) from None
    if url.query is not None:
        raise _unusable("must have no query")
    return f"{url.origin}{url.path}".rstrip("/")


def _unusable(problem: str) -> DocumentInvalid:
    return DocumentInvalid(f"{SETTING}: {problem}", fields=[Finding(SETTING, problem, hint=HINT)])
