"""Secrets, without their values but in what sets one, and key pairs."""

from __future__ import annotations

from pydantic import BaseModel, Field

from sealgate.auth.key_pairs import KEY_PAIR_ALGORITHMS, RSA_BITS
from sealgate.web.admin.documents.shared import Body


class SecretBody(Body):
    value: str = Field(description="The value; never returned.", repr=False)
    allowed_hosts: list[str] | None = Field(
        None, description="Hosts it may be sent to (`*.` for all below one); absent keeps the list."
    )


class AllowedHostsBody(Body):
    allowed_hosts: list[str] = Field(
        description="Hosts it may be sent to (`*.` for all below one); empty: any."
    )


class KeyPairBody(Body):
    algorithm: str = Field(description=f"One of {', '.join(KEY_PAIR_ALGORITHMS)}.")
    bits: int | None = Field(None, description=f"Of an RSA key: one of {', '.join(map(str, RSA_BITS))}.")
    publish: bool | None = Field(None, description="Absent: as it is; a new one is not published.")


class PublicKeyBody(Body):
    published: bool = Field(description="False withdraws the keys that it replaced, too.")
    algorithm: str | None = Field(
        None, description="What the JWK of an RSA key says that was not generated here."
    )


class SecretDocument(BaseModel):
    name: str
    first_character: str
    fingerprint: str
    version: int
    allowed_hosts: list[str]
    created_at: str
    updated_at: str
    updated_by: str
    published: bool = Field(description="Its public key is listed at `/.well-known/jwks.json`.")
    used_by: list[str]


class SecretList(BaseModel):
    secrets: list[SecretDocument]


class PublicKeyDocument(BaseModel):
    name: str
    version: int
    published: bool
    pem: str = Field(description="SubjectPublicKeyInfo.")
    jwk: dict[str, str] = Field(description="RFC 7517; `kid` is the thumbprint of RFC 7638.")


class SecretVersionDocument(BaseModel):
    version: int
    created_at: str
    created_by: str


class HostChangeDocument(BaseModel):
    allowed_hosts: list[str] = Field(description="As they were from then on; empty: any host.")
    changed_at: str
    changed_by: str


class SecretVersionList(BaseModel):
    versions: list[SecretVersionDocument] = Field(description="The newest first.")
    host_changes: list[HostChangeDocument] = Field(description="The newest first.")
