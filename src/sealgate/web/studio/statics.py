"""Studio's style sheet and scripts, from memory, as they are and compressed.

Their address holds a hash of all of them, so that a browser keeps them for a year and never mixes two
versions: `/static/<hash>/studio.css`. Modules import each other by relative paths and stay in one version.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sealgate.web.headers import decode
from sealgate.web.sdk import accepts_gzip

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
KEPT = "public, max-age=31536000, immutable"


class Statics:
    """Every file below `static/`, read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in TYPES)
        self._files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        self._compressed = {
            name: gzip.compress(content, compresslevel=9, mtime=0) for name, content in self._files.items()
        }
        digest = hashlib.sha256()
        for name, content in self._files.items():
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        self._version = digest.hexdigest()[:12]
        self.route = Route("/static/{version}/{path:path}", self._serve)

    def url(self, path: str) -> str:
        """The address of a file. Raises KeyError when there is none."""
        if path not in self._files:
            raise KeyError(path)
        return f"/static/{self._version}/{path}"

    async def _serve(self, request: Request) -> Response:
        path = request.path_params["path"]
        if path not in self._files:
            raise HTTPException(404)
        # A page of an older version that is still open gets what there is, and must not keep it.
        kept = KEPT if request.path_params["version"] == self._version else "no-store"
        headers = {
            "content-type": TYPES[Path(path).suffix],
            "cache-control": kept,
            "vary": "Accept-Encoding",
        }
        if not accepts_gzip(decode(request.scope["headers"])):
            return Response(self._files[path], headers=headers)
        return Response(self._compressed[path], headers={**headers, "content-encoding": "gzip"})
