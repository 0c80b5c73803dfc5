"""Read an OpenAPI document (OpenAPI Specification 3.1.0): its operations, and what they refer to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from sealgate.errors import DocumentInvalid
from sealgate.findings import Finding
from sealgate.model.document import parse_json

MOST_BYTES = 5 * 1024 * 1024
MOST_HOPS = 20
"""`$ref`s that lead to one another."""
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_IN_BRACES = re.compile(r"\{([^{}]+)\}")
_VERSION = re.compile(r"3\.[01](\.\d+)?(-.*)?")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `key` names it: its operationId where that is unique, else `GET /path`."""

    key: str
    method: str
    path: str
    summary: str
    tags: tuple[str, ...]
    operation_id: str | None
    deprecated: bool
    members: Mapping[str, Any] = field(repr=False)
    item: Mapping[str, Any] = field(repr=False)
    """The path item that it stands in: its parameters and servers are the operation's, too."""

    def as_json(self) -> dict[str, Any]:
        return {
            "operation": self.key,
            "method": self.method,
            "path": self.path,
            "operation_id": self.operation_id,
            "summary": self.summary,
            "tags": list(self.tags),
            "deprecated": self.deprecated,
        }


class Specification:
    """A parsed document. References lead inside of it only; `outside` collects those that do not."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.outside: set[str] = set()

    @property
    def title(self) -> str:
        info = mapping(self.root.get("info"))
        return str(info.get("title") or "API")[:80]

    def servers(self) -> tuple[str, ...]:
        """The URLs of the document's servers, variables by their defaults."""
        return tuple(filled(mapping(server)) for server in sequence(self.root.get("servers")))

    def resolved(self, node: Any) -> Mapping[str, Any]:
        """The object, or the one that its `$ref` leads to; empty when there is none."""
        return self.followed(node)[0]

    def followed(self, node: Any) -> tuple[Mapping[str, Any], str | None]:
        """The same, and the last reference that was followed."""
        last = None
        for _ in range(MOST_HOPS):
            reference = mapping(node).get("$ref")
            if not isinstance(reference, str):
                return mapping(node), last
            if not reference.startswith("#"):
                self.outside.add(reference[:200])
                return {}, last
            node, last = self._at(reference), reference
        return {}, last

    def _at(self, reference: str) -> Any:
        """JSON Pointer (RFC 6901) in a fragment."""
        node: Any = self.root
        for part in reference.lstrip("#").split("/")[1:]:
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and name.isdecimal() and int(name) < len(node):
                node = node[int(name)]
            elif isinstance(node, Mapping):
                node = node.get(name)
            else:
                return None
        return node

    def operations(self) -> list[Operation]:
        """All operations, in the document's order."""
        found = list(self._operations())
        ids = Counter(operation.operation_id for operation in found)
        return [
            operation
            if operation.operation_id is None or ids[operation.operation_id] > 1
            else _keyed(operation, operation.operation_id)
            for operation in found
        ]

    def _operations(self) -> Iterator[Operation]:
        for path, node in mapping(self.root.get("paths")).items():
            item = self.resolved(node)
            for method in METHODS:
                members = item.get(method)
                if not isinstance(members, Mapping) or not path.startswith("/"):
                    continue
                identifier = members.get("operationId")
                yield Operation(
                    key=f"{method.upper()} {path}",
                    method=method.upper(),
                    path=path,
                    summary=str(members.get("summary") or "")[:300],
                    tags=tuple(str(tag) for tag in sequence(members.get("tags"))),
                    operation_id=identifier if isinstance(identifier, str) and identifier else None,
                    deprecated=members.get("deprecated") is True,
                    members=members,
                    item=item,
                )


def read_specification(document: Any) -> Specification:
    """From JSON text, or from what was parsed of it. Raises DocumentInvalid."""
    if isinstance(document, (str, bytes)):
        document = _parsed(document)
    if not isinstance(document, Mapping):
        raise _refused("an OpenAPI document is a JSON object")
    if "swagger" in document:
        raise _refused(
            "this is Swagger 2.0, and OpenAPI 3.0 or 3.1 is read",
            hint="convert it first: `npx swagger2openapi old.json -o new.json`, or in the Swagger editor "
            "by Edit, Convert to OpenAPI 3",
        )
    version = document.get("openapi")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise _refused("`openapi` must be 3.0 or 3.1, such as 3.1.0", path="document.openapi")
    specification = Specification(document)
    if not specification.operations():
        raise _refused("the document has no operation under `paths`", path="document.paths")
    return specification


def _parsed(text: str | bytes) -> Any:
    size = len(text if isinstance(text, bytes) else text.encode(errors="replace"))
    if size > MOST_BYTES:
        raise _refused(f"at most {MOST_BYTES:,} bytes are read; this has {size:,}")
    start = text.lstrip()[:1]
    if start and start not in ("{", b"{", "\ufeff", b"\xef"):
        raise _refused(
            "this is no JSON object", hint="convert YAML first: `yq -o json openapi.yaml > openapi.json`"
        )
    return parse_json(text)


def mapping(value: Any) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def filled(server: Mapping[str, Any]) -> str:
    """A server's URL with the defaults of its variables."""
    variables = mapping(server.get("variables"))

    def default(match: re.Match[str]) -> str:
        return str(mapping(variables.get(match[1])).get("default", match[1]))

    return _IN_BRACES.sub(default, str(server.get("url", "")))


def _keyed(operation: Operation, key: str) -> Operation:
    return replace(operation, key=key)


def _refused(message: str, path: str = "document", hint: str | None = None) -> DocumentInvalid:
    return DocumentInvalid(message, fields=[Finding(path, message, hint=hint)])
