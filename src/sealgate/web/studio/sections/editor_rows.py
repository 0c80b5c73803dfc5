"""The rows of an exchange in the editor's form: headers, query and path parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sealgate.web.studio.forms import Form
from sealgate.web.studio.sections.editor_members import as_line, members_of, put, text_of

ROWS: Mapping[str, tuple[str, ...]] = {
    "path_parameters": ("key",),
    "headers": ("key", "value", "overridable"),
    "query_parameters": ("key", "value", "overridable"),
}


def shown_rows(value: Any, path: str) -> Iterator[dict[str, str]]:
    for item in value if isinstance(value, list) else ():
        members = members_of(item)
        row = {name: as_line(text_of(members.get(name))) for name in ROWS[path] if name != "overridable"}
        if "overridable" in ROWS[path] and members.get("overridable"):
            row["overridable"] = "true"
        yield row


def put_rows(document: dict[str, Any], path: str, form: Form) -> None:
    """Rows as posted, each over the row of the base that it was made from."""
    base = document.get(path)
    before = base if isinstance(base, list) else []
    posted = form.indexed_rows(path)
    shown = [(str(index), row) for index, row in enumerate(shown_rows(base, path)) if any(row.values())]
    if posted == shown:
        return
    rows = [
        _row(row, before[int(index)] if index.isdecimal() and int(index) < len(before) else {}, path)
        for index, row in posted
    ]
    if rows:
        document[path] = rows
    else:
        document.pop(path, None)


def _row(posted: Mapping[str, str], base: Any, path: str) -> dict[str, Any]:
    row = dict(members_of(base))
    for column in ROWS[path]:
        if column == "overridable":
            if (column in posted) != bool(row.get(column)):
                row[column] = column in posted
        elif column == "key":
            if posted.get(column, "") != as_line(text_of(row.get(column))):
                row[column] = posted.get(column, "")
        else:
            put(row, column, posted.get(column, ""), as_line(text_of(row.get(column))))
    row.setdefault("key", "")
    return row
