"""Key pairs: made, renewed, published and withdrawn. The private key becomes a secret and stays one."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sealgate.errors import Conflict, DocumentInvalid
from sealgate.services import key_pairs as service
from sealgate.web.studio.section import Section
from sealgate.web.studio.sections.public_keys import OPTIONS, SIZES
from sealgate.web.studio.visit import Visit

READ = ("read", "secrets")
WRITE = ("secrets",)
section = Section("Secrets", "/secrets", key="s", icon="secrets", scopes=READ)
"""Begun here and gone on with in `secrets.py`: the addresses here come before `/secrets/{name}`."""

KEY_PAIR = "#key-pair"


@section.get("/secrets/new-key-pair", scopes=WRITE)
async def new(visit: Visit) -> Response:
    return _new_page(visit, {"name": visit.query.get("name"), "algorithm": "RS256"}, {})


@section.post("/secrets/new-key-pair", scopes=WRITE)
async def create(visit: Visit) -> Response:
    name = visit.form.get("name").strip()
    publish = "publish" in visit.form
    try:
        await service.generate_key_pair(
            visit.engine,
            visit.tenant,
            name,
            algorithm=visit.form.get("algorithm"),
            bits=_bits(visit),
            publish=publish,
            create_only=True,
            actor=visit.actor,
        )
    except DocumentInvalid as error:
        return _new_page(visit, visit.form, visit.faults(error), status=422)
    except Conflict as error:
        return _new_page(visit, visit.form, {"name": error.detail}, status=422)
    done = "made and its public key published" if publish else "made"
    return visit.redirect(visit.url("/secrets", name) + KEY_PAIR, toast=f"The key pair {name} is {done}")


@section.post("/secrets/{name}/key-pair", scopes=WRITE)
async def renew(visit: Visit) -> Response:
    """Another key for a secret that holds one. What is wrong rises: no page of ours sends it."""
    name = visit.path["name"]
    shown = await service.generate_key_pair(
        visit.engine,
        visit.tenant,
        name,
        algorithm=visit.form.get("algorithm"),
        bits=_bits(visit),
        actor=visit.actor,
    )
    return visit.redirect(
        visit.url("/secrets", name) + KEY_PAIR, toast=f"{name} signs with a new key: version {shown.version}"
    )


@section.post("/secrets/{name}/public-key", scopes=WRITE)
async def publish(visit: Visit) -> Response:
    name, published = visit.path["name"], visit.form.get("published") == "true"
    await service.publish_public_key(
        visit.engine, visit.tenant, name, published, visit.form.get("algorithm") or None
    )
    text = "The public key is published" if published else "The public key is withdrawn"
    return visit.redirect(visit.url("/secrets", name) + KEY_PAIR, toast=text)


def _new_page(visit: Visit, given: Any, faults: dict[str, str], *, status: int = 200) -> Response:
    return visit.page(
        "secrets/new_key_pair.html",
        status=status,
        name=given.get("name", ""),
        algorithm=given.get("algorithm", ""),
        bits=given.get("bits", ""),
        publish="publish" in given,
        faults=faults,
        options=OPTIONS,
        sizes=SIZES,
    )


def _bits(visit: Visit) -> int | None:
    """The size; the usual one, and that of keys that are not RSA, is not said."""
    text = visit.form.get("bits")
    return int(text) if text.isdecimal() and len(text) < 10 else None
