"""Fields that several types share: how they are written, checked at save, and read once rendered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, WithJsonSchema

from sealgate.auth.base import RenderedUrl
from sealgate.errors import RequestTemplateFailed
from sealgate.secret import Secret, reveal

CONFIG = "authentication.config"

ALGORITHMS = (
    *("HS256", "HS384", "HS512"),
    *("RS256", "RS384", "RS512"),
    *("ES256", "ES384", "ES512"),
    *("PS256", "PS384", "PS512"),
    "EdDSA",
)
"""The signing algorithms of REFERENCE 3.4 (RFC 7518 section 3.1, RFC 8037)."""

RESERVED_HEADERS = ("alg", "b64", "crit")
"""Protected header members that decide how a JWS is read; only Sealgate sets them."""

INTEGER = re.compile(r"\s*\d{1,10}\s*")
TTL_RULE = "must be a whole number of seconds, 1 or more, such as 3600"


def is_template(text: str) -> bool:
    """Whether a text is only known once it is rendered."""
    return any(opening in text for opening in ("{{", "{%", "{#"))


def algorithm_problem(name: str) -> str | None:
    """Why an algorithm cannot sign; `None` when it can."""
    if name in ALGORITHMS:
        return None
    shown = name if re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name) else "this"
    why = "would send an unsigned token" if name.lower() == "none" else "is not a supported algorithm"
    return f"{shown} {why}; use one of {', '.join(ALGORITHMS)}"


def header_problem(headers: Mapping[str, Any]) -> str | None:
    """Why these protected header members cannot be set; `None` when they can."""
    reserved = [name for name in RESERVED_HEADERS if name in headers]
    if not reserved:
        return None
    return f"must not set {', '.join(reserved)}: the algorithm comes from the `algorithm` field; remove it"


def _known_algorithm(name: str) -> str:
    problem = None if is_template(name) else algorithm_problem(name)
    if problem:
        raise ValueError(problem)
    return name


def _free_headers(headers: dict[str, Any]) -> dict[str, Any]:
    problem = header_problem(headers)
    if problem:
        raise ValueError(problem)
    return headers


def _seconds(value: Any) -> Any:
    if isinstance(value, str):
        return value if is_template(value) else parse_seconds(value)
    return parse_seconds(value)


def parse_seconds(value: Any) -> int:
    """A time to live: an integer or its decimal text, 1 or more. Raises ValueError."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not INTEGER.fullmatch(text) or int(text) < 1:
        raise ValueError(TTL_RULE)
    return int(text)


ClientId = Annotated[
    str,
    Field(
        title="Client ID",
        min_length=1,
        description="The OAuth client identifier, such as {{ get_secret('client_id') }}.",
    ),
]
TokenUrl = Annotated[
    str,
    Field(
        title="Token URL",
        min_length=1,
        max_length=2048,
        description="The OAuth token endpoint (https). Redirects are not followed.",
    ),
]
PrivateKey = Annotated[
    str,
    Field(
        title="Private Key",
        min_length=1,
        description="The signing key as a secret, such as {{ get_secret('signing_key') }}: a PEM private key "
        "(PKCS#8, PKCS#1 or SEC1), a private JWK, or the shared secret of an HS algorithm.",
    ),
]
Passphrase = Annotated[
    str | None,
    Field(title="Passphrase", description="Opens an encrypted PEM key, such as {{ get_secret('phrase') }}."),
]
AlgorithmName = Annotated[
    str,
    AfterValidator(_known_algorithm),
    Field(
        title="Algorithm",
        description=f"The signing algorithm: {', '.join(ALGORITHMS)}.",
        json_schema_extra={"examples": list(ALGORITHMS)},
    ),
]
JwtHeaders = Annotated[
    dict[str, JsonValue],
    AfterValidator(_free_headers),
    Field(
        title="JWT Headers",
        description="Further members of the protected header, such as a key identifier: `kid` with "
        "{{ key_id('signing_key') }} is that of the secret's key pair. `alg`, "
        "`b64` and `crit` cannot be set.",
        json_schema_extra={
            "properties": {
                "kid": {
                    "type": "string",
                    "description": "Which key it was: that of the secret's key pair, or a text.",
                    "examples": ["{{ key_id('signing_key') }}"],
                }
            }
        },
    ),
]
TokenTtl = Annotated[
    int | str,
    BeforeValidator(_seconds),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]}),
    Field(
        title="Token TTL",
        description="How long the access token may be cached, in seconds; the server's `expires_in` may "
        "shorten it.",
    ),
]


def rendered_text(config: Mapping[str, Any], name: str) -> Secret[str]:
    """A required text. Raises RequestTemplateFailed when it rendered to nothing."""
    value = optional_text(config, name)
    if not value:
        raise unusable(name, "rendered to nothing; check the names it looks up")
    return value


def optional_text(config: Mapping[str, Any], name: str) -> Secret[str]:
    """A text, empty when it is not there. Raises RequestTemplateFailed when it cannot be encoded."""
    value = config.get(name)
    text = reveal(value) if isinstance(value, (str, Secret)) else ""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise unusable(
            name, "holds a broken character (a lone surrogate); correct what it looks up"
        ) from None
    return Secret(text)


def rendered_url(config: Mapping[str, Any], name: str) -> RenderedUrl:
    """A URL that rendering has already judged."""
    value = config.get(name)
    if not isinstance(value, RenderedUrl):
        raise unusable(name, "is missing; write the OAuth token endpoint")
    return value


def unusable(name: str, reason: str) -> RequestTemplateFailed:
    """A rendered value that cannot serve, at its place."""
    return RequestTemplateFailed(f"`{name}` {reason}", field=f"{CONFIG}.{name}")
