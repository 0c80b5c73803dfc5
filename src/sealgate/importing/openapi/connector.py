"""One operation as a connector: URL, rows, body and authentication (REFERENCE sections 2 to 8)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.host import UrlProblem, split_url
from sealgate.importing.naming import MOST, Names, identifier, owner_of
from sealgate.importing.openapi.document import Operation, Specification, filled, mapping, sequence
from sealgate.importing.openapi.samples import Samples
from sealgate.importing.openapi.security import Security
from sealgate.importing.proposal import Notes, Proposal, literal

BODY_METHODS = ("POST", "PUT", "PATCH")
MOST_PICKS = 200
MOST_VALUE = 1000
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization", "cookie", "host", "content-length"})
_IN_BRACES = re.compile(r"\{([^{}]+)\}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def import_operations(
    specification: Specification, picks: Sequence[str], names: Names, *, base_url: str | None = None
) -> list[Proposal]:
    """A connector for each operation that was picked by its key, or by `METHOD /path`. `base_url` stands in
    for the document's servers.

    Raises DocumentInvalid with every pick that does not exist."""
    if len(picks) > MOST_PICKS:
        raise DocumentInvalid(f"at most {MOST_PICKS} operations are imported at once")
    known: dict[str, Operation] = {}
    for operation in specification.operations():
        known |= {f"{operation.method} {operation.path}": operation, operation.key: operation}
    faults = [
        Finding(f"operations.{index}", f"there is no operation {pick[:100]!r}")
        for index, pick in enumerate(picks)
        if pick not in known
    ]
    if base_url is not None:
        faults += _base_url_faults(base_url)
    if faults:
        raise DocumentInvalid("the operations cannot be imported", fields=faults)
    chosen = list({known[pick].key: known[pick] for pick in picks}.values())
    importer = _Importer(specification, names, base_url)
    return [importer.proposal(operation) for operation in chosen]


def _base_url_faults(base_url: str) -> Iterator[Finding]:
    try:
        split_url(base_url)
    except UrlProblem as problem:
        yield Finding("base_url", str(problem))


class _Importer:
    def __init__(self, specification: Specification, names: Names, base_url: str | None) -> None:
        self._specification = specification
        self._names = names
        self._base_url = base_url
        self._samples = Samples(specification)
        self._security: Security | None = None

    def proposal(self, operation: Operation) -> Proposal:
        notes = Notes()
        self._specification.outside.clear()
        server = self._server(operation, notes)
        url, path_rows = _path(operation.path)
        document: dict[str, Any] = {
            "name": self._title(operation),
            "permalink": self._names.permalink(_permalink_words(operation)),
            "url": server.rstrip("/") + url,
            "method": operation.method,
            "headers": self._accept(operation),
            "query_parameters": [],
            "path_parameters": [{"key": key} for key in path_rows],
        }
        self._parameters(operation, document, notes)
        if operation.method in BODY_METHODS:
            self._body(operation, document, notes)
        if self._security is None:
            self._security = Security(self._specification, self._names, self._owner(server))
        secrets = self._security.apply(operation, server, document, notes)
        for reference in sorted(self._specification.outside):
            notes.warn("", f"a reference leads outside of the document and is not followed: {reference}")
        members = {name: value for name, value in document.items() if value}
        return Proposal(members, secrets, tuple(notes.warnings))

    def _title(self, operation: Operation) -> str:
        title = operation.summary or operation.operation_id or f"{operation.method} {operation.path}"
        return " ".join(title.split())[:MOST] or operation.key[:MOST]

    def _owner(self, server: str) -> str:
        try:
            return owner_of(split_url(server).origin.host)
        except UrlProblem:
            return identifier(self._specification.title)

    # -- where it goes -----------------------------------------------------------------------------

    def _server(self, operation: Operation, notes: Notes) -> str:
        """The base URL: given, or the first server with its variables' defaults; where it names no host,
        a variable of the gateway."""
        if self._base_url is not None:
            return self._base_url
        root = self._specification.root
        for holder in (operation.members, operation.item, root):
            for server in sequence(holder.get("servers"))[:1]:
                return self._usable(filled(mapping(server)), notes)
        return self._usable("/", notes)

    def _usable(self, url: str, notes: Notes) -> str:
        if url.startswith("/") or not url:
            variable = f"{identifier(self._specification.title)[:MOST]}_origin"
            variable = f"_{variable}" if variable[0].isdigit() else variable
            message = (
                f"the document names no host: set the variable {variable}, such as https://api.example.com"
            )
            notes.warn("url", message)
            return f"{{{{ get_variable('{variable}') }}}}{_encoded(url.rstrip('/'))}"
        try:
            parts = split_url(url)
        except UrlProblem as problem:
            notes.warn("url", f"the server's URL cannot be used: {problem}", hint="write the API's URL here")
            return "https://api.example.com"
        return f"{parts.origin}{_encoded(parts.path)}"

    # -- what it sends -----------------------------------------------------------------------------

    def _accept(self, operation: Operation) -> list[dict[str, Any]]:
        for status, node in mapping(operation.members.get("responses")).items():
            if str(status).startswith("2"):
                content = mapping(self._specification.resolved(node).get("content"))
                if any(_is_json(media) for media in content):
                    return [{"key": "Accept", "value": JSON}]
        return []

    def _parameters(self, operation: Operation, document: dict[str, Any], notes: Notes) -> None:
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        for holder in (operation.item, operation.members):
            for node in sequence(holder.get("parameters")):
                parameter = self._specification.resolved(node)
                if isinstance(parameter.get("name"), str) and parameter.get("in"):
                    found[str(parameter["in"]), parameter["name"]] = parameter
        for (where, name), parameter in found.items():
            match where:
                case "query":
                    self._row(name, parameter, document["query_parameters"])
                case "header" if name.lower() not in _IGNORED_HEADERS:
                    self._row(name, parameter, document["headers"])
                case "cookie":
                    notes.warn("headers", f"the cookie {name[:60]!r} is left out: connectors send none")

    def _row(self, name: str, parameter: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        """What is required, and what has a default; the caller may send a value of its own. Other query
        parameters pass without a row."""
        schema = self._schema_of(parameter)
        default = self._specification.resolved(schema).get("default")
        required = parameter.get("required") is True
        if not required and default is None:
            return
        value = default
        if value is None:
            value = parameter.get("example")
        if value is None:
            value = self._samples.given(schema)
        text = literal(_text(value).replace("\r", " ").replace("\n", " "))
        if len(text) <= MOST_VALUE and name.lower() not in {row["key"].lower() for row in rows}:
            rows.append({"key": name, "value": text, "overridable": True})

    def _schema_of(self, parameter: Mapping[str, Any]) -> Any:
        for media in mapping(parameter.get("content")).values():
            return mapping(media).get("schema")
        return parameter.get("schema")

    def _body(self, operation: Operation, document: dict[str, Any], notes: Notes) -> None:
        content = mapping(self._specification.resolved(operation.members.get("requestBody")).get("content"))
        media = next((name for name in content if _is_json(name)), FORM if FORM in content else None)
        if media is None:
            if content:
                kinds = ", ".join(content)[:200]
                notes.warn("request_body", f"the caller's body is passed on as it is; the API takes {kinds}")
            return
        document["headers"].append({"key": "Content-Type", "value": media})
        members = self._body_members(mapping(content[media]))
        if members:
            document["request_body"] = (_json_body if media != FORM else _form_body)(members)

    def _body_members(self, media: Mapping[str, Any]) -> dict[str, Any]:
        """The members of an object body with a sample of each; empty for any other body."""
        sample = media.get("example")
        for example in mapping(media.get("examples")).values():
            sample = sample or self._specification.resolved(example).get("value")
        if isinstance(sample, dict):
            return sample
        return self._samples.properties(media.get("schema"))


def _path(path: str) -> tuple[str, list[str]]:
    """`/pets/{petId}` as `/pets/{{ pathParams.petId }}`, and the names."""
    parts = _IN_BRACES.split(path)
    names: list[str] = []
    for position in range(1, len(parts), 2):
        name = re.sub(r"[^A-Za-z0-9_]", "_", parts[position])[:200]
        name = f"_{name}" if name[0].isdigit() else name
        if name not in names:
            names.append(name)
        parts[position] = f"{{{{ pathParams.{name} }}}}"
    written = (part if index % 2 else _encoded(part) for index, part in enumerate(parts))
    return "".join(written), names


def _encoded(path: str) -> str:
    return quote(path, safe="/%:@!$&'()*+,;=~")


def _permalink_words(operation: Operation) -> str:
    return _CAMEL.sub("-", operation.operation_id or f"{operation.method} {operation.path}")


def _is_json(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return kind == JSON or kind.endswith("+json")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    return json.dumps(value) if isinstance(value, dict) else str(value)


READ_BODY = "{% set body = (body_text or '{}') | from_json %}\n"


def _json_body(members: Mapping[str, Any]) -> str:
    """Each member from the caller's body, with the sample where it sends none."""
    lines = [
        f"  {literal(json.dumps(name, ensure_ascii=False))}: "
        f"{{{{ body[{_expression(name)}] | default({_expression(value)}) | tojson }}}}"
        for name, value in members.items()
    ]
    return READ_BODY + "{\n" + ",\n".join(lines) + "\n}"


def _form_body(members: Mapping[str, Any]) -> str:
    fields = [
        f"{quote(name, safe='')}={{{{ body[{_expression(name)}] | default({_expression(_text(value))}) }}}}"
        for name, value in members.items()
    ]
    return READ_BODY + "&".join(fields)


def _expression(value: Any) -> str:
    """A JSON value as a literal of the template language."""
    if value is None:
        return "none"
    if isinstance(value, dict):
        pairs = (f"{_expression(str(name))}: {_expression(item)}" for name, item in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_expression, value))}]"
    return json.dumps(value)
