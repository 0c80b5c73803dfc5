"""Published keys as the data plane serves them: `{base_path}[/t/{tenant}]/.well-known/jwks.json`.

On this plane, because whoever verifies a token is an API outside, and the control plane is for admins
alone. Public, and answered from the snapshot: no caller can make it touch a database."""

from __future__ import annotations

import hashlib
import json
import re
import time

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import MethodNotAllowed
from sealgate.execution.engine import Engine
from sealgate.message import Fields
from sealgate.web.sdk import StaticReply, matches

FIXED = (
    ("content-type", "application/jwk-set+json"),
    ("cache-control", "public, max-age=300"),
    ("access-control-allow-origin", "*"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
)


class KeySet:
    """RFC 7517 section 5. A tenant that publishes nothing, or is none, has an empty set."""

    def __init__(self, engine: Engine) -> None:
        base = re.escape(engine.settings.base_path)
        self._engine = engine
        self._route = re.compile(rf"{base}(?:/t/([^/]{{1,100}}))?/\.well-known/jwks\.json")

    def answer(self, method: str, path: str, fields: Fields) -> StaticReply | None:
        """The reply, `None` when the path is no key set. Raises MethodNotAllowed."""
        found = self._route.fullmatch(path)
        if found is None:
            return None
        if method not in ("GET", "HEAD"):
            raise MethodNotAllowed("the key set is read with GET", headers={"allow": "GET, HEAD"})
        body = self._body(found[1] or DEFAULT_TENANT)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = (("etag", etag), *FIXED)
        return StaticReply(304, headers, b"") if matches(fields, etag) else StaticReply(200, headers, body)

    def _body(self, tenant: str) -> bytes:
        now = time.time()
        keys = {
            key.jwk["kid"]: dict(key.jwk)
            for key in self._engine.tenant(tenant).public_keys
            if key.listed_until is None or key.listed_until > now
        }
        return json.dumps({"keys": list(keys.values())}).encode()
