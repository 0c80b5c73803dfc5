"""What may be shown of a token request and of a JWT: never a signature, a secret or a whole token."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl

from sealgate.message import Request
from sealgate.secret import MASK, Secret, reveal

SHOWN = frozenset({"grant_type", "client_id", "scope"})
"""Parameters of a token request that are no credential; every other one is masked."""


def shown_token_request(request: Request) -> dict[str, Any]:
    """`url`; `parameters` of the form in their order, credentials masked; `assertion`, decoded, where one was
    sent (RFC 7523 section 2.1)."""
    body = request.body
    text = reveal(body) if isinstance(body, (bytes, Secret)) else b""
    form = parse_qsl(text.decode("ascii"), keep_blank_values=True)
    assertion = next((value for name, value in form if name == "assertion"), "")
    target = request.target if isinstance(request.target, str) else f"/{MASK}"
    return {
        "url": f"{request.origin}{target}",
        "parameters": {name: value if name in SHOWN else MASK for name, value in form},
        "assertion": decoded_jwt(assertion),
    }


def decoded_jwt(value: str) -> dict[str, Any] | None:
    """Header and claims of a compact JWS (RFC 7515 section 7.1); the signature stays out."""
    parts = value.removeprefix("Bearer ").split(".")
    if len(parts) != 3:
        return None
    try:
        header, claims = (
            json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2]
        )
    except ValueError:
        return None
    return {"header": header, "claims": claims} if isinstance(header, dict) else None
