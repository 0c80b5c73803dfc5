"""`sealgate execute` and `sealgate test`: run a connector from here, by the same code as a server."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any

import typer

from sealgate.caller import DEFAULT_TENANT
from sealgate.cli.inputs import claims, header_pairs, json_file, pairs, text_or_file
from sealgate.cli.options import Data, Json, Tenant
from sealgate.cli.output import Output, write_bytes
from sealgate.cli.report import test_report
from sealgate.cli.session import with_engine
from sealgate.errors import DocumentInvalid, NotFound
from sealgate.execution.trial import TestRequest, TestResult
from sealgate.findings import Finding
from sealgate.registry.document import name_of, read_registry
from sealgate.services.calls import run_connector

Query = Annotated[list[str] | None, typer.Option("--query", help="name=value (repeatable).")]
PathParam = Annotated[list[str] | None, typer.Option("--path-param", help="name=value (repeatable).")]
Header = Annotated[list[str] | None, typer.Option("--header", help="'Name: value' (repeatable).")]
Body = Annotated[str | None, typer.Option("--body", help="The request body, or @FILE (@-: standard input).")]
User = Annotated[str | None, typer.Option("--user", help="Session claims as JSON, or @FILE.")]


def execute(
    permalink: Annotated[str, typer.Argument(help="The connector's permalink.")],
    query: Query = None,
    path_param: PathParam = None,
    header: Header = None,
    body: Body = None,
    user: User = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Run a connector and print the reply's body. Ends with 1 when the reply is an error."""
    with Output(as_json) as out:
        request = _request(query, path_param, header, body, user)
        reply = with_engine(data, lambda engine: run_connector(engine, tenant, permalink, request))
        if as_json:
            content = _text_or_base64(reply.content)
            out.document({"status": reply.status, "headers": dict(reply.headers), "body": content})
        else:
            write_bytes(reply.content)
        if reply.status >= 400:
            out.note(f"the API answered {reply.status}")
            raise typer.Exit(1)


def test(
    target: Annotated[str, typer.Argument(help="A permalink, or a file with a connector document.")],
    connector: Annotated[
        str | None, typer.Option("--connector", help="Which one of a registry file, by permalink or name.")
    ] = None,
    query: Query = None,
    path_param: PathParam = None,
    header: Header = None,
    body: Body = None,
    user: User = None,
    as_json: Json = False,
    tenant: Tenant = DEFAULT_TENANT,
    data: Data = None,
) -> None:
    """Run a connector, saved or not, and explain the run. Ends with 1 when it or the API fails."""
    with Output(as_json) as out:
        request = _request(query, path_param, header, body, user)
        document = _document(target, connector)
        result = with_engine(data, lambda engine: engine.test(tenant, document or target, request))
        out.answer(result.as_json(), test_report(result))
        if _failed(result):
            raise typer.Exit(1)


def _request(
    query: list[str] | None,
    path_param: list[str] | None,
    header: list[str] | None,
    body: str | None,
    user: str | None,
) -> TestRequest:
    return TestRequest.from_json(
        {
            "query": pairs(query or (), "--query"),
            "path_params": dict(pairs(path_param or (), "--path-param")),
            "headers": dict(header_pairs(header or ())),
            "body": text_or_file(body, "--body"),
            "user": claims(user),
        }
    )


def _document(target: str, connector: str | None) -> Any:
    """The document of a file, one of a registry file's included; `None` when the target is no file."""
    path = Path(target)
    if not path.is_file():
        if path.suffix == ".json":
            raise NotFound(f"there is no file {target}")
        return None
    document = json_file(path)
    if not isinstance(document, dict) or "connectors" not in document:
        return document
    candidates = [item for _, item in read_registry(document).connectors if isinstance(item, dict)]
    chosen = [item for item in candidates if connector in (None, item.get("permalink"), item.get("name"))]
    if len(chosen) != 1:
        names = ", ".join(name_of(item) or "?" for item in candidates)
        message = f"{target} is a registry file; say which one with --connector: {names}"
        raise DocumentInvalid(message, fields=[Finding("connectors", message)])
    return chosen[0]


def _failed(result: TestResult) -> bool:
    return result.error is not None or result.status >= 400


def _text_or_base64(body: bytes) -> Any:
    """The body as text, or `{"base64": …}` when it is none."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}
