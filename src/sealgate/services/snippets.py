"""How to call a stored connector: from a page, a shell, a Python program."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sealgate.caller import DEFAULT_TENANT
from sealgate.errors import RequestInvalid
from sealgate.execution.engine import Engine
from sealgate.host import UrlProblem, split_url
from sealgate.model.composite import is_composite
from sealgate.services.connectors import method_of
from sealgate.services.public_address import data_plane_url

BODY_METHODS = ("POST", "PUT", "PATCH")
TOKEN = "SEALGATE_TOKEN"  # noqa: S105 (a variable's name)


@dataclass(frozen=True, slots=True)
class Snippet:
    """`language` is `js`, `sh` or `python`."""

    name: str
    title: str
    language: str
    text: str

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "title": self.title, "language": self.language, "text": self.text}


@dataclass(frozen=True, slots=True)
class _Call:
    """What a caller sends, with a placeholder for each value that only the caller knows."""

    gateway: str
    tenant: str
    permalink: str
    method: str
    query: dict[str, str]
    path_params: dict[str, str]
    payload: dict[str, Any] | None
    composite: bool

    @property
    def url(self) -> str:
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{self.gateway}/connectors/{self.permalink}/execute{query}"

    @property
    def headers(self) -> dict[str, str]:
        headers = {}
        if self.path_params:
            headers["X-Path-Params"] = urlencode(self.path_params)
        if self.payload is not None:
            headers["Content-Type"] = "application/json"
        return headers


async def snippets_of(
    engine: Engine, tenant: str, permalink: str, gateway: str | None = None
) -> list[Snippet]:
    """One snippet for each way to call. `gateway` is the data plane's URL as callers see it, by default
    what the settings say.

    Raises ConnectorNotFound, RequestInvalid when `gateway` is no URL."""
    stored = await engine.store.get_connector(tenant, permalink)
    base = (gateway or data_plane_url(engine.settings)).rstrip("/")
    try:
        query = split_url(base).query
    except UrlProblem as problem:
        raise RequestInvalid(f"gateway: {problem}") from None
    if query is not None:
        raise RequestInvalid("gateway: write the URL without a query")
    if tenant != DEFAULT_TENANT:
        base = f"{base}/t/{tenant}"
    call = _call(base, tenant, permalink, stored.document)
    return [_sdk(call), _curl(call), _embedded(call), _plain_python(call)]


def _call(gateway: str, tenant: str, permalink: str, document: Mapping[str, Any]) -> _Call:
    method = method_of(document)
    body = str(document.get("request_body") or "")
    takes_body = method in BODY_METHODS and (not body.strip() or "body_" in body)
    return _Call(
        gateway=gateway,
        tenant=tenant,
        permalink=permalink,
        method=method,
        query={
            row["key"]: placeholder(row["key"])
            for row in document.get("query_parameters", ())
            if row.get("overridable") and not row.get("value", "").strip()
        },
        path_params={row["key"]: placeholder(row["key"]) for row in document.get("path_parameters", ())},
        payload={} if takes_body else None,
        composite=is_composite(document),
    )


def placeholder(name: str) -> str:
    """A value that says what belongs there; any path parameter may be it (REFERENCE 6.3)."""
    return "your-" + re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")


def _sdk(call: _Call) -> Snippet:
    options: dict[str, Any] = {"permalink": call.permalink}
    if not call.composite:
        options["method"] = call.method
    options |= _present(queryParams=call.query, pathParams=call.path_params)
    if call.payload is not None:
        options["payload"] = call.payload
    execute = "connectors.composite.execute" if call.composite else "connectors.execute"
    lines = (
        f"import {{ createClient }} from {_js(f'{call.gateway}/sdk/sealgate.js')};",
        "const { connectors } = createClient();",
        f"const result = await {execute}({_js(options)});",
    )
    return Snippet("sdk", "From a page", "js", "\n".join(lines))


def _curl(call: _Call) -> Snippet:
    method = [] if call.method == "GET" else ["--head"] if call.method == "HEAD" else ["-X", call.method]
    lines = [
        " ".join(["curl", *method, shlex.quote(call.url)]),
        f'-H "Authorization: Bearer ${TOKEN}"',
        *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers.items()),
    ]
    if call.payload is not None:
        lines.append(f"-d {shlex.quote(json.dumps(call.payload))}")
    return Snippet("curl", "From a shell", "sh", " \\\n  ".join(lines))


def _embedded(call: _Call) -> Snippet:
    arguments = [repr(call.permalink)]
    for name, value in _present(query=call.query, path_params=call.path_params).items():
        arguments.append(f"{name}={value!r}")
    if call.payload is not None:
        arguments.append(f"json={call.payload!r}")
    opened = ["'sealgate-data'"]
    if call.tenant != DEFAULT_TENANT:
        opened.append(f"tenant={call.tenant!r}")
    lines = (
        "import asyncio",
        "",
        "from sealgate import Gateway",
        "",
        "",
        "async def main():",
        f"    async with Gateway.open({', '.join(opened)}) as gateway:",
        f"        reply = await gateway.execute({', '.join(arguments)})",
        "        print(reply.status, reply.text)",
        "",
        "",
        "asyncio.run(main())",
    )
    return Snippet("python", "In a Python program, without a server", "python", "\n".join(lines))


def _plain_python(call: _Call) -> Snippet:
    lines = ["import os", "import urllib.request", "", *_request_lines(call), ""]
    lines += [
        "with urllib.request.urlopen(request) as reply:",
        "    print(reply.status, reply.read().decode())",
    ]
    return Snippet("python-http", "From a Python program, over HTTP", "python", "\n".join(lines))


def _request_lines(call: _Call) -> Iterator[str]:
    yield "request = urllib.request.Request("
    yield f"    {call.url!r},"
    yield f"    method={call.method!r},"
    if call.payload is not None:
        yield f"    data={json.dumps(call.payload).encode()!r},"
    yield "    headers={"
    yield f"        'Authorization': 'Bearer ' + os.environ['{TOKEN}'],"
    for name, value in call.headers.items():
        yield f"        {name!r}: {value!r},"
    yield "    },"
    yield ")"


def _present(**members: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: value for name, value in members.items() if value}


def _js(value: Any) -> str:
    """A JavaScript literal that may stand in a page: no `<` ends its script."""
    return json.dumps(value).replace("<", "\\u003c")
