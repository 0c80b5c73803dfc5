"""`sealgate keys rotate|generate|public|publish|withdraw`: the operator's key, and key pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.configuration import load_settings
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output
from sealgate.cli.session import actor, with_engine
from sealgate.services import key_pairs
from sealgate.services.key_pairs import ShownPublicKey
from sealgate.stores import rotate_key_file

app = typer.Typer(help="The operator's key, and key pairs.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The secret that holds the private key.")]
Algorithm = Annotated[
    str | None,
    typer.Option("--algorithm", help="What the JWK of an RSA key says that was not generated here."),
]


@app.command("rotate")
def rotate(as_json: Json = False, data: Data = None) -> None:
    """Make a new operator's key and seal everything under it, while servers run."""
    with Output(as_json) as out:
        path = load_settings(data=data).master_key_file
        with_engine(data, lambda engine: rotate_key_file(engine.store, engine.settings))
        out.answer(
            {"success": True, "key_file": str(path)}, f"the new key is in {path}: make a backup of it now"
        )


@app.command("generate")
def generate(
    name: Name,
    algorithm: Annotated[str, typer.Option("--algorithm", help="What it signs with, such as RS256.")],
    bits: Annotated[int | None, typer.Option("--bits", help="Of an RSA key: 2048, 3072 or 4096.")] = None,
    publish: Annotated[
        bool | None, typer.Option("--publish/--no-publish", help="Default: as it is; a new one is not.")
    ] = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Store a new private key as a secret and print its public key."""
    with Output(as_json) as out:
        shown = with_engine(
            data,
            lambda engine: key_pairs.generate_key_pair(
                engine, tenant, name, algorithm=algorithm, bits=bits, publish=publish, actor=actor()
            ),
        )
        _answer(out, shown, tenant, data)


@app.command("public")
def public(
    name: Name,
    algorithm: Algorithm = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Print the public key of a secret that holds a private key."""
    with Output(as_json) as out:
        shown = with_engine(data, lambda engine: key_pairs.get_public_key(engine, tenant, name, algorithm))
        _answer(out, shown, tenant, data)


@app.command("publish")
def publish_key(
    name: Name,
    algorithm: Algorithm = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """List the public key at /.well-known/jwks.json."""
    _set_published(name, True, algorithm, Output(as_json), tenant, data)


@app.command("withdraw")
def withdraw_key(
    name: Name, as_json: Json = False, tenant: Tenant = DEFAULT_TENANT, data: Data = None
) -> None:
    """Do not list the public key any more, nor those that it replaced."""
    _set_published(name, False, None, Output(as_json), tenant, data)


def _set_published(
    name: str, published: bool, algorithm: str | None, output: Output, tenant: str, data: Data
) -> None:
    with output as out:
        shown = with_engine(
            data,
            lambda engine: key_pairs.publish_public_key(engine, tenant, name, published, algorithm),
        )
        _answer(out, shown, tenant, data)


def _answer(out: Output, shown: ShownPublicKey, tenant: str, data: Path | None) -> None:
    out.answer(shown.as_json(), shown.key.pem.rstrip())
    if not out.as_json:
        address = key_pairs.key_set_url(load_settings(data=data), tenant)
        listed = f"published at {address}" if shown.published else "not published"
        out.note(f"version {shown.version}, kid {shown.key.jwk['kid']}, {listed}")
