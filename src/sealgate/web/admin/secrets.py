"""`/secrets`: values go in and are never answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sealgate.secret import Secret
from sealgate.services import key_pairs, secrets
from sealgate.web.admin.access import Admin, allowed
from sealgate.web.admin.body import JsonBody, read_as
from sealgate.web.admin.documents.secrets import (
    AllowedHostsBody,
    KeyPairBody,
    PublicKeyBody,
    PublicKeyDocument,
    SecretBody,
    SecretDocument,
    SecretList,
    SecretVersionList,
)
from sealgate.web.admin.documents.usage import UsageDocument
from sealgate.web.admin.openapi import takes

router = APIRouter(prefix="/secrets", tags=["secrets"])

Reader = Annotated[Admin, allowed("read", "secrets")]
Writer = Annotated[Admin, allowed("secrets")]


@router.get("", responses={200: {"model": SecretList}})
async def list_secrets(admin: Reader) -> Response:
    """All secrets: name, first character, fingerprint, where they are used; no values."""
    shown = await secrets.list_secrets(admin.engine, admin.tenant)
    return JSONResponse({"secrets": [secret.as_json() for secret in shown]})


@router.get("/{name}", responses={200: {"model": SecretDocument}})
async def get_secret(admin: Reader, name: str) -> Response:
    """What may be seen of one secret."""
    return JSONResponse((await secrets.get_secret(admin.engine, admin.tenant, name)).as_json())


@router.get("/{name}/usage", responses={200: {"model": UsageDocument}})
async def get_usage(admin: Reader, name: str) -> Response:
    """Where the secret is used, and where it could be because a name is computed."""
    usage = await secrets.secret_usage(admin.engine, admin.tenant, name)
    return JSONResponse(usage.as_json())


@router.put(
    "/{name}",
    responses={200: {"model": SecretDocument}, 201: {"model": SecretDocument}},
    openapi_extra=takes("SecretBody"),
)
async def put_secret(admin: Writer, name: str, body: JsonBody) -> Response:
    """Create (201) or give a new value (200)."""
    given = read_as(SecretBody, body)
    shown = await secrets.put_secret(
        admin.engine,
        admin.tenant,
        name,
        Secret(given.value),
        allowed_hosts=given.allowed_hosts,
        actor=admin.actor,
    )
    return JSONResponse(shown.as_json(), status_code=201 if shown.created else 200)


@router.put(
    "/{name}/allowed-hosts",
    responses={200: {"model": SecretDocument}},
    openapi_extra=takes("AllowedHostsBody"),
)
async def put_allowed_hosts(admin: Writer, name: str, body: JsonBody) -> Response:
    """Change the hosts that the secret may be sent to, and not its value."""
    given = read_as(AllowedHostsBody, body)
    shown = await secrets.set_allowed_hosts(
        admin.engine, admin.tenant, name, given.allowed_hosts, actor=admin.actor
    )
    return JSONResponse(shown.as_json())


@router.get("/{name}/versions", responses={200: {"model": SecretVersionList}})
async def list_versions(admin: Reader, name: str) -> Response:
    """Who gave the secret a value, and who changed its hosts, and when; the values before are forgotten."""
    return JSONResponse((await secrets.secret_history(admin.engine, admin.tenant, name)).as_json())


@router.post(
    "/{name}/key-pair",
    responses={200: {"model": PublicKeyDocument}, 201: {"model": PublicKeyDocument}},
    openapi_extra=takes("KeyPairBody"),
)
async def generate_key_pair(admin: Writer, name: str, body: JsonBody) -> Response:
    """Store a new private key as a secret (201), or as the new value of one that holds a private key
    (200), and answer its public key."""
    given = read_as(KeyPairBody, body)
    shown = await key_pairs.generate_key_pair(
        admin.engine,
        admin.tenant,
        name,
        algorithm=given.algorithm,
        bits=given.bits,
        publish=given.publish,
        actor=admin.actor,
    )
    return JSONResponse(shown.as_json(), status_code=201 if shown.created else 200)


@router.get("/{name}/public-key", responses={200: {"model": PublicKeyDocument}})
async def get_public_key(admin: Reader, name: str, algorithm: str | None = None) -> Response:
    """The public key of a secret that holds a private key, generated here or not."""
    shown = await key_pairs.get_public_key(admin.engine, admin.tenant, name, algorithm)
    return JSONResponse(shown.as_json())


@router.put(
    "/{name}/public-key",
    responses={200: {"model": PublicKeyDocument}},
    openapi_extra=takes("PublicKeyBody"),
)
async def put_public_key(admin: Writer, name: str, body: JsonBody) -> Response:
    """Publish the public key, or withdraw it."""
    given = read_as(PublicKeyBody, body)
    shown = await key_pairs.publish_public_key(
        admin.engine, admin.tenant, name, given.published, given.algorithm
    )
    return JSONResponse(shown.as_json())


@router.delete("/{name}", status_code=204)
async def delete_secret(admin: Writer, name: str, unused: bool = False) -> Response:
    """Delete a secret; what names it fails from now on. With `unused=true` only when nothing does (409)."""
    await secrets.delete_secret(admin.engine, admin.tenant, name, actor=admin.actor, only_unused=unused)
    return Response(status_code=204)
