"""What a form sent (`application/x-www-form-urlencoded`; files are read into fields by the page's script)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from sealgate.errors import RequestInvalid
from sealgate.web.body import Incoming
from sealgate.web.headers import decode

URLENCODED = "application/x-www-form-urlencoded"
MOST_FIELDS = 10_000


class Form(Mapping[str, str]):
    """The fields in their order. `form["name"]` is the last value of that name."""

    def __init__(self, pairs: tuple[tuple[str, str], ...] = ()) -> None:
        self.pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        """The value, or the default, with the line ends that people mean: browsers send CR LF."""
        return self._last.get(name, default).replace("\r\n", "\n")

    def all(self, name: str) -> list[str]:
        """Every value of a name, such as of checkboxes."""
        return [value for key, value in self.pairs if key == name]

    def under(self, name: str) -> Form:
        """The fields `name.…`, by the rest of their names."""
        prefix = f"{name}."
        return Form(tuple((key[len(prefix) :], value) for key, value in self.pairs if key.startswith(prefix)))

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of `forms.rows(name)`: fields `name.<index>.<column>`, grouped by index, in the order in
        which they stand on the page. Rows in which nothing is written are left out."""
        return [row for _, row in self.indexed_rows(name)]

    def indexed_rows(self, name: str) -> list[tuple[str, dict[str, str]]]:
        """The same rows, each with its index."""
        rows: dict[str, dict[str, str]] = {}
        for key, value in self.pairs:
            prefix, _, rest = key.partition(f"{name}.")
            index, dot, column = rest.partition(".")
            if not prefix and dot:
                rows.setdefault(index, {})[column] = value.replace("\r\n", "\n")
        return [(index, row) for index, row in rows.items() if any(row.values())]


async def read_form(request: Request) -> Form:
    """The form of a request; empty when it has none. Raises PayloadTooLarge, RequestInvalid."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != URLENCODED:
        return Form()
    limit = request.app.state.engine.settings.max_request_body
    body = await Incoming(request.receive, decode(request.scope["headers"]), limit).open() or b""
    content = body if isinstance(body, bytes) else b"".join([part async for part in body])
    try:
        pairs = parse_qsl(
            content.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise RequestInvalid("the form is not UTF-8, or has too many fields") from None
    return Form(tuple(pairs))
