"""Fill Test Connection with what is stored of a call: its query, path parameters, the headers that a caller
may override, its user's id, and its body while that is kept. What was made of a secret is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sealgate.execution.redaction import MARK
from sealgate.model.composite import is_composite
from sealgate.stores.run_ports import RecordedRun
from sealgate.web.studio.forms import Form

PATH_PREFIX = "trial-path."
EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
PATH_PARAMETER = re.compile(r"\{\{\s*pathParams\.(\w+)\s*\}\}")
PLACEHOLDER = re.compile(r"\$[A-Z0-9_]+")


def form_of_run(document: Mapping[str, Any], run: RecordedRun) -> Form:
    """The fields of the form, as if someone had filled them in."""
    return Form(tuple(_fields(document, run)))


def _fields(document: Mapping[str, Any], run: RecordedRun) -> Iterator[tuple[str, str]]:
    yield "trial-as", "anonymous" if run.head.user_id is None else "user"
    yield "trial-user.sub", run.head.user_id or ""
    body = (run.bodies or {}).get("request") or {}
    if "text" in body and not body.get("truncated"):
        yield "trial-body", body["text"]
    request = run.explain.get("request")
    if not request or is_composite(document):
        return
    url = urlsplit(request["url"])
    for name, value in path_values(document, f"{url.scheme}://{url.netloc}{url.path}").items():
        yield PATH_PREFIX + name, value
    own = _own_parameters(document)
    query = [pair for pair in parse_qsl(url.query, keep_blank_values=True) if pair[0] not in own]
    yield from _rows("trial-query", query)
    overridable = {name.lower() for name, fixed in _row_names(document, "headers") if not fixed}
    headers = request["headers"].items()
    yield from _rows(
        "trial-headers", [(name, value) for name, value in headers if name.lower() in overridable]
    )


def path_values(document: Mapping[str, Any], called: str) -> dict[str, str]:
    """The path parameters of an address that was called, read back through the connector's URL. Empty when
    the URL does not say which part was which."""
    template = str(document.get("url", "")).partition("?")[0]
    pattern, at = "", 0
    for match in EXPRESSION.finditer(template):
        named = PATH_PARAMETER.fullmatch(match[0])
        again = named and f"(?P<{named[1]}>" in pattern
        part = f"(?P={named[1]})" if named and again else f"(?P<{named[1]}>[^/]+)" if named else "[^/]*"
        pattern, at = pattern + re.escape(template[at : match.start()]) + part, match.end()
    if at == 0 or "{%" in template:
        return {}
    found = re.fullmatch(pattern + re.escape(template[at:]), called)
    return {name: unquote(value) for name, value in found.groupdict().items()} if found else {}


def _rows(name: str, pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for index, (key, value) in enumerate(pairs):
        if MARK not in value and not PLACEHOLDER.search(value):
            yield f"{name}.{index}.key", key
            yield f"{name}.{index}.value", value


def _own_parameters(document: Mapping[str, Any]) -> set[str]:
    """The names of query parameters that the connector writes itself, whatever a caller sends."""
    names = {name for name, fixed in _row_names(document, "query_parameters") if fixed}
    names |= {name for name, _ in parse_qsl(urlsplit(str(document.get("url", ""))).query, True)}
    config = (document.get("authentication") or {}).get("config") or {}
    return names | ({str(config.get("key"))} if config.get("in") == "query" else set())


def _row_names(document: Mapping[str, Any], member: str) -> Iterator[tuple[str, bool]]:
    """Names of rows, and whether a caller cannot override them."""
    for row in document.get(member) or ():
        yield str(row.get("key", "")), not row.get("overridable")
