"""The public half of a secret as its page shows it, with what to enter elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sealgate.errors import Conflict
from sealgate.execution.engine import Engine
from sealgate.services.key_pairs import get_public_key, key_set_url
from sealgate.stores.public_key_ports import OVERLAP_HOURS

ALGORITHMS = {
    "RS256": "RSA with SHA-256; nearly every API takes it",
    "ES256": "curve P-256; short keys and signatures, widely taken",
    "EdDSA": "Ed25519; shortest and fastest, newer APIs only",
    "PS256": "RSA-PSS with SHA-256; asked for by banks and FAPI",
    "RS384": "RSA with SHA-384, where an API asks for it",
    "RS512": "RSA with SHA-512, where an API asks for it",
    "PS384": "RSA-PSS with SHA-384",
    "PS512": "RSA-PSS with SHA-512",
    "ES384": "curve P-384",
    "ES512": "curve P-521",
}
"""What to say of each algorithm that signs with a key pair, the likely ones first."""
OPTIONS = [(name, f"{name}: {words}") for name, words in ALGORITHMS.items()]
SIZES = [("", "2048 bits (usual)"), ("3072", "3072 bits"), ("4096", "4096 bits (slow to sign)")]


@dataclass(frozen=True, slots=True)
class PublicKeyView:
    """`algorithm` is `None` for an RSA key that was stored by hand: it could be for six of them."""

    pem: str
    jwk: dict[str, str]
    published: bool
    key_set_url: str
    is_public_url: bool
    snippet: str
    options: list[tuple[str, str]]
    overlap_hours: int = OVERLAP_HOURS

    @property
    def algorithm(self) -> str | None:
        return self.jwk.get("alg")

    @property
    def jwk_text(self) -> str:
        return json.dumps(self.jwk, indent=2)

    @property
    def sizes(self) -> list[tuple[str, str]]:
        return SIZES

    @property
    def rsa_options(self) -> list[tuple[str, str]]:
        """The algorithms that an RSA key can be for."""
        return [(name, words) for name, words in OPTIONS if name[:2] in ("RS", "PS")]


async def public_key_view(engine: Engine, tenant: str, name: str) -> PublicKeyView | None:
    """`None` for a secret that is no private key. Raises NotFound."""
    try:
        shown = await get_public_key(engine, tenant, name)
    except Conflict:
        return None
    return PublicKeyView(
        pem=shown.key.pem,
        jwk=shown.key.jwk,
        published=shown.published,
        key_set_url=key_set_url(engine.settings, tenant),
        is_public_url=engine.settings.public_url is not None,
        snippet=json.dumps({"authentication": _authentication(name, shown.key.jwk)}, indent=2),
        options=OPTIONS,
    )


def _authentication(name: str, jwk: dict[str, str]) -> dict[str, Any]:
    """A connector's authentication that signs with the key."""
    return {
        "type": "jwt",
        "config": {
            "private_key": f"{{{{ get_secret('{name}') }}}}",
            "algorithm": jwk.get("alg", "RS256"),
            "claims": {"sub": "{{ user.email }}", "exp": "{{ now(300) }}"},
            "jwt_headers": {"kid": f"{{{{ key_id('{name}') }}}}"},
        },
    }
